//! Isolated tests against those of cargo-nextest, which starts a process for each test and keeps no
//! results.

use std::fs;

use crate::bench::Bench;
use crate::process;
use crate::rounds::alternate;
use crate::row::{Bar, LeftOut, Line, Unit};
use crate::rows::isolated::Pair;
use crate::workshop::Package;

const BAR: Bar = Bar::Ratio(0.2);

/// What nextest leaves out where it only runs.
const QUIET: [&str; 7] = [
    "-j1",
    "--no-fail-fast",
    "--hide-progress-bar",
    "--status-level=none",
    "--final-status-level=none",
    "--success-output=never",
    "--failure-output=final",
];

pub(super) fn libtest(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let line = line(bench, Package::libtest, "nextest, libtest", BAR)?;
    Ok(vec![line.note(
        "cargo nextest run -j1 of as many empty tests, built before (--binaries-metadata), which leaves \
         no results; both with all that is around the tests.",
    )])
}

pub(super) fn mimic(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let line = line(bench, Package::mimic, "nextest, mimic", Bar::None)?;
    Ok(vec![line])
}

fn line(
    bench: &Bench,
    peer: fn(usize) -> Package,
    against: &str,
    bar: Bar,
) -> Result<Line, LeftOut> {
    let pair = Pair::in_memory(bench, "thousand")?;
    let each = pair.runs as f64;
    let package = peer(pair.runs);
    bench.workshop.test_binary(&package)?;
    let (dir, metadata) = (package.write(bench.workshop.dir())?, bench.tmpfs()?);
    let (of_cargo, of_binaries) = (
        metadata.path().join("cargo"),
        metadata.path().join("binaries"),
    );
    let cargo = |args: &[&str]| bench.workshop.cargo(&dir, args);
    fs::write(
        &of_cargo,
        process::output(&mut cargo(&["metadata", "--format-version=1"]))?,
    )?;
    let mut list = cargo(&[
        "nextest",
        "list",
        "--list-type=binaries-only",
        "--message-format=json",
    ]);
    bench.workshop.as_test_binaries(&mut list);
    fs::write(&of_binaries, process::output(list.arg("--release"))?)?;
    let pairs = alternate(
        bench.rounds(),
        || Ok(pair.place.run(&mut pair.ours(pair.runs))?.wall_s / each),
        || {
            let mut nextest = cargo(&["nextest", "run"]);
            nextest.arg("--cargo-metadata").arg(&of_cargo);
            nextest.arg("--binaries-metadata").arg(&of_binaries);
            Ok(process::measure(nextest.args(QUIET))?.wall_s / each)
        },
    )?;
    Ok(pairs.line("isolated test", against, Unit::Seconds, bar))
}

//! How long a binary takes to say what it has, and a tool to read that from the file.

use std::path::Path;

use crate::bench::Bench;
use crate::process;
use crate::rounds::alternate;
use crate::row::{Bar, LeftOut, Line, Unit};
use crate::workshop::{Linked, Package};

const BAR: Bar = Bar::Ratio(0.5);

/// A person does not notice it.
const FROM_FILE_S: Bar = Bar::AtMost(0.05);

/// A list takes milliseconds; so many make one round.
const LISTS: usize = 10;

pub(super) fn list(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let ours = bench.workshop.suite(Linked::Statically, "ten-thousand")?;
    let peer = Package::libtest(10_000);
    let peer = bench.workshop.test_binary(&peer)?;
    let line = |work, args: &[&str], against, peer_args: &[&str], bar| {
        let pairs = alternate(
            bench.rounds(),
            || seconds(&ours, args),
            || seconds(&peer, peer_args),
        )?;
        Ok::<_, LeftOut>(pairs.line(work, against, Unit::Seconds, bar))
    };
    let json = ["--list", "--format", "json"];
    let terse = ["--list", "--format", "terse"];
    Ok(vec![
        line("--list of 10,000", &["--list"], "libtest", &["--list"], BAR)?,
        line(
            "--list --format json of 10,000",
            &json,
            "libtest, terse",
            &terse,
            Bar::None,
        )?,
        from_file(bench, &ours)?,
    ])
}

/// The same list by a tool that does not run the binary.
fn from_file(bench: &Bench, binary: &Path) -> Result<Line, LeftOut> {
    let tool = bench.workshop.host_tool()?;
    let path = binary.display().to_string();
    let pairs = alternate(
        bench.rounds(),
        || seconds(&tool, &["list", &path]),
        || seconds(binary, &["--list"]),
    )?;
    let work = "cargo autotest list of 10,000, from the file";
    Ok(pairs.line(work, "the binary itself", Unit::Seconds, FROM_FILE_S))
}

fn seconds(binary: &Path, args: &[&str]) -> Result<f64, LeftOut> {
    let mut seconds = 0.0;
    for _ in 0..LISTS {
        seconds += process::measure(process::bare(binary).args(args))?.wall_s;
    }
    Ok(seconds / LISTS as f64)
}

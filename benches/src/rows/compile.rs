//! What tests cost the compiler: `cargo test --no-run` in the dev profile, with warm dependencies.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::bench::Bench;
use crate::generate::{Body, Framework, tests};
use crate::process::{self, Used};
use crate::rounds::alternate_each;
use crate::row::{Bar, LeftOut, Line, Unit};
use crate::workshop::Package;

const TESTS: usize = 1000;

/// A crate whose tests are written again and again.
struct Crate<'a> {
    bench: &'a Bench,
    framework: Framework,
    dir: PathBuf,
}

pub(super) fn suites(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let frameworks = (Framework::Suites, Framework::Libtest);
    let bars = [Bar::Ratio(1.0), Bar::Ratio(1.25)];
    let [added, edited] = lines(bench, frameworks, ["in suites", "libtest"], bars)?;
    let added = added.note(
        "cargo test --no-run, dev profile, incremental, dependencies built; from a file without tests to \
         one with 10 modules of 100, then with another body of one test.",
    );
    Ok(vec![added, edited])
}

pub(super) fn lone(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let frameworks = (Framework::Lone, Framework::Libtest);
    let bars = [Bar::Ratio(2.0), Bar::Ratio(2.0)];
    Ok(lines(bench, frameworks, ["lone", "libtest"], bars)?.into())
}

pub(super) fn against_rstest(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let frameworks = (Framework::Suites, Framework::Rstest);
    let bars = [Bar::None, Bar::None];
    Ok(lines(bench, frameworks, ["in suites", "rstest"], bars)?.into())
}

fn lines(
    bench: &Bench,
    (ours, peer): (Framework, Framework),
    [name, against]: [&str; 2],
    bars: [Bar; 2],
) -> Result<[Line; 2], LeftOut> {
    let (ours, peer) = (Crate::new(bench, ours)?, Crate::new(bench, peer)?);
    let [added, edited, added_cpu, edited_cpu] =
        alternate_each(bench.rounds(), || ours.rebuilds(), || peer.rebuilds())?;
    let added_work = format!("compile: add 1,000 {name}");
    let edited_work = format!("compile: edit 1 of 1,000 {name}");
    Ok([
        added
            .line(&added_work, against, Unit::Seconds, bars[0])
            .note(added_cpu.of_processor_time()),
        edited
            .line(&edited_work, against, Unit::Seconds, bars[1])
            .note(edited_cpu.of_processor_time()),
    ])
}

impl Crate<'_> {
    fn new(bench: &Bench, framework: Framework) -> Result<Crate<'_>, LeftOut> {
        let package = Package::to_edit(framework, bench.workshop.root());
        let dir = package.write(bench.workshop.dir())?;
        Ok(Crate {
            bench,
            framework,
            dir,
        })
    }

    /// Seconds that it takes to build what was added, and what was edited then; then those of all processors.
    fn rebuilds(&self) -> Result<[f64; 4], LeftOut> {
        self.build(0, Body::Sum)?;
        let added = self.build(TESTS, Body::Sum)?;
        let edited = self.build(TESTS, Body::EditedSum)?;
        Ok([added.wall_s, edited.wall_s, added.cpu_s, edited.cpu_s])
    }

    fn build(&self, count: usize, body: Body) -> Result<Used, LeftOut> {
        fs::write(self.dir.join("it.rs"), tests(self.framework, count, body))?;
        process::measure(&mut self.cargo())
    }

    fn cargo(&self) -> Command {
        let args = ["test", "--no-run", "--test", "it"];
        let mut cargo = self.bench.workshop.cargo(&self.dir, &args);
        cargo
            .arg("--target-dir")
            .arg(self.bench.workshop.dir().join("edited"));
        cargo
    }
}

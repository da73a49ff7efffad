//! A test in a process of its own, with its complete results tree, against a loop that leaves the same.

use std::path::PathBuf;
use std::process::Command;

use crate::bench::Bench;
use crate::job::{self, Place, Sync};
use crate::journal;
use crate::names;
use crate::process;
use crate::rounds::{alternate, alternate_each};
use crate::row::{Bar, LeftOut, Line, Unit};
use crate::strace;
use crate::workshop::Linked;

/// The most that an isolated test may cost, as a multiple of the floor.
const BAR: Bar = Bar::Ratio(1.6);

/// So many tests are run for what is counted and not timed; what the first module costs is taken off
/// what three cost, so that the process's begin and end do not count.
const FEW: usize = names::TESTS_A_MODULE;
const MORE: usize = 3 * names::TESTS_A_MODULE;

/// What the names of all modules have, and nothing else has.
pub(super) const EACH_MODULE: &str = "m0";

/// By how much the sizes of both trees may differ: times and process ids have more digits in one.
const TOLERANCE: f64 = 0.01;

const FLOOR: &str = "The floor makes the same directories, a process that ends, and files with the \
    same bytes, each by one open, write and close; two logs grow by one write a test. Its tree has the \
    paths of ours, and as many bytes but for the digits of times and process ids (within 1 %).";

/// A suite, its floor, and where both leave their results.
pub(super) struct Pair {
    suite: PathBuf,
    floor: PathBuf,
    pub(super) place: Place,
    sync: Sync,
    pub(super) runs: usize,
}

pub(super) fn in_memory(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let pair = Pair::in_memory(bench, "thousand")?;
    let line = pair.line(bench.rounds(), "isolated test", BAR)?;
    let line = line.note(FLOOR).note(match pair.counts() {
        Ok(counts) => counts,
        Err(LeftOut(reason)) => format!("system calls and page faults are not counted: {reason}"),
    });
    Ok(vec![line])
}

pub(super) fn dynamic(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let pair = Pair {
        suite: bench.workshop.suite(Linked::Dynamically, "thousand")?,
        floor: bench.workshop.suite(Linked::Dynamically, "floor")?,
        place: Place::new(bench.tmpfs()?)?,
        sync: Sync::None,
        runs: 1000,
    };
    let work = "isolated, linked dynamically";
    Ok(vec![pair.line(bench.rounds(), work, Bar::None)?])
}

pub(super) fn chatty(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let pair = Pair::in_memory(bench, "chatty")?;
    let work = "isolated, 3 keyvals, 5 perf values";
    Ok(vec![pair.line(bench.rounds(), work, Bar::None)?])
}

pub(super) fn two_threads(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let line = |suite, work| {
        let pair = Pair::in_memory(bench, suite)?;
        let each = pair.runs as f64;
        let pairs = alternate(
            bench.rounds(),
            || {
                let mut two = pair.ours(pair.runs);
                two.args(["--test-threads", "2"]);
                Ok(pair.place.run(&mut two)?.wall_s / each)
            },
            || Ok(pair.place.run(&mut pair.ours(pair.runs))?.wall_s / each / 2.0),
        )?;
        Ok::<_, LeftOut>(pairs.line(work, "half of one", Unit::Seconds, Bar::None))
    };
    Ok(vec![
        line("thousand", "isolated, --test-threads 2")?,
        line("chatty", "the same, 3 keyvals, 5 perf values")?,
    ])
}

pub(super) fn on_disk(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let line = |sync, runs, work| {
        let pair = Pair {
            suite: bench.workshop.suite(Linked::Statically, "thousand")?,
            floor: bench.workshop.suite(Linked::Statically, "floor")?,
            place: Place::new(bench.disk()?)?,
            sync,
            runs,
        };
        pair.line(bench.rounds(), work, Bar::None)
    };
    let synced = line(Sync::Test, FEW, "isolated, on disk, --sync test")?;
    Ok(vec![
        line(Sync::None, 1000, "isolated, on disk")?,
        synced.note(
            "The floor writes the start of a test before it forks, and both have the journal on the \
             disk (fdatasync) then and at the test's end. 100 tests a round.",
        ),
    ])
}

pub(super) fn last_of_ten_thousand(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    const RUNS: usize = 10_000;
    const LAST: usize = 1_000;
    let pair = Pair {
        suite: bench.workshop.suite(Linked::Statically, "ten-thousand")?,
        floor: bench.workshop.suite(Linked::Statically, "floor")?,
        place: Place::new(bench.tmpfs()?)?,
        sync: Sync::None,
        runs: RUNS,
    };
    pair.make_template()?;
    let pairs = alternate(
        bench.rounds().min(5),
        || {
            pair.place.run(&mut pair.ours(RUNS))?;
            let jobdir = pair.place.jobdir();
            Ok(journal::seconds_between_ends(&jobdir, RUNS - LAST, RUNS)? / LAST as f64)
        },
        || {
            pair.place.clear()?;
            let printed = process::output(&mut pair.floor(RUNS, LAST))?;
            let seconds: Result<f64, _> = printed.trim().parse();
            let seconds = seconds.map_err(|error| LeftOut::because("the floor's time", error))?;
            Ok(seconds / LAST as f64)
        },
    )?;
    let line = pairs.line("isolated, 9,001st to 10,000th", "floor", Unit::Seconds, BAR);
    Ok(vec![line.note(
        "By the times of the journal, from the end of run 9,000 to that of run 10,000; the floor reads \
         the clock at its 9,001st and at its end.",
    )])
}

impl Pair {
    /// A suite of 1,000 tests, static, in memory.
    pub(super) fn in_memory(bench: &Bench, suite: &str) -> Result<Pair, LeftOut> {
        Ok(Pair {
            suite: bench.workshop.suite(Linked::Statically, suite)?,
            floor: bench.workshop.suite(Linked::Statically, "floor")?,
            place: Place::new(bench.tmpfs()?)?,
            sync: Sync::None,
            runs: 1000,
        })
    }

    /// Times whole processes of both, the number of tests in each being the same.
    pub(super) fn line(&self, rounds: usize, work: &str, bar: Bar) -> Result<Line, LeftOut> {
        self.make_template()?;
        let each = self.runs as f64;
        let of_one = |mut command| {
            let used = self.place.run(&mut command)?;
            Ok([used.wall_s / each, used.cpu_s / each])
        };
        let [wall, cpu] = alternate_each(
            rounds,
            || of_one(self.ours(self.runs)),
            || of_one(self.floor(self.runs, 0)),
        )?;
        let line = wall.line(work, "floor", Unit::Seconds, bar);
        Ok(line.note(cpu.of_processor_time()))
    }

    /// Runs the suite once for the floor to read, and sees to it that what the floor leaves is the
    /// same.
    fn make_template(&self) -> Result<(), LeftOut> {
        self.place.run(&mut self.ours(self.runs))?;
        self.place.keep()?;
        self.place.run(&mut self.floor(self.runs, 0))?;
        let (paths, bytes) = job::tree(&self.place.kept())?;
        let (floor_paths, floor_bytes) = job::tree(&self.place.jobdir())?;
        if paths != floor_paths {
            let (ours, floor) = (paths.len(), floor_paths.len());
            let reason = format!("the floor's tree has other paths ({floor}, not {ours})");
            return Err(LeftOut(reason));
        }
        if (bytes as f64 - floor_bytes as f64).abs() > TOLERANCE * bytes as f64 {
            let reason = format!("the floor's tree has {floor_bytes} bytes, not {bytes}");
            return Err(LeftOut(reason));
        }
        Ok(())
    }

    pub(super) fn ours(&self, runs: usize) -> Command {
        let modules = (0..runs).step_by(names::TESTS_A_MODULE).map(names::module);
        let modules: Vec<_> = match runs <= MORE {
            true => modules.collect(),
            false => vec![EACH_MODULE.to_owned()],
        };
        let filters: Vec<_> = modules.iter().map(String::as_str).collect();
        self.place.job(&self.suite, self.sync, &filters)
    }

    fn floor(&self, runs: usize, last: usize) -> Command {
        self.place.floor(&self.floor, self.sync, runs, last)
    }

    /// System calls and page faults of one test, of ours and of the floor.
    fn counts(&self) -> Result<String, LeftOut> {
        let faults = |mut command| Ok(self.place.run(&mut command)?.faults);
        let calls = |command| {
            self.place.clear()?;
            strace::count(&command)
        };
        Ok(format!(
            "Of one test, ours and the floor's: {:.1} and {:.1} system calls, {:.1} and {:.1} page \
             faults (what 300 tests have more than 100, divided by 200).",
            of_one_test(|runs| calls(self.ours(runs)))?,
            of_one_test(|runs| calls(self.floor(runs, 0)))?,
            of_one_test(|runs| faults(self.ours(runs)))?,
            of_one_test(|runs| faults(self.floor(runs, 0)))?,
        ))
    }
}

/// What one test adds to what a job has.
fn of_one_test(count: impl Fn(usize) -> Result<f64, LeftOut>) -> Result<f64, LeftOut> {
    Ok((count(MORE)? - count(FEW)?) / (MORE - FEW) as f64)
}

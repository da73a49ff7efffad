//! A test in a process of its own, with its complete results tree, against a loop that leaves the same.

use std::path::PathBuf;
use std::process::Command;

use crate::bench::Bench;
use crate::job::{self, Place, Sync};
use crate::journal;
use crate::names;
use crate::process::{self, Used};
use crate::rounds::{alternate, alternate_each};
use crate::row::{Bar, LeftOut, Line, Unit};
use crate::strace;
use crate::workshop::Linked;

/// The most that an isolated test may cost, as a multiple of the floor.
const BAR: Bar = Bar::Ratio(1.6);
const TWO_THREADS_BAR: Bar = Bar::Ratio(1.3);

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

const TIMES: &str = "By the times of the journal, from the end of run 100 to that of run 1,000; the floor reads the \
    clock at its 101st and at its end. Alike in the rows of isolated tests below, but where they are held against \
    nextest.";

/// A suite, its floor, and where both leave their results.
pub(super) struct Pair {
    suite: PathBuf,
    floor: PathBuf,
    pub(super) place: Place,
    sync: Sync,
    pub(super) runs: usize,
    /// So many of them are timed, which are the last.
    last: usize,
}

pub(super) fn in_memory(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let pair = Pair::in_memory(bench, "thousand")?;
    let line = pair.line(bench.rounds(), "isolated test", BAR)?;
    let line = line.note(FLOOR).note(TIMES).note(match pair.counts() {
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
        last: 1000 - FEW,
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
        let pairs = alternate(
            bench.rounds(),
            || Ok(pair.each_of_ours(&["--test-threads", "2"])?.wall_s),
            || Ok(pair.each_of_ours(&[])?.wall_s / 2.0),
        )?;
        Ok::<_, LeftOut>(pairs.line(work, "half of one", Unit::Seconds, TWO_THREADS_BAR))
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
            last: runs - FEW,
        };
        pair.line(bench.rounds(), work, Bar::None)
    };
    let synced = line(Sync::Test, MORE, "isolated, on disk, --sync test")?;
    Ok(vec![
        line(Sync::None, 1000, "isolated, on disk")?,
        synced.note(
            "The floor writes the start of a test before it forks, and both have the journal on the \
             disk (fdatasync) then and at the test's end. 300 tests a round.",
        ),
    ])
}

pub(super) fn last_of_ten_thousand(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    const LAST: usize = 1_000;
    let pair = Pair {
        suite: bench.workshop.suite(Linked::Statically, "ten-thousand")?,
        floor: bench.workshop.suite(Linked::Statically, "floor")?,
        place: Place::new(bench.tmpfs()?)?,
        sync: Sync::None,
        runs: 10_000,
        last: LAST,
    };
    let work = "isolated, 9,001st to 10,000th";
    Ok(vec![pair.line(bench.rounds().min(5), work, BAR)?])
}

/// What one test takes.
struct Each {
    /// Of the last tests.
    wall_s: f64,
    /// Of the whole process, divided by all tests.
    cpu_s: f64,
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
            last: 1000 - FEW,
        })
    }

    /// Times the last tests of both.
    pub(super) fn line(&self, rounds: usize, work: &str, bar: Bar) -> Result<Line, LeftOut> {
        self.make_template()?;
        let figures = |each: Each| [each.wall_s, each.cpu_s];
        let [wall, cpu] = alternate_each(
            rounds,
            || self.each_of_ours(&[]).map(figures),
            || self.each_of_floor().map(figures),
        )?;
        let line = wall.line(work, "floor", Unit::Seconds, bar);
        Ok(line.note(cpu.of_processor_time()))
    }

    fn each_of_ours(&self, args: &[&str]) -> Result<Each, LeftOut> {
        let used = self.place.run(self.ours(self.runs).args(args))?;
        let (jobdir, before) = (self.place.jobdir(), self.runs - self.last);
        let seconds = journal::seconds_between_ends(&jobdir, before, self.runs)?;
        Ok(self.each(seconds, &used))
    }

    fn each_of_floor(&self) -> Result<Each, LeftOut> {
        self.place.clear()?;
        let (printed, used) = process::measured_output(&mut self.floor(self.runs, self.last))?;
        let seconds: Result<f64, _> = printed.trim().parse();
        let seconds = seconds.map_err(|error| LeftOut::because("the floor's time", error))?;
        Ok(self.each(seconds, &used))
    }

    fn each(&self, seconds_of_last: f64, used: &Used) -> Each {
        Each {
            wall_s: seconds_of_last / self.last as f64,
            cpu_s: used.cpu_s / self.runs as f64,
        }
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

//! What the loop of iterations adds to a test.

use crate::bench::Bench;
use crate::job::{self, Place, Sync};
use crate::process::{self, Used};
use crate::rounds::{Pairs, alternate};
use crate::row::{Bar, LeftOut, Line, Unit};
use crate::workshop::{Linked, Package};

const COUNTED_BAR: Bar = Bar::Ratio(2.0);
const TIMED_BAR: Bar = Bar::Ratio(1.5);

/// What the second number takes longer than the first is the cost of the iterations alone.
const FEW: u64 = 1_000_000;
const MORE: u64 = 51_000_000;

/// For so many seconds the timed loops run.
const SECONDS: u32 = 1;

pub(super) fn counted(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let floor = bench.workshop.suite(Linked::Statically, "floor")?;
    let call = || {
        of_one(|count| process::measure(process::bare(&floor).arg("calls").arg(count.to_string())))
    };
    let pairs = against(bench, call)?;
    let line = pairs.line("counted iteration", "call", Unit::Seconds, COUNTED_BAR);
    Ok(vec![line.note(
        "What 51,000,000 iterations take longer than 1,000,000, in place; the call is one by a pointer \
         inside of catch_unwind, counted in the same way.",
    )])
}

/// Divan's loop, counted in the same way: one sample of so many iterations.
pub(super) fn divan(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let divan = bench.workshop.test_binary(&Package::divan())?;
    let peer = || {
        of_one(|count| {
            let mut command = process::bare(&divan);
            command.args(["--bench", "--sample-count", "1", "--sample-size"]);
            process::measure(command.arg(count.to_string()))
        })
    };
    let pairs = against(bench, peer)?;
    let line = pairs.line("counted iteration", "divan", Unit::Seconds, Bar::None);
    Ok(vec![line.note(
        "One sample of an empty benchmark, its --sample-size 51,000,000 and 1,000,000.",
    )])
}

fn against(bench: &Bench, peer: impl FnMut() -> Result<f64, LeftOut>) -> Result<Pairs, LeftOut> {
    let place = Place::new(bench.tmpfs()?)?;
    let suite = bench.workshop.suite(Linked::Statically, "measured")?;
    let ours = || {
        of_one(|count| {
            let count = count.to_string();
            let args = [
                "--exact",
                "Empty",
                "--isolation",
                "none",
                "--iterations",
                &count,
            ];
            place.run(&mut place.job(&suite, Sync::None, &args))
        })
    };
    alternate(bench.rounds(), ours, peer)
}

fn of_one(run: impl Fn(u64) -> Result<Used, LeftOut>) -> Result<f64, LeftOut> {
    Ok((run(MORE)?.wall_s - run(FEW)?.wall_s) / (MORE - FEW) as f64)
}

pub(super) fn timed(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let floor = bench.workshop.suite(Linked::Statically, "floor")?;
    let suite = bench.workshop.suite(Linked::Statically, "measured")?;
    let place = Place::new(bench.tmpfs()?)?;
    let seconds = SECONDS.to_string();
    let pairs = alternate(
        bench.rounds(),
        || {
            let args = [
                "--exact",
                "Counting",
                "--isolation",
                "none",
                "--test-length",
                &seconds,
            ];
            place.run(&mut place.job(&suite, Sync::None, &args))?;
            let iterations = job::keyval(&place.jobdir(), "Counting", "iterations")?;
            Ok(f64::from(SECONDS) / iterations)
        },
        || {
            let printed = process::output(process::bare(&floor).args(["clock", &seconds]))?;
            let reads: Result<f64, _> = printed.trim().parse();
            let reads = reads.map_err(|error| LeftOut::because("the floor's count", error))?;
            Ok(f64::from(SECONDS) / reads)
        },
    )?;
    let line = pairs.line("timed iteration", "clock read", Unit::Seconds, TIMED_BAR);
    Ok(vec![line.note(
        "--test-length 1, in place: the second divided by the iterations that the test counted; against \
         it a loop of Instant::now for a second.",
    )])
}

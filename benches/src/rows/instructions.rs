//! What is executed, counted and not timed.

use std::path::PathBuf;

use crate::bench::Bench;
use crate::callgrind;
use crate::job::{Place, Sync};
use crate::process;
use crate::row::{Compared, Figure, LeftOut, Line, Spread, Unit};
use crate::workshop::Linked;

/// Tests that run in the process that is watched.
struct InPlace {
    suite: PathBuf,
    place: Place,
}

pub(super) fn instructions(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let floor = bench.workshop.suite(Linked::Statically, "floor")?;
    let tests = InPlace {
        suite: bench.workshop.suite(Linked::Statically, "measured")?,
        place: Place::new(bench.tmpfs()?)?,
    };
    let iteration = of_one(10_000, |count| {
        tests.run(&["Empty", "--iterations", &count])
    })?;
    let call = of_one(10_000, |count| {
        callgrind::instructions(process::bare(&floor).args(["calls", &count]))
    })?;
    let event = of_one(1_000, |count| {
        tests.run(&["keyvals", "--param", &format!("count={count}")])
    })?;
    let iteration = Line {
        compared: Compared::Ratio(Spread::exactly(iteration.value / call.value)),
        against: Some(("call".into(), call)),
        ..Line::reported("instructions: counted iteration", iteration)
    };
    let event = Line::reported("instructions: a keyval's way", event);
    Ok(vec![
        iteration
            .note("By callgrind: what three times as many take more, divided by how many more."),
        event.note("From the test to the journal and all reports, in place."),
    ])
}

impl InPlace {
    fn run(&self, args: &[&str]) -> Result<f64, LeftOut> {
        let args = [&["--isolation", "none", "--exact"], args].concat();
        self.place.clear()?;
        callgrind::instructions(&self.place.job(&self.suite, Sync::None, &args))
    }
}

/// What one of them takes: the difference of two numbers of them, so that the rest does not count.
fn of_one(few: u32, count: impl Fn(String) -> Result<f64, LeftOut>) -> Result<Figure, LeftOut> {
    let more = 3 * few;
    let instructions = count(more.to_string())? - count(few.to_string())?;
    Ok(Unit::Instructions.of(instructions / f64::from(more - few)))
}

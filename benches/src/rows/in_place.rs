//! Tests that run in the supervisor's own process.

use crate::bench::Bench;
use crate::job::{Place, Sync};
use crate::rounds::spread;
use crate::row::{LeftOut, Line, Unit};
use crate::rows::isolated::EACH_MODULE;
use crate::workshop::Linked;

const TESTS: f64 = 10_000.0;

pub(super) fn empty(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let suite = bench.workshop.suite(Linked::Statically, "ten-thousand")?;
    let place = Place::new(bench.tmpfs()?)?;
    let mut seconds = Vec::new();
    for _ in 0..bench.rounds() {
        let args = [EACH_MODULE, "--isolation", "none"];
        seconds.push(place.run(&mut place.job(&suite, Sync::None, &args))?.wall_s / TESTS);
    }
    let line = Line::reported(
        "in place, of 10,000",
        Unit::Seconds.of(spread(seconds).median),
    );
    let note = "With its complete results tree, in memory; the whole process divided by the tests.";
    Ok(vec![line.note(note)])
}

//! What a control function costs: each run is asked for, and answered.

use crate::bench::Bench;
use crate::job::{self, Place, Sync};
use crate::rounds::alternate;
use crate::row::{Bar, Compared, LeftOut, Line, Unit};
use crate::rows::isolated::EACH_MODULE;
use crate::rows::memory::{BAR as MEMORY_BAR, FIRST, LAST};
use crate::workshop::Linked;

const BAR: Bar = Bar::Ratio(1.3);

/// Requests the tests of all modules, between those that look at the memory.
const CONTROL: [&str; 2] = ["--control", "all"];

pub(super) fn control(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let suite = bench.workshop.suite(Linked::Statically, "ten-thousand")?;
    let place = Place::new(bench.tmpfs()?)?;
    let wall_s = |args: &[&str]| Ok(place.run(&mut place.job(&suite, Sync::None, args))?.wall_s);
    let pairs = alternate(
        bench.rounds().min(3),
        || wall_s(&CONTROL),
        || wall_s(&[FIRST, EACH_MODULE, LAST]),
    )?;
    let time = pairs.line(
        "10,000 runs of a control function",
        "command line",
        Unit::Seconds,
        BAR,
    );
    place.run(&mut place.job(&suite, Sync::None, &CONTROL))?;
    let bytes =
        |test| Ok::<_, LeftOut>(job::keyval(&place.jobdir(), test, "anonymous_kb")? * 1024.0);
    let (at_begin, ours) = (bytes(FIRST)?, bytes(LAST)?);
    let memory = Line {
        work: "the supervisor's memory after them".into(),
        ours: Unit::Bytes.of(ours),
        against: Some(("at begin".into(), Unit::Bytes.of(at_begin))),
        compared: Compared::MoreBytes(ours - at_begin),
        bar: MEMORY_BAR,
        notes: Vec::new(),
    };
    Ok(vec![
        time.note("The whole job, in memory, one run at a time."),
        memory,
    ])
}

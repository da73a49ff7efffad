//! Whether the supervisor grows with the runs that it has seen.

use crate::bench::Bench;
use crate::job::{self, Place, Sync};
use crate::row::{Bar, Compared, LeftOut, Line, Unit};
use crate::rows::isolated::EACH_MODULE;
use crate::workshop::Linked;

/// 256 kB, and not KiB.
pub(super) const BAR: Bar = Bar::MoreBytes(256_000.0);

/// What the names of ten tests have.
const TEN: &str = "t0000";

/// The tests that look at their parent's memory, before all others and behind them.
pub(super) const FIRST: &str = "aa_memory";
pub(super) const LAST: &str = "zz_memory";

pub(super) fn memory(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let suite = bench.workshop.suite(Linked::Statically, "ten-thousand")?;
    let place = Place::new(bench.tmpfs()?)?;
    let run = |filter| place.run(&mut place.job(&suite, Sync::None, &[FIRST, filter, LAST]));
    let bytes =
        |test| Ok::<_, LeftOut>(job::keyval(&place.jobdir(), test, "anonymous_kb")? * 1024.0);
    run(TEN)?;
    let after_ten = bytes(LAST)?;
    run(EACH_MODULE)?;
    let (at_begin, ours) = (bytes(FIRST)?, bytes(LAST)?);
    let line = |against: &str, other, bar| Line {
        work: "supervisor after 10,000 runs".into(),
        ours: Unit::Bytes.of(ours),
        against: Some((against.into(), Unit::Bytes.of(other))),
        compared: Compared::MoreBytes(ours - other),
        bar,
        notes: Vec::new(),
    };
    Ok(vec![
        line("at begin", at_begin, BAR).note(
            "`Anonymous` of the supervisor's smaps_rollup, read by the first and the last test of one job. \
             (Its private memory cannot be measured while a test runs: the fork shares it.)",
        ),
        line("of a job of 10", after_ten, Bar::None)
            .note("Two jobs of one binary: what the larger one's plan needs is in it before its first test."),
    ])
}

//! Whether the cost of a perf value stays the same however many there are.

use crate::bench::Bench;
use crate::job::{Place, Sync};
use crate::journal;
use crate::rounds::alternate;
use crate::row::{Bar, LeftOut, Line, Unit};
use crate::workshop::Linked;

/// Ten times as many may take so much longer.
const BAR: Bar = Bar::Ratio(12.0);

/// The short side is run as often as makes it as long as the other.
const SHORT_RUNS: u32 = 10;

pub(super) fn perf(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let suite = bench.workshop.suite(Linked::Statically, "measured")?;
    let place = Place::new(bench.tmpfs()?)?;
    let line = |metrics: u32, work| {
        let metrics = format!("metrics={metrics}");
        let of = |count: u32| {
            let count = format!("count={count}");
            let params = ["--param", &count, "--param", &metrics];
            let args = [&["--exact", "perf_values"], &params[..]].concat();
            place.run(&mut place.job(&suite, Sync::None, &args))?;
            journal::seconds_of(&place.jobdir(), 1)
        };
        let pairs = alternate(
            bench.rounds(),
            || Ok(of(100_000)? - of(0)?),
            || {
                let mut seconds = 0.0;
                for _ in 0..SHORT_RUNS {
                    seconds += of(10_000)? - of(0)?;
                }
                Ok(seconds / f64::from(SHORT_RUNS))
            },
        )?;
        Ok::<_, LeftOut>(pairs.line(work, "10,000", Unit::Seconds, BAR))
    };
    Ok(vec![
        line(1, "100,000 perf values, 1 metric")?
            .note("Isolated; the run, as the journal has it, less what one without values takes."),
        line(1_000, "100,000 perf values, 1,000 metrics")?,
    ])
}

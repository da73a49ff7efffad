//! Reports made again from a journal.

use std::path::Path;

use crate::bench::Bench;
use crate::job::{Place, Sync};
use crate::process::{self, Used};
use crate::rounds::alternate_each;
use crate::row::{Bar, Compared, LeftOut, Line, Unit};
use crate::workshop::Linked;

const MANY: u32 = 1_000_000;
const FEW: u32 = 100_000;

pub(super) fn replay(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let suite = bench.workshop.suite(Linked::Statically, "measured")?;
    let (many, few) = (journal(bench, &suite, MANY)?, journal(bench, &suite, FEW)?);
    let [rate, peak] = alternate_each(
        bench.rounds().min(5),
        || Ok(figures(MANY, &run(&suite, &many)?)),
        || Ok(figures(FEW, &run(&suite, &few)?)),
    )?;
    let rate = rate.line(
        "--replay of 1,000,000 events",
        "100,000",
        Unit::PerSecond,
        Bar::None,
    );
    let mut peak = peak.line("its peak memory", "100,000", Unit::Bytes, Bar::None);
    if let Some((_, few)) = &peak.against {
        peak.compared = Compared::MoreBytes(peak.ours.value - few.value);
    }
    Ok(vec![
        rate.note(
            "The journal of one isolated test that writes so many keyvals, in memory, into a new tree. \
             Higher is better.",
        ),
        peak,
    ])
}

/// A job with so many events.
fn journal(bench: &Bench, suite: &Path, events: u32) -> Result<Place, LeftOut> {
    let place = Place::new(bench.tmpfs()?)?;
    let count = format!("count={events}");
    let args = ["--exact", "keyvals", "--param", &count];
    place.run(&mut place.job(suite, Sync::None, &args))?;
    place.keep()?;
    Ok(place)
}

fn run(suite: &Path, place: &Place) -> Result<Used, LeftOut> {
    let mut command = process::bare(suite);
    command.arg("--replay").arg(place.kept());
    command.arg("--results").arg(place.jobdir()).arg("-q");
    place.run(&mut command)
}

fn figures(events: u32, used: &Used) -> [f64; 2] {
    [f64::from(events) / used.wall_s, used.peak_bytes]
}

//! Reports made again from a journal.

use std::path::Path;
use std::process::Command;

use crate::bench::Bench;
use crate::job::{Place, Sync};
use crate::process;
use crate::rounds::alternate;
use crate::row::{Bar, Compared, LeftOut, Line, Unit};
use crate::workshop::Linked;

const MANY: u32 = 1_000_000;
const FEW: u32 = 100_000;

pub(super) fn replay(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let suite = bench.workshop.suite(Linked::Statically, "measured")?;
    let floor = bench.workshop.suite(Linked::Statically, "floor")?;
    let (many, few) = (journal(bench, &suite, MANY)?, journal(bench, &suite, FEW)?);
    let rate = alternate(
        bench.rounds().min(5),
        || rate(MANY, &suite, &many),
        || rate(FEW, &suite, &few),
    )?;
    let rate = rate.line(
        "--replay of 1,000,000 events",
        "100,000",
        Unit::PerSecond,
        Bar::None,
    );
    let (peak, few_peak) = (peak(&floor, &suite, &many)?, peak(&floor, &suite, &few)?);
    let peak = Line {
        against: Some(("100,000".into(), Unit::Bytes.of(few_peak))),
        compared: Compared::MoreBytes(peak - few_peak),
        ..Line::reported("its peak memory", Unit::Bytes.of(peak))
    };
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

/// Events a second.
fn rate(events: u32, suite: &Path, place: &Place) -> Result<f64, LeftOut> {
    Ok(f64::from(events) / place.run(&mut command(suite, place))?.wall_s)
}

fn peak(floor: &Path, suite: &Path, place: &Place) -> Result<f64, LeftOut> {
    place.clear()?;
    process::peak_bytes(floor, &command(suite, place))
}

fn command(suite: &Path, place: &Place) -> Command {
    let mut command = process::bare(suite);
    command.arg("--replay").arg(place.kept());
    command.arg("--results").arg(place.jobdir()).arg("-q");
    command
}

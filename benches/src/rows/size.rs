//! How large a suite is.

use std::fs;
use std::path::PathBuf;

use crate::bench::Bench;
use crate::row::{Bar, Compared, LeftOut, Line, Unit};
use crate::workshop::Linked;

/// 2 MB, and not 2 MiB.
const BAR: Bar = Bar::MoreBytes(2_000_000.0);

/// For a suite with jobs and control functions, as users get it.
const PACKED: Bar = Bar::MoreBytes(2_200_000.0);

pub(super) fn size(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let workshop = &bench.workshop;
    Ok(vec![
        line("stripped static suite, 100 tests", BAR, |name| {
            workshop.suite(Linked::Statically, name)
        })?,
        line(
            "the same, as `cargo autotest build` builds it",
            PACKED,
            |name| workshop.suite_for_size(name),
        )?,
    ])
}

fn line(
    work: &str,
    bar: Bar,
    built: impl Fn(&str) -> Result<PathBuf, LeftOut>,
) -> Result<Line, LeftOut> {
    let size = |name| Ok::<_, LeftOut>(fs::metadata(built(name)?)?.len() as f64);
    let (ours, empty) = (size("hundred")?, size("empty")?);
    Ok(Line {
        work: work.into(),
        ours: Unit::Bytes.of(ours),
        against: Some(("empty main".into(), Unit::Bytes.of(empty))),
        compared: Compared::MoreBytes(ours - empty),
        bar,
        notes: Vec::new(),
    })
}

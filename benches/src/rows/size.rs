//! How large a suite is.

use std::fs;

use crate::bench::Bench;
use crate::row::{Bar, Compared, LeftOut, Line, Unit};
use crate::workshop::Linked;

/// 2 MB, and not 2 MiB.
const BAR: Bar = Bar::MoreBytes(2_000_000.0);

pub(super) fn size(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let size = |name| {
        let binary = bench.workshop.suite(Linked::Statically, name)?;
        Ok::<_, LeftOut>(fs::metadata(binary)?.len() as f64)
    };
    let (ours, empty) = (size("hundred")?, size("empty")?);
    Ok(vec![Line {
        work: "stripped static suite, 100 tests".into(),
        ours: Unit::Bytes.of(ours),
        against: Some(("empty main".into(), Unit::Bytes.of(empty))),
        compared: Compared::MoreBytes(ours - empty),
        bar: BAR,
        notes: Vec::new(),
    }])
}

//! A table of counts, in Markdown.

use std::fmt::Write as _;

use crate::stats::{Comparison, Verdict};

/// The number of comparisons with each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) all: usize,
    pub(super) changes: usize,
    pub(super) same: usize,
    pub(super) not_enough_data: usize,
    /// The number of intervals that contain the true change.
    pub(super) covered: usize,
}

impl Counts {
    /// The counts of one comparison.
    pub(super) fn of(comparison: &Comparison, true_change: f64) -> Counts {
        let is_covered = comparison.change.is_some_and(|change| {
            let margin = 1e-9;
            change.low <= true_change + margin && change.high >= true_change - margin
        });
        Counts {
            all: 1,
            changes: usize::from(comparison.verdict.is_change()),
            same: usize::from(comparison.verdict == Verdict::Same),
            not_enough_data: usize::from(matches!(comparison.verdict, Verdict::NotEnoughData(_))),
            covered: usize::from(is_covered),
        }
    }
}

impl std::iter::Sum for Counts {
    fn sum<I: Iterator<Item = Counts>>(all: I) -> Counts {
        all.fold(Counts::default(), |sum, one| Counts {
            all: sum.all + one.all,
            changes: sum.changes + one.changes,
            same: sum.same + one.same,
            not_enough_data: sum.not_enough_data + one.not_enough_data,
            covered: sum.covered + one.covered,
        })
    }
}

/// A table that is built row by row.
pub(super) struct Table {
    text: String,
}

impl Table {
    /// A table with the columns of `row`; `first` and `changes` are the titles of the first column and of that with
    /// the changes found.
    pub(super) fn new(first: &str, changes: &str) -> Table {
        let titles = format!(
            "| {first} | comparisons | {changes} | same | not enough data | interval holds |\n"
        );
        Table {
            text: titles + "|---|---:|---:|---:|---:|---:|\n",
        }
    }

    /// Adds a row.
    pub(super) fn row(&mut self, name: &str, counts: &Counts) {
        let percent = |count: usize| 100.0 * count as f64 / counts.all.max(1) as f64;
        // Writing to a string cannot fail.
        let _ = writeln!(
            self.text,
            "| {name} | {} | {:.2} % | {:.1} % | {:.1} % | {:.1} % |",
            counts.all,
            percent(counts.changes),
            percent(counts.same),
            percent(counts.not_enough_data),
            percent(counts.covered),
        );
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

//! Simulated comparisons: of equal samples, and of samples that differ by a known change.

use std::thread;

use fastrand::Rng;

use super::simulated_jobs;
use super::source::Source;
use super::table::{Counts, Table};
use crate::progress;
use crate::stats::{Comparison, Rules, compare, correct};

/// The samples that a row of the table compares.
#[derive(Clone, Copy, Debug)]
struct Row {
    source: Source,
    values: usize,
    change: f64,
    setup: Setup,
}

/// The metrics to which the samples of a row belong.
#[derive(Clone, Copy, Debug)]
enum Setup {
    /// One metric, whose values are independent.
    One,
    /// This many metrics, compared at once.
    OneOf(u32),
}

const LENGTHS: [usize; 2] = [5, 20];

const INDEPENDENT: [Source; 8] = [
    Source::Normal(1.0),
    Source::Normal(5.0),
    Source::Normal(20.0),
    Source::Lognormal(20.0),
    Source::Bimodal,
    Source::Ticks,
    Source::Outliers,
    Source::HeavyTail,
];

/// The tables of all rows.
pub(super) fn table(comparisons: u32, seed: u64) -> String {
    progress::during("simulating", || {
        let mut seeds = Rng::with_seed(seed);
        let mut section = |title: &str, changes: &str, rows: Vec<Row>| {
            let mut table = Table::new("samples", changes);
            for row in rows {
                table.row(&row.name(), &row.measured(comparisons, seeds.u64(..)));
            }
            format!("{title}\n\n{}", table.finish())
        };
        let of_values = [
            section("Equal samples:", "false alarms", equal()),
            section("Changed samples:", "found", changed()),
            section(
                "Values that are not independent:",
                "false alarms",
                dependent(),
            ),
        ];
        // A tenth of the comparisons, because they take longer.
        let of_jobs = simulated_jobs::tables(comparisons.div_ceil(10), seeds.u64(..));
        format!("{}\n{of_jobs}", of_values.join("\n"))
    })
}

fn equal() -> Vec<Row> {
    let of_length = |values| INDEPENDENT.map(|source| Row::new(source, values, 0.0, Setup::One));
    let mut rows: Vec<Row> = LENGTHS.into_iter().flat_map(of_length).collect();
    rows.push(Row::new(Source::Normal(5.0), 20, 0.0, Setup::OneOf(20)));
    rows
}

fn changed() -> Vec<Row> {
    let normal =
        |percent, values, change| Row::new(Source::Normal(percent), values, change, Setup::One);
    vec![
        normal(5.0, 20, 0.1),
        normal(5.0, 20, -0.1),
        Row::new(Source::Normal(5.0), 20, 0.1, Setup::OneOf(20)),
        normal(5.0, 10, 0.1),
        normal(5.0, 20, 0.05),
        normal(1.0, 20, 0.05),
        normal(10.0, 20, 0.1),
        normal(10.0, 40, 0.1),
        Row::new(Source::Ticks, 20, 0.1, Setup::One),
        Row::new(Source::Outliers, 20, 0.1, Setup::One),
        Row::new(Source::HeavyTail, 20, 0.1, Setup::One),
        Row::new(Source::Bimodal, 20, 0.1, Setup::One),
    ]
}

fn dependent() -> Vec<Row> {
    let sources = [Source::Autocorrelated, Source::Drifting];
    sources
        .map(|source| Row::new(source, 20, 0.0, Setup::One))
        .to_vec()
}

impl Row {
    fn new(source: Source, values: usize, change: f64, setup: Setup) -> Row {
        Row {
            source,
            values,
            change,
            setup,
        }
    }

    fn name(&self) -> String {
        let mut name = format!("{} values, {}", self.values, self.source.name());
        match self.setup {
            Setup::One => {}
            Setup::OneOf(metrics) => name = format!("{name}, {metrics} metrics at once"),
        }
        if self.change != 0.0 {
            name = format!("{name}, {:+} %", 100.0 * self.change);
        }
        name
    }

    fn measured(&self, comparisons: u32, seed: u64) -> Counts {
        let comparisons = match self.setup {
            Setup::OneOf(metrics) => comparisons.div_ceil(metrics),
            Setup::One => comparisons,
        };
        measured(comparisons, seed, |rng| self.compared(rng))
    }

    fn compared(&self, rng: &mut Rng) -> Counts {
        let rules = Rules::default();
        let count = |comparison: &Comparison| Counts::of(comparison, self.change);
        match self.setup {
            Setup::One => count(&self.one(rng, &rules)),
            Setup::OneOf(metrics) => {
                let mut all: Vec<_> = (0..metrics).map(|_| self.one(rng, &rules)).collect();
                correct(&mut all, &rules);
                all.iter().map(count).sum()
            }
        }
    }

    fn one(&self, rng: &mut Rng, rules: &Rules) -> Comparison {
        let before = self.source.draw(self.values, rng);
        let after = self.source.draw(self.values, rng);
        let after: Vec<f64> = after
            .iter()
            .map(|value| value * (1.0 + self.change))
            .collect();
        compare(&before, &after, Some(false), rules)
    }
}

/// The counts of the verdicts. Each comparison has its own seed, so the number of threads does not change the result.
pub(super) fn measured(
    comparisons: u32,
    seed: u64,
    compared: impl Fn(&mut Rng) -> Counts + Sync,
) -> Counts {
    let mut rng = Rng::with_seed(seed);
    let seeds: Vec<u64> = (0..comparisons).map(|_| rng.u64(..)).collect();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let part_of = |seeds: &[u64]| -> Counts {
        let counts = seeds
            .iter()
            .map(|seed| compared(&mut Rng::with_seed(*seed)));
        counts.sum()
    };
    thread::scope(|scope| {
        let parts = seeds.chunks(seeds.len().div_ceil(threads).max(1));
        let running: Vec<_> = parts.map(|part| scope.spawn(|| part_of(part))).collect();
        let counts = running.into_iter().map(|thread| thread.join());
        counts
            .map(|counts| counts.expect("no comparison panics"))
            .sum()
    })
}

//! Comparisons of real jobs of the same build on the same host, in which every change is a false alarm; and of the
//! same jobs, with the values of one side changed.

use std::path::PathBuf;

use fastrand::Rng;

use super::CalibrateError;
use super::recorded::{self, Samples};
use super::table::{Counts, Table};
use crate::progress;
use crate::stats::{Comparison, JobNoise, Order, Rules, compare, compare_jobs};

/// The jobs that a row of the table compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Setup {
    /// Two jobs, as if their values were independent. No verdict is made this way; the row shows why.
    Naive,
    /// `a_side` jobs a side, out of twice as many consecutive jobs.
    Jobs { a_side: usize, order: Order },
}

const SETUPS: [Setup; 8] = [
    Setup::Naive,
    Setup::apart(1),
    Setup::apart(2),
    Setup::apart(3),
    Setup::apart(5),
    Setup::apart(10),
    Setup::in_turn(5),
    Setup::in_turn(10),
];

/// The relative changes that are applied to the values of one side.
const CHANGES: [f64; 3] = [0.0, 0.1, 0.5];

/// The tables of all comparisons, with at most `comparisons` in a row.
///
/// # Errors
/// If a job cannot be read, or no two can be compared.
pub(super) fn table(
    dirs: &[PathBuf],
    comparisons: u32,
    seed: u64,
) -> Result<String, CalibrateError> {
    let mut samples = recorded::samples(dirs)?;
    samples.retain(|_, jobs| jobs.len() > 1);
    if samples.is_empty() {
        let dirs = dirs.iter().map(|dir| format!("`{}`", dir.display()));
        return Err(CalibrateError::NoJobs(dirs.collect::<Vec<_>>().join(", ")));
    }
    let jobs = samples.values().map(Vec::len).max().unwrap_or_default();
    let head = format!(
        "{} metrics, up to {jobs} jobs of the same build.\n",
        samples.len()
    );
    let tables = progress::during("comparing jobs", || {
        CHANGES.map(|change| changed(&samples, change, comparisons, seed))
    });
    Ok(format!("{head}\n{}", tables.join("\n")))
}

/// The table of one change.
fn changed(samples: &Samples, change: f64, comparisons: u32, seed: u64) -> String {
    let (title, column) = match change {
        0.0 => ("Equal jobs:".to_owned(), "false alarms"),
        _ => (
            format!("One side changed by {} %:", 100.0 * change),
            "found",
        ),
    };
    let mut table = Table::new("jobs compared", column);
    for setup in SETUPS {
        let mut starts = setup.starts(samples);
        Rng::with_seed(seed).shuffle(&mut starts);
        starts.truncate(comparisons as usize);
        let counts = starts.iter().map(|(jobs, start)| {
            let comparison = setup.compared(jobs, *start, change);
            Counts::of(&comparison, change)
        });
        let counts: Counts = counts.sum();
        if counts.all > 0 {
            table.row(&setup.name(), &counts);
        }
    }
    format!("{title}\n\n{}", table.finish())
}

impl Setup {
    const fn apart(a_side: usize) -> Setup {
        let order = Order::Apart;
        Setup::Jobs { a_side, order }
    }

    const fn in_turn(a_side: usize) -> Setup {
        let order = Order::InTurn;
        Setup::Jobs { a_side, order }
    }

    fn name(self) -> String {
        match self {
            Setup::Naive => "1 a side, as if values were independent".to_owned(),
            Setup::Jobs { a_side, order } => match order {
                Order::Apart => format!("{a_side} a side, one side after the other"),
                Order::InTurn => format!("{a_side} a side, in turn"),
            },
        }
    }

    fn a_side(self) -> usize {
        match self {
            Setup::Naive => 1,
            Setup::Jobs { a_side, .. } => a_side,
        }
    }

    /// All possible comparisons: the jobs of a metric, and the index of the first job to compare.
    fn starts(self, samples: &Samples) -> Vec<(&[Vec<f64>], usize)> {
        let of_metric = |jobs: &'_ Vec<Vec<f64>>| {
            let count = (jobs.len() + 1).saturating_sub(2 * self.a_side());
            0..count
        };
        let all = samples.values();
        all.flat_map(|jobs| of_metric(jobs).map(|start| (&jobs[..], start)))
            .collect()
    }

    /// Compares the jobs from `start` on. All others are the history.
    fn compared(self, jobs: &[Vec<f64>], start: usize, change: f64) -> Comparison {
        let (end, rules) = (start + 2 * self.a_side(), Rules::default());
        let (mut before, mut after) = (Vec::<Vec<f64>>::new(), Vec::<Vec<f64>>::new());
        for (i, job) in jobs[start..end].iter().enumerate() {
            let is_before = match self {
                Setup::Jobs {
                    order: Order::InTurn,
                    ..
                } => i % 2 == 0,
                Setup::Naive | Setup::Jobs { .. } => i < self.a_side(),
            };
            match is_before {
                true => before.push(job.clone()),
                false => after.push(job.iter().map(|value| value * (1.0 + change)).collect()),
            }
        }
        match self {
            Setup::Naive => compare(&before[0], &after[0], None, &rules),
            Setup::Jobs { order, .. } => {
                let history = [&jobs[..start], &jobs[end..]].concat();
                let noise = JobNoise::of([&history[..]]);
                compare_jobs(&before, &after, order, noise, None, &rules)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::recorded::Metric;
    use super::super::source::{Source, normal};
    use super::*;

    fn samples(deviation: f64) -> Samples {
        let mut rng = Rng::with_seed(4);
        let mut job = |_| {
            let level = (deviation * normal(&mut rng)).exp();
            let values = Source::Normal(1.0).draw(20, &mut rng);
            values.iter().map(|value| value * level).collect()
        };
        let metric = Metric {
            host: String::new(),
            build: String::new(),
            test: String::new(),
            name: String::new(),
        };
        BTreeMap::from([(metric, (0..40).map(&mut job).collect())])
    }

    #[test]
    fn jobs_that_differ_are_false_alarms_only_if_their_values_are_taken_for_independent() {
        let table = changed(&samples(0.1), 0.0, 10, 0);
        let alarms = |row: &str| {
            let row = table.lines().find(|line| line.starts_with(row)).unwrap();
            row.split('|').nth(3).unwrap().trim().to_owned()
        };
        assert_eq!(alarms("| 3 a side, one side"), "0.00 %", "{table}");
        assert_eq!(alarms("| 10 a side, in turn"), "0.00 %", "{table}");
        let naive = alarms("| 1 a side, as if");
        let naive: f64 = naive.trim_end_matches(" %").parse().unwrap();
        assert!(naive > 30.0, "{table}");
    }

    #[test]
    fn quiet_jobs_show_a_change_to_two_a_side() {
        let table = changed(&samples(0.005), 0.5, 10, 0);
        let row = table.lines().find(|line| line.starts_with("| 2 a side"));
        let expected = "| 2 a side, one side after the other | 10 | 100.00 % |";
        assert!(row.is_some_and(|row| row.starts_with(expected)), "{table}");
    }
}

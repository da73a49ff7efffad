//! Simulated comparisons of jobs, whose levels differ by the noise between jobs.

use std::fmt::Write as _;

use fastrand::Rng;

use super::simulated::measured;
use super::source::{Source, chi, normal};
use super::table::Counts;
use crate::stats::{JobNoise, Order, Rules, compare_jobs};

/// The distribution of the noise between jobs.
#[derive(Clone, Copy, Debug)]
enum Level {
    Normal,
    Lognormal,
    /// Student's distribution with two degrees of freedom.
    HeavyTail,
    /// Normal, but one job in twenty is slower by a half.
    Outliers,
}

/// The jobs that a row of the tables compares.
#[derive(Clone, Copy, Debug)]
struct Setup {
    a_side: usize,
    order: Order,
    /// The number of other jobs, from which the noise between jobs is estimated.
    known: usize,
}

const SETUPS: [Setup; 11] = [
    Setup::apart(1, 0),
    Setup::apart(1, 10),
    Setup::apart(1, 30),
    Setup::apart(1, 50),
    Setup::apart(2, 10),
    Setup::apart(2, 30),
    Setup::apart(3, 10),
    Setup::apart(3, 30),
    Setup::apart(5, 10),
    Setup::apart(5, 30),
    Setup {
        a_side: 5,
        order: Order::InTurn,
        known: 0,
    },
];

const LEVELS: [Level; 4] = [
    Level::Normal,
    Level::Lognormal,
    Level::HeavyTail,
    Level::Outliers,
];

/// The scales of the noise.
const SCALES: [f64; 2] = [0.02, 0.05];

/// The number of values in a job, and their noise within the job.
const VALUES: usize = 20;
const WITHIN: Source = Source::Normal(5.0);

/// The tables: false alarms among equal jobs, and the share of changes that is found.
pub(super) fn tables(comparisons: u32, seed: u64) -> String {
    let titles = [
        ("Equal jobs, false alarms", 0.0),
        ("Jobs changed by 10 %, found", 0.1),
        ("Jobs changed by 20 %, found", 0.2),
    ];
    let mut seeds = Rng::with_seed(seed);
    let table = titles.map(|(title, change)| {
        let table = table(change, comparisons, seeds.u64(..));
        format!("{title} of {comparisons} comparisons each, by the noise between jobs:\n\n{table}")
    });
    table.join("\n")
}

fn table(change: f64, comparisons: u32, seed: u64) -> String {
    let columns: Vec<(Level, f64)> = SCALES
        .into_iter()
        .flat_map(|scale| LEVELS.map(|level| (level, scale)))
        .collect();
    let titles = columns
        .iter()
        .map(|(level, scale)| format!(" {}, {} % |", level.name(), 100.0 * scale));
    let mut text = format!("| jobs compared |{}\n", titles.collect::<String>());
    text += &format!("|---|{}\n", "---:|".repeat(columns.len()));
    let mut seeds = Rng::with_seed(seed);
    for setup in SETUPS {
        let _ = write!(text, "| {} |", setup.name());
        for (level, scale) in &columns {
            let counts = measured(comparisons, seeds.u64(..), |rng| {
                setup.compared(*level, *scale, change, rng)
            });
            let percent = 100.0 * counts.changes as f64 / counts.all.max(1) as f64;
            let _ = write!(text, " {percent:.2} % |");
        }
        text.push('\n');
    }
    text
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Level::Normal => "normal",
            Level::Lognormal => "lognormal",
            Level::HeavyTail => "Student's t, 2",
            Level::Outliers => "1 in 20 an outlier",
        }
    }

    /// Draws the factor by which the noise changes all values of a job.
    fn draw(self, scale: f64, rng: &mut Rng) -> f64 {
        match self {
            Level::Normal => 1.0 + scale * normal(rng),
            Level::Lognormal => (scale * normal(rng)).exp(),
            Level::HeavyTail => (scale * normal(rng) / chi(rng)).exp(),
            Level::Outliers => {
                let factor = if rng.f64() < 0.05 { 1.5 } else { 1.0 };
                factor * (1.0 + scale * normal(rng))
            }
        }
    }
}

impl Setup {
    const fn apart(a_side: usize, known: usize) -> Setup {
        Setup {
            a_side,
            order: Order::Apart,
            known,
        }
    }

    fn name(self) -> String {
        let (a_side, known) = (self.a_side, self.known);
        match self.order {
            Order::InTurn => format!("{a_side} a side, in turn"),
            Order::Apart => format!("{a_side} a side, {known} more known"),
        }
    }

    fn compared(self, level: Level, scale: f64, change: f64, rng: &mut Rng) -> Counts {
        let mut side = |count: usize, change: f64| {
            let mut job = |_| {
                let factor = level.draw(scale, rng) * (1.0 + change);
                let values = WITHIN.draw(VALUES, rng);
                values.iter().map(|value| value * factor).collect()
            };
            (0..count).map(&mut job).collect::<Vec<Vec<f64>>>()
        };
        let (before, after) = (side(self.a_side, 0.0), side(self.a_side, change));
        let known = side(self.known, 0.0);
        let noise = JobNoise::of([&known[..]]);
        let rules = Rules::default();
        let comparison = compare_jobs(&before, &after, self.order, noise, Some(false), &rules);
        Counts::of(&comparison, change)
    }
}

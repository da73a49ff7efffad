//! The statistics of results: tells whether a metric changed between two builds, and where a series of values changed.
//!
//! All functions are pure, and those that draw random numbers take a seed: the same values give the same verdict.
//! Nothing here knows journals, databases or the display of verdicts. `docs/perf-verdicts.md` says what the verdicts
//! mean, and `cargo autotest calibrate` measures how often they are wrong.

mod bootstrap;
mod change_points;
mod compare;
mod correction;
mod job_noise;
mod jobs;
mod rank_test;
mod shift;
mod summary;

pub(crate) use change_points::{ChangePoint, Search, change_points};
pub(crate) use compare::{Change, Comparison, Lack, Rules, Verdict, compare, correct};
pub(crate) use job_noise::JobNoise;
pub(crate) use jobs::{Order, compare_jobs};
pub(crate) use summary::median;

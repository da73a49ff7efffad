//! Estimates how much jobs of one build differ, and whether a difference between the jobs of two builds exceeds that.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::jobs::medians;
use super::rank_test::smallest_p_value;
use super::summary::{median, sorted};

/// The minimum number of degrees of freedom at which the noise counts as known.
const LEAST_FREEDOM: usize = 4;

/// The minimum number of degrees of freedom at which the noise can decide alone.
const LEAST_FREEDOM_TO_DECIDE: usize = 8;

/// The maximum distance of a job from its build's mean, in robust deviations, at which the noise counts as
/// light-tailed. Among 50 jobs with normal noise, one is that far away in about one of 30 cases.
const LIGHT_TAIL: f64 = 3.5;

/// The ratio of the standard deviation of normal noise to its median absolute deviation.
const MAD_OF_NORMAL: f64 = 1.4826;

/// The assumed share of jobs that are unlike all others, for reasons other than the build. A much greater share would
/// show among few known jobs.
const OUTLIERS: f64 = 0.05;

/// With at least this many jobs a side, their median is the level of the side, since one outlier does not move it far.
const ENOUGH_FOR_MEDIAN: usize = 3;

/// The noise between jobs of the same build on the same machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct JobNoise {
    /// The standard deviation of the logarithms of the jobs' medians: 0.05 is about 5 %.
    pub(crate) deviation: f64,
    /// The number of jobs.
    pub(crate) jobs: usize,
    /// The number of jobs less the number of builds.
    pub(crate) freedom: usize,
    /// Whether no job is far from the others of its build.
    pub(crate) is_light_tailed: bool,
}

impl JobNoise {
    /// Estimates the noise from the samples of jobs other than those compared, grouped by build. The longer ago some of
    /// them ran, the better. `None` if there are too few jobs, or a median is not a positive number.
    pub(crate) fn of<'a>(builds: impl IntoIterator<Item = &'a [Vec<f64>]>) -> Option<JobNoise> {
        let (mut squares, mut jobs, mut freedom) = (0.0, 0, 0);
        let mut residuals = Vec::new();
        for build in builds {
            let levels: Vec<f64> = medians(build).into_iter().map(f64::ln).collect();
            let count = levels.len() as f64;
            let mean = levels.iter().sum::<f64>() / count.max(1.0);
            squares += levels.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
            jobs += levels.len();
            freedom += levels.len().saturating_sub(1);
            if levels.len() > 1 {
                // The fewer the jobs, the nearer their mean is to each of them.
                let scale = (count / (count - 1.0)).sqrt();
                residuals.extend(levels.iter().map(|x| scale * (x - mean).abs()));
            }
        }
        let deviation = (squares / freedom.max(1) as f64).sqrt();
        let is_known = freedom >= LEAST_FREEDOM && deviation.is_finite();
        let limit = LIGHT_TAIL * MAD_OF_NORMAL * median(&residuals);
        is_known.then(|| JobNoise {
            deviation,
            jobs,
            freedom,
            is_light_tailed: residuals.iter().all(|residual| *residual <= limit),
        })
    }

    /// Whether enough jobs are known for a heavy tail to show.
    pub(crate) fn is_well_known(self) -> bool {
        self.freedom >= LEAST_FREEDOM_TO_DECIDE
    }

    /// The uncertainty that the noise adds to the difference between two sides, given the medians of their jobs. `None`
    /// if a side has no median, or one that is not a positive number.
    pub(super) fn between(self, before: &[f64], after: &[f64]) -> Option<Widening> {
        let (before, after) = (sorted(before), sorted(after));
        let fewer = before.len().min(after.len());
        let others = self.jobs + before.len() + after.len() - fewer;
        let is_usable = |level: &f64| *level > 0.0 && level.is_finite();
        let are_usable = fewer > 0 && before.iter().chain(&after).all(is_usable);
        are_usable.then(|| Widening {
            nearest: nearest(&before, &after),
            gap: match fewer >= ENOUGH_FOR_MEDIAN {
                true => (median(&after) / median(&before)).ln().abs(),
                false => nearest(&before, &after),
            },
            // As if there were one job a side: the noise of consecutive jobs does not average out.
            error: self.deviation * std::f64::consts::SQRT_2,
            freedom: self.freedom as f64,
            smallest_p: smallest_p_value(others, fewer),
            chance_of_outliers: match self.is_light_tailed
                && self.freedom >= LEAST_FREEDOM_TO_DECIDE
            {
                true => chance_of_outliers(before.len(), after.len(), self.freedom),
                false => 1.0,
            },
        })
    }
}

/// The distance between the nearest two jobs of the two sides, as a logarithm; 0 if the sides overlap. Both are sorted,
/// and contain only positive numbers.
fn nearest(before: &[f64], after: &[f64]) -> f64 {
    let gap = |below: &[f64], above: &[f64]| (above[0] / below[below.len() - 1]).ln();
    gap(before, after).max(gap(after, before)).max(0.0)
}

/// The chance that no known job is an outlier, although some jobs are, and that outliers cause the gap between the
/// sides.
fn chance_of_outliers(before: usize, after: usize, known: usize) -> f64 {
    let none_known = (1.0 - OUTLIERS).powf(known as f64);
    let fewer = before.min(after);
    let moved = |jobs: usize| match fewer >= ENOUGH_FOR_MEDIAN {
        true => at_least(jobs, jobs.div_ceil(2)),
        false => at_least(jobs, jobs),
    };
    none_known * (1.0 - (1.0 - moved(before)) * (1.0 - moved(after)))
}

/// The chance that at least `outliers` of the jobs are outliers.
fn at_least(jobs: usize, outliers: usize) -> f64 {
    let mut chance = (1.0 - OUTLIERS).powf(jobs as f64);
    let mut sum = 0.0;
    for count in 0..=jobs {
        if count >= outliers {
            sum += chance;
        }
        chance *= (jobs - count) as f64 / (count + 1) as f64 * OUTLIERS / (1.0 - OUTLIERS);
    }
    sum
}

/// The uncertainty that the noise between jobs adds to a change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Widening {
    /// The distance between the nearest two jobs of the two sides, as a logarithm.
    nearest: f64,
    /// The distance between the levels of the two sides, as a logarithm: between the medians if each side has three or
    /// more jobs.
    gap: f64,
    /// The standard error of the difference between two jobs.
    error: f64,
    freedom: f64,
    /// The chance that the jobs of one side lie outside of all others anyway.
    smallest_p: f64,
    /// The chance that they are outliers, although no known job is one; 1 if that cannot be estimated.
    chance_of_outliers: f64,
}

impl Widening {
    /// Whether the noise is known well enough to decide alone.
    pub(super) fn decides(&self, significance: f64) -> bool {
        self.chance_of_outliers <= significance
    }

    /// Whether only the number of the jobs compared may keep it from deciding alone.
    pub(super) fn lacks_jobs(&self) -> bool {
        self.chance_of_outliers < 1.0
    }

    /// Whether there are so many jobs that those of one side hardly lie outside of all others by chance.
    pub(super) fn is_outermost(&self, significance: f64) -> bool {
        self.smallest_p <= significance
    }

    /// The amount by which the interval of the logarithm becomes wider, to each side.
    pub(super) fn margin(&self, confidence: f64) -> f64 {
        let students = StudentsT::new(0.0, 1.0, self.freedom);
        let quantile = students.map(|t| t.inverse_cdf(f64::midpoint(1.0, confidence)));
        quantile.map_or(f64::INFINITY, |quantile| quantile * self.error)
    }

    /// The two-sided p value of the gap, if this noise decides alone: by Student's t test.
    pub(super) fn p_of_gap(&self) -> f64 {
        self.students_p(self.gap)
    }

    /// The p value of the nearest two jobs; at least the chance that the jobs of one side are outermost, whatever the
    /// distribution.
    pub(super) fn p_value(&self) -> f64 {
        self.students_p(self.nearest).max(self.smallest_p)
    }

    fn students_p(&self, gap: f64) -> f64 {
        match StudentsT::new(0.0, 1.0, self.freedom) {
            // Avoids 1 / 0.
            Ok(_) if gap > 0.0 && self.error == 0.0 => 0.0,
            Ok(students) if gap > 0.0 => 2.0 * students.sf(gap / self.error),
            _ => 1.0,
        }
    }
}

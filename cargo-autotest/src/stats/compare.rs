//! Decides whether a metric changed between two samples.
//!
//! A change is reported only if three things hold. The rank test, corrected for the number of metrics compared, says
//! that the samples differ. The whole interval of the change lies beyond the minimal effect. And, if the noise between
//! jobs is known, the change exceeds it.

use super::bootstrap::Bootstrap;
use super::correction::{holm, holm_at_best};
use super::job_noise::Widening;
use super::rank_test;
use super::shift::{Precision, shift};
use super::summary::{Summary, median, sorted};

/// The criteria for a change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rules {
    /// The largest p value, corrected for the number of metrics, at which samples count as different.
    pub(crate) significance: f64,
    /// The relative change up to which a difference is of no interest.
    pub(crate) minimal_effect: f64,
    /// The relative change that must be excluded before a metric is said to be the same.
    pub(crate) excluded_effect: f64,
    /// The parameters for the interval of the change.
    pub(crate) bootstrap: Bootstrap,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            // Below the 1 % of false alarms that is allowed, so that chance does not exceed that; above 2 / 252, the
            // smallest p value with five values a side.
            significance: 0.008,
            minimal_effect: 0.03,
            excluded_effect: 0.1,
            bootstrap: Bootstrap {
                confidence: 0.95,
                resamples: 500,
                seed: 0,
            },
        }
    }
}

/// The verdict on a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Worse, by more than the minimal effect.
    Regress,
    /// Better, by more than the minimal effect.
    Improve,
    /// Different by more than the minimal effect; it is not known whether that is better.
    Differ,
    /// No change beyond the minimal effect was found, and one that matters is unlikely.
    Same,
    /// The samples do not allow a verdict.
    NotEnoughData(Lack),
}

impl Verdict {
    /// The verdict on a change beyond the minimal effect.
    pub(crate) fn of_change(change: f64, higher_is_better: Option<bool>) -> Verdict {
        match higher_is_better {
            None => Verdict::Differ,
            Some(higher_is_better) if higher_is_better == (change > 0.0) => Verdict::Improve,
            Some(_) => Verdict::Regress,
        }
    }

    /// Whether it says that the metric changed.
    pub(crate) fn is_change(self) -> bool {
        matches!(self, Verdict::Regress | Verdict::Improve | Verdict::Differ)
    }
}

/// The reason why samples do not allow a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lack {
    /// Samples of these lengths cannot be significant among so many metrics, however different they are.
    TooFew,
    /// A value is infinite or not a number.
    NotFinite,
    /// The values vary so much that a change which matters may be hidden.
    TooNoisy,
    /// The jobs differ, but it is not known how much jobs of the same build differ.
    Jobs,
    /// As [`Lack::Jobs`], but two or three jobs a side would be enough, given the known noise between other jobs.
    FewJobs,
}

/// The change of the location from one sample to the other, relative to the first: 0.1 is 10 % more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Change {
    /// The best estimate. Infinite if the location was zero before.
    pub(crate) estimate: f64,
    /// The lower end of the interval.
    pub(crate) low: f64,
    /// The upper end of the interval.
    pub(crate) high: f64,
}

/// Two samples of a metric, compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Comparison {
    pub(crate) before: Summary,
    pub(crate) after: Summary,
    pub(crate) higher_is_better: Option<bool>,
    /// `None` if a sample is empty or has a value that is not finite.
    pub(crate) change: Option<Change>,
    /// The p value, not corrected.
    pub(crate) p: f64,
    /// The p value of the values alone, without the noise between jobs.
    pub(crate) p_of_values: f64,
    /// The smallest p value that samples of these lengths can have.
    pub(crate) smallest_p: f64,
    pub(crate) verdict: Verdict,
}

/// Compares two samples of independent values, as if no other metric were compared. Do not pass samples of jobs: the
/// values of one job share the state of the machine, so they are not independent
/// ([`compare_jobs`](super::compare_jobs)).
///
/// If all values are positive, the change is a ratio. Otherwise it is the shift relative to the median before. That is
/// infinite if the median is zero: from zero, every difference is beyond the minimal effect.
pub(crate) fn compare(
    before: &[f64],
    after: &[f64],
    higher_is_better: Option<bool>,
    rules: &Rules,
) -> Comparison {
    compare_widened(before, after, higher_is_better, None, rules)
}

/// Compares two samples, whose locations also differ by the noise between jobs.
pub(super) fn compare_widened(
    before: &[f64],
    after: &[f64],
    higher_is_better: Option<bool>,
    widening: Option<&Widening>,
    rules: &Rules,
) -> Comparison {
    let (before, after) = (sorted(before), sorted(after));
    let is_finite = |values: &[f64]| values.iter().all(|value| value.is_finite());
    let mut comparison = Comparison {
        before: Summary::of_sorted(&before),
        after: Summary::of_sorted(&after),
        higher_is_better,
        change: None,
        p: 1.0,
        p_of_values: 1.0,
        smallest_p: rank_test::smallest_p_value(before.len(), after.len()),
        verdict: Verdict::NotEnoughData(Lack::NotFinite),
    };
    if !is_finite(&before) || !is_finite(&after) {
        return comparison;
    }
    if !before.is_empty() && !after.is_empty() {
        let change = Change::between(&before, &after, widening, &rules.bootstrap);
        comparison.p_of_values = rank_test::p_value(&before, &after);
        let by_jobs = widening.map_or(0.0, Widening::p_value);
        comparison.p = comparison.p_of_values.max(by_jobs);
        comparison.change = Some(change);
    }
    comparison.verdict = comparison.verdict_at(comparison.p, comparison.smallest_p, rules);
    comparison
}

/// Compares the levels of jobs by the known noise between jobs alone. All levels are positive numbers.
pub(super) fn compare_by_jobs(
    before: &[f64],
    after: &[f64],
    higher_is_better: Option<bool>,
    noise: &Widening,
    rules: &Rules,
) -> Comparison {
    let (before, after) = (sorted(before), sorted(after));
    let p = noise.p_of_gap();
    let estimate = (median(&after) / median(&before)).ln();
    let margin = noise.margin(rules.bootstrap.confidence);
    let mut comparison = Comparison {
        before: Summary::of_sorted(&before),
        after: Summary::of_sorted(&after),
        higher_is_better,
        change: Some(Change {
            estimate: estimate.exp_m1(),
            low: (estimate - margin).exp_m1(),
            high: (estimate + margin).exp_m1(),
        }),
        p,
        p_of_values: p,
        smallest_p: 0.0,
        verdict: Verdict::Same,
    };
    comparison.verdict = comparison.verdict_at(p, 0.0, rules);
    comparison
}

/// Corrects the verdicts for the number of metrics that are compared at once.
pub(crate) fn correct(comparisons: &mut [Comparison], rules: &Rules) {
    let p_values: Vec<f64> = comparisons.iter().map(|metric| metric.p).collect();
    let in_order = sorted(&p_values);
    for (comparison, p) in comparisons.iter_mut().zip(holm(&p_values)) {
        // A verdict without a change, or that lacks jobs, does not depend on the p value.
        let lacks_jobs = matches!(
            comparison.verdict,
            Verdict::NotEnoughData(Lack::Jobs | Lack::FewJobs)
        );
        let is_by_p = comparison.change.is_some() && !lacks_jobs;
        if is_by_p {
            let at_best = holm_at_best(comparison.smallest_p, &in_order);
            comparison.verdict = comparison.verdict_at(p, at_best, rules);
        }
    }
}

impl Comparison {
    /// Whether the values differ, for whatever reason.
    pub(super) fn is_different(&self, rules: &Rules) -> bool {
        let is_beyond = |change: Change| change.estimate.abs() > rules.minimal_effect;
        self.p_of_values <= rules.significance && self.change.is_some_and(is_beyond)
    }

    /// The verdict, given the p value and the smallest possible p value, both corrected.
    fn verdict_at(&self, p: f64, smallest_p: f64, rules: &Rules) -> Verdict {
        let Some(change) = self.change.filter(|_| smallest_p <= rules.significance) else {
            return Verdict::NotEnoughData(Lack::TooFew);
        };
        let is_beyond = change.low > rules.minimal_effect || change.high < -rules.minimal_effect;
        if p <= rules.significance && is_beyond {
            return Verdict::of_change(change.low, self.higher_is_better);
        }
        if change.low.abs().max(change.high.abs()) > rules.excluded_effect {
            return Verdict::NotEnoughData(Lack::TooNoisy);
        }
        Verdict::Same
    }
}

impl Change {
    fn between(
        before: &[f64],
        after: &[f64],
        widening: Option<&Widening>,
        bootstrap: &Bootstrap,
    ) -> Change {
        if before[0] > 0.0 && after[0] > 0.0 {
            Change::of_logarithms(&logarithms(before), &logarithms(after), widening, bootstrap)
        } else {
            Change::of_shift(before, after, bootstrap)
        }
    }

    fn of_logarithms(
        before: &[f64],
        after: &[f64],
        widening: Option<&Widening>,
        bootstrap: &Bootstrap,
    ) -> Change {
        let estimate = shift(before, after, Precision::Full);
        let resampled = |before: &[f64], after: &[f64]| shift(before, after, Precision::Resample);
        let (low, high) = bootstrap.interval(before, after, resampled);
        let margin = widening.map_or(0.0, |widening| widening.margin(bootstrap.confidence));
        Change {
            estimate: estimate.exp_m1(),
            low: (estimate - (estimate - low).max(0.0).hypot(margin)).exp_m1(),
            high: (estimate + (high - estimate).max(0.0).hypot(margin)).exp_m1(),
        }
    }

    fn of_shift(before: &[f64], after: &[f64], bootstrap: &Bootstrap) -> Change {
        let relative = |before: &[f64], after: &[f64], precision| {
            let shift = shift(before, after, precision);
            // Avoids 0 / 0.
            if shift == 0.0 {
                0.0
            } else {
                shift / median(before).abs()
            }
        };
        let estimate = relative(before, after, Precision::Full);
        let resampled =
            |before: &[f64], after: &[f64]| relative(before, after, Precision::Resample);
        let (low, high) = bootstrap.interval(before, after, resampled);
        Change {
            estimate,
            low: low.min(estimate),
            high: high.max(estimate),
        }
    }
}

fn logarithms(values: &[f64]) -> Vec<f64> {
    values.iter().map(|value| value.ln()).collect()
}

#[cfg(test)]
mod tests;

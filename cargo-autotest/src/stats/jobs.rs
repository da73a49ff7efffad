//! Compares samples of jobs. The values that a job measures share the state of the machine: what else ran, where things
//! were in memory, how warm it was. So two jobs of the same build differ by more than their own values show;
//! consecutive jobs share much of that state; and one job in a hundred is unlike all others.

use super::compare::{Comparison, Lack, Rules, Verdict, compare, compare_by_jobs, compare_widened};
use super::job_noise::{JobNoise, Widening};
use super::rank_test::smallest_p_value;
use super::summary::median;

/// The order in which the jobs of the two sides ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// One job of one side, one of the other, and so on: the state of the machine is the same for both.
    InTurn,
    /// In any other order; usually, all jobs of one side before those of the other.
    Apart,
}

/// Compares the samples of jobs of two builds, as if no other metric were compared.
///
/// If enough jobs of both sides ran in turn, the values compared are the medians of the jobs. Otherwise, the jobs of
/// both sides must also differ by more than other jobs of one build do. If that noise is known well enough, it decides
/// alone; if it is not known, a difference leads to no verdict.
pub(crate) fn compare_jobs(
    before: &[Vec<f64>],
    after: &[Vec<f64>],
    order: Order,
    noise: Option<JobNoise>,
    higher_is_better: Option<bool>,
    rules: &Rules,
) -> Comparison {
    let levels = (medians(before), medians(after));
    let is_enough = smallest_p_value(levels.0.len(), levels.1.len()) <= rules.significance;
    if is_enough && order == Order::InTurn {
        return compare(&levels.0, &levels.1, higher_is_better, rules);
    }
    let widening = noise.and_then(|noise| noise.between(&levels.0, &levels.1));
    let decides = |widening: &&Widening| widening.decides(rules.significance);
    if let Some(widening) = widening.as_ref().filter(decides) {
        return compare_by_jobs(&levels.0, &levels.1, higher_is_better, widening, rules);
    }
    let values = match is_enough {
        true => levels,
        false => (before.concat(), after.concat()),
    };
    let mut comparison = compare_widened(
        &values.0,
        &values.1,
        higher_is_better,
        widening.as_ref(),
        rules,
    );
    let is_one_of_many = widening.is_some_and(|widening| widening.is_outermost(rules.significance));
    if !is_one_of_many && comparison.is_different(rules) {
        let lack = match widening.is_some_and(|widening| widening.lacks_jobs()) {
            true => Lack::FewJobs,
            false => Lack::Jobs,
        };
        comparison.verdict = Verdict::NotEnoughData(lack);
    }
    comparison
}

/// The median of each job that has values.
pub(super) fn medians(jobs: &[Vec<f64>]) -> Vec<f64> {
    let jobs = jobs.iter().filter(|job| !job.is_empty());
    jobs.map(|job| median(job)).collect()
}

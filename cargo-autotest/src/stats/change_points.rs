//! Finds where a series of values changed, by the E-divisive method (Matteson and James, A Nonparametric Approach for
//! Multiple Change Point Analysis, 2014).
//!
//! The series is divided where the two parts, or a part and a piece of the other, are furthest apart ([`energy`]). The
//! division is significant if few random orders of the same values have one that is as good; then both parts are
//! divided in the same way. MongoDB's signal_processing_algorithms does that, too, but always compares with the whole
//! rest, and overlooks a regression that was soon repaired. Hunter (Apache Otava) uses Student's t-test instead, which
//! is fast; but a place that was chosen because the parts differ there gets too small a p value. As in Hunter, changes
//! that are too small are left out, smallest first, and their neighbours are examined again.

mod energy;

use std::ops::Range;

use fastrand::Rng;

use super::summary::median;
use energy::{Division, Energy};

/// The criteria for a change point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Search {
    /// The largest p value of a change.
    pub(crate) significance: f64,
    /// The relative change of the level below which a change is of no interest.
    pub(crate) minimal_effect: f64,
    /// The maximum number of random orders that are tried for each division. Long series get fewer.
    pub(crate) orders: usize,
    pub(crate) seed: u64,
}

impl Default for Search {
    fn default() -> Search {
        Search {
            significance: 0.01,
            minimal_effect: 0.03,
            orders: 999,
            seed: 0,
        }
    }
}

/// A change of level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ChangePoint {
    /// The first value of the new level.
    pub(crate) index: usize,
    /// The median from the previous change to here.
    pub(crate) before: f64,
    /// The median from here to the next change.
    pub(crate) after: f64,
    /// The statistic of the division: the distance of both parts, weighted by their lengths.
    pub(crate) distance: f64,
    /// The share of random orders with a division that is as good.
    pub(crate) p: f64,
}

impl ChangePoint {
    /// The relative change of the level: 0.1 is 10 % more. Infinite if it was zero before.
    pub(crate) fn change(&self) -> f64 {
        match self.after - self.before {
            0.0 => 0.0,
            difference => difference / self.before.abs(),
        }
    }
}

/// The change points of a series, in order. Empty if a value is not finite: the caller must leave such values out.
pub(crate) fn change_points(series: &[f64], search: &Search) -> Vec<ChangePoint> {
    let mut found = Vec::new();
    if series.iter().all(|value| value.is_finite()) {
        let mut rng = Rng::with_seed(search.seed);
        divide(series, 0..series.len(), search, &mut rng, &mut found);
    }
    found.sort_by_key(|point| point.index);
    drop_small(series, &mut found, search.minimal_effect);
    found
}

/// Divides a part of the series, as long as a division is significant.
fn divide(
    series: &[f64],
    part: Range<usize>,
    search: &Search,
    rng: &mut Rng,
    found: &mut Vec<ChangePoint>,
) {
    let values = &series[part.clone()];
    let mut energy = Energy::default();
    let Some(division) = energy.best_division(values) else {
        return;
    };
    let Some(p) = p_value(values, &division, search, &mut energy, rng) else {
        return;
    };
    let index = part.start + division.index;
    found.push(ChangePoint {
        index,
        before: 0.0,
        after: 0.0,
        distance: division.distance,
        p,
    });
    divide(series, part.start..index, search, rng, found);
    divide(series, index..part.end, search, rng, found);
}

/// The work that is spent on one division, in comparisons of two values.
const WORK: usize = 65_000_000;

/// The share of random orders whose best division is as good, counting the observed order. `None` as soon as it cannot
/// be significant.
fn p_value(
    values: &[f64],
    division: &Division,
    search: &Search,
    energy: &mut Energy,
    rng: &mut Rng,
) -> Option<f64> {
    let affordable = 2 * WORK / (values.len() * values.len());
    // With fewer orders, none could be significant.
    let needed = (1.0 / search.significance).ceil() as usize;
    let orders = affordable.clamp(needed, search.orders.max(needed));
    let allowed = (search.significance * (orders + 1) as f64 + 1e-9) as usize;
    let mut shuffled = values.to_vec();
    let mut as_good = 1;
    for _ in 0..orders {
        if as_good > allowed {
            return None;
        }
        rng.shuffle(&mut shuffled);
        let best = energy.best_division(&shuffled);
        let margin = 1e-9 * division.distance;
        as_good +=
            usize::from(best.is_some_and(|best| best.distance >= division.distance - margin));
    }
    (as_good <= allowed).then(|| as_good as f64 / (orders + 1) as f64)
}

/// Leaves out the smallest change, and computes the levels between the remaining changes again, until all changes are
/// of interest.
fn drop_small(series: &[f64], points: &mut Vec<ChangePoint>, minimal_effect: f64) {
    loop {
        set_levels(series, points);
        let sizes = points.iter().map(|point| point.change().abs()).enumerate();
        match sizes.min_by(|a, b| a.1.total_cmp(&b.1)) {
            Some((smallest, size)) if size < minimal_effect => points.remove(smallest),
            _ => return,
        };
    }
}

fn set_levels(series: &[f64], points: &mut [ChangePoint]) {
    let ends: Vec<usize> = points
        .iter()
        .map(|point| point.index)
        .chain([series.len()])
        .collect();
    let mut start = 0;
    for (point, end) in points.iter_mut().zip(&ends[1..]) {
        point.before = median(&series[start..point.index]);
        point.after = median(&series[point.index..*end]);
        start = point.index;
    }
}

#[cfg(test)]
mod tests;

//! The correction for the number of metrics: among a hundred comparisons of equal builds, one p value is below 1 % by
//! chance.
//!
//! It is Holm's method. It keeps the probability of *any* false alarm in a comparison of two builds below the
//! significance level, however the metrics of a machine depend on each other. The method of Benjamini and Hochberg
//! finds more, but promises only that few of the alarms are false, and a metric's verdict would depend on real changes
//! of others.

/// The corrected p values, in the same order: each is to be compared with the significance level itself.
pub(super) fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut corrected = vec![1.0; p_values.len()];
    let mut least = 0.0_f64;
    for (rank, index) in order.into_iter().enumerate() {
        least = least.max(p_values[index] * (p_values.len() - rank) as f64);
        corrected[index] = least.min(1.0);
    }
    corrected
}

/// The smallest p value that a comparison can have, corrected by Holm's method among the given p values.
pub(super) fn holm_at_best(smallest: f64, sorted_p_values: &[f64]) -> f64 {
    let smaller = sorted_p_values.partition_point(|p| *p < smallest);
    smallest * (sorted_p_values.len() - smaller).max(1) as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(p_values: &[f64], expected: &[f64]) {
        let corrected = holm(p_values);
        let pairs = corrected.iter().zip(expected);
        let is_equal = pairs.clone().all(|(a, b)| (a - b).abs() < 1e-9);
        assert!(
            is_equal && corrected.len() == expected.len(),
            "{corrected:?}"
        );
    }

    // R's `p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")`.
    #[test]
    fn the_values_of_p_adjust() {
        check(&[0.01, 0.04, 0.03, 0.005], &[0.03, 0.06, 0.06, 0.02]);
        check(&[], &[]);
        check(&[0.2], &[0.2]);
        check(&[0.9, 0.8], &[1.0, 1.0]);
    }

    #[test]
    fn equal_p_values_stay_equal() {
        check(&[0.02, 0.02, 0.02], &[0.06, 0.06, 0.06]);
    }

    #[test]
    fn the_best_of_many_needs_more_data() {
        assert_eq!(holm_at_best(0.008, &[0.008]), 0.008);
        assert_eq!(holm_at_best(0.25, &[0.25, 0.5, 0.5, 0.5]), 1.0);
        assert_eq!(holm_at_best(0.25, &[0.1, 0.1, 0.1, 0.25]), 0.25);
    }

    proptest! {
        #[test]
        fn corrected_values_keep_the_order(p_values in proptest::collection::vec(0.0..=1.0_f64, 0..40)) {
            let corrected = holm(&p_values);
            for (a, b) in p_values.iter().zip(&corrected) {
                prop_assert!(a <= b && *b <= 1.0);
            }
            for i in 1..p_values.len() {
                let (rises, falls) = (p_values[i - 1] <= p_values[i], corrected[i - 1] > corrected[i]);
                prop_assert!(!(rises && falls));
            }
        }
    }
}

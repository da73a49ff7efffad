//! The summary of a sample.

/// The location and the spread of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Summary {
    pub(crate) count: usize,
    pub(crate) least: f64,
    pub(crate) median: f64,
    pub(crate) greatest: f64,
}

impl Summary {
    /// The summary of `sorted`, all zero if there are no values.
    pub(super) fn of_sorted(sorted: &[f64]) -> Summary {
        Summary {
            count: sorted.len(),
            least: sorted.first().copied().unwrap_or_default(),
            median: median_of_sorted(sorted),
            greatest: sorted.last().copied().unwrap_or_default(),
        }
    }
}

/// The values in ascending order.
pub(super) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values
}

/// The median; 0 if there are no values.
pub(crate) fn median(values: &[f64]) -> f64 {
    median_of_sorted(&sorted(values))
}

fn median_of_sorted(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    match sorted.get(middle) {
        None => 0.0,
        Some(value) if sorted.len() % 2 == 1 => *value,
        Some(value) => f64::midpoint(sorted[middle - 1], *value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle_or_between_the_middle_two() {
        assert_eq!(median(&[]), 0.0);
        assert_eq!(median(&[3.0]), 3.0);
        assert_eq!(median(&[9.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[9.0, 1.0, 2.0, 4.0]), 3.0);
        assert_eq!(median(&[f64::MAX, f64::MAX]), f64::MAX);
    }

    #[test]
    fn a_summary_has_the_extremes() {
        let summary = Summary::of_sorted(&sorted(&[2.0, -1.0, 7.0, 3.0]));
        let expected = Summary {
            count: 4,
            least: -1.0,
            median: 2.5,
            greatest: 7.0,
        };
        assert_eq!(summary, expected);
        assert_eq!(Summary::of_sorted(&[]).count, 0);
    }
}

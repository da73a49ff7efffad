//! Computes the distance of two parts of a series, as an energy statistic with the exponent 1, and finds the division
//! with the greatest distance.

/// A division of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Division {
    /// The first value of the second part.
    pub(super) index: usize,
    /// The distance of both parts.
    pub(super) distance: f64,
}

/// The minimum number of values in a part.
const LEAST_PART: usize = 2;

/// Buffers for the search for divisions, which are reused for each order.
#[derive(Debug, Default)]
pub(super) struct Energy {
    /// For each index, the sum of all distances between the values before it.
    before: Vec<f64>,
    /// For each index, the sum of all distances between the values from it to the end of the second part.
    after: Vec<f64>,
}

impl Energy {
    /// The best of all divisions into the values before an index and those from there to an end. `None` if none has a
    /// positive distance.
    ///
    /// The second part need not reach the end of the series, so that a change which is soon reverted is found. Each end
    /// takes time proportional to the length, since the sums within both parts follow from those for the previous end.
    pub(super) fn best_division(&mut self, values: &[f64]) -> Option<Division> {
        self.before.clear();
        self.before.push(0.0);
        self.after.clear();
        self.after.resize(values.len(), 0.0);
        let mut best: Option<Division> = None;
        for (last, value) in values.iter().enumerate() {
            let mut to_last = 0.0;
            let parts = self.after[..last].iter_mut().zip(&values[..last]);
            for (after, other) in parts.rev() {
                to_last += (other - value).abs();
                *after += to_last;
            }
            self.before.push(self.before[last] + to_last);
            let division = self.best_up_to(last + 1);
            if division
                .is_some_and(|division| best.is_none_or(|best| division.distance > best.distance))
            {
                best = division;
            }
        }
        best
    }

    /// The best division of the first `end` values.
    fn best_up_to(&self, end: usize) -> Option<Division> {
        let all = self.before[end];
        let mut best = Division {
            index: 0,
            distance: 0.0,
        };
        for index in LEAST_PART..(end + 1).saturating_sub(LEAST_PART) {
            let (before, after) = (self.before[index], self.after[index]);
            let (m, n) = (index as f64, (end - index) as f64);
            let between = all - before - after;
            let within = before * n / (m - 1.0) + after * m / (n - 1.0);
            let distance = 2.0 / (m + n) * (between - within);
            if distance > best.distance {
                best = Division { index, distance };
            }
        }
        (best.index > 0).then_some(best)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
        pairs.map(|(a, b)| (a - b).abs()).sum()
    }

    fn within(values: &[f64]) -> f64 {
        let pairs = values.iter().enumerate();
        sum(pairs.flat_map(|(i, a)| values[..i].iter().map(move |b| (*a, *b))))
    }

    /// The distance by its definition: Matteson and James (2014), equations 5 and 7.
    fn distance(a: &[f64], b: &[f64]) -> f64 {
        let (m, n) = (a.len() as f64, b.len() as f64);
        let between = sum(a.iter().flat_map(|x| b.iter().map(move |y| (*x, *y))));
        let choose_two = |count: f64| count * (count - 1.0) / 2.0;
        let divergence =
            2.0 / (m * n) * between - within(a) / choose_two(m) - within(b) / choose_two(n);
        m * n / (m + n) * divergence
    }

    /// Checks the best division of the whole series, since that is what the published values are about.
    #[track_caller]
    fn check_whole(series: &[f64], index: usize, published: f64) {
        let mut energy = Energy::default();
        energy.best_division(series);
        let division = energy.best_up_to(series.len()).unwrap();
        assert_eq!(division.index, index);
        let error = (division.distance / published - 1.0).abs();
        assert!(error < 1e-9, "{}, not {published}", division.distance);
    }

    fn steps(parts: &[(usize, f64)]) -> Vec<f64> {
        parts
            .iter()
            .flat_map(|(count, value)| vec![*value; *count])
            .collect()
    }

    // MongoDB's signal-processing-algorithms, tests/test_detection.py: test_finds_simple_regression2.
    #[test]
    fn one_step_with_an_outlier() {
        let mut series = steps(&[(15, 50.0), (15, 100.0)]);
        series[2] = 100.0;
        check_whole(&series, 15, 649.999_999_999_999_9);
    }

    // The same, test_two_regressions.
    #[test]
    fn two_steps() {
        let mut series = steps(&[(15, 50.0), (15, 100.0), (15, 150.0)]);
        series[2] = 100.0;
        check_whole(&series, 30, 1_209.195_402_298_850_5);
        check_whole(&series[..30], 15, 649.999_999_999_999_9);
    }

    // The same, test_random_ish_data.
    #[test]
    fn three_ranges_of_random_numbers() {
        check_whole(
            &super::super::tests::RANDOM_ISH,
            40,
            2_848.116_959_064_327_6,
        );
        check_whole(
            &super::super::tests::RANDOM_ISH[..40],
            20,
            893.578_947_368_421,
        );
    }

    #[test]
    fn equal_values_and_short_series_have_no_division() {
        let mut energy = Energy::default();
        for series in [&[][..], &[1.0], &[1.0, 2.0, 2.0], &[5.0; 20]] {
            assert_eq!(energy.best_division(series), None);
        }
    }

    proptest! {
        #[test]
        fn the_best_division_is_the_best_by_definition(
            series in proptest::collection::vec((-9..9_i8).prop_map(f64::from), 4..16),
        ) {
            let mut best = 0.0_f64;
            for end in 4..=series.len() {
                for index in 2..=end - 2 {
                    best = best.max(distance(&series[..index], &series[index..end]));
                }
            }
            let found = Energy::default().best_division(&series);
            prop_assert!((found.map_or(0.0, |division| division.distance) - best).abs() < 1e-9);
        }
    }
}

//! The rank test of Mann and Whitney (Wilcoxon's rank sum test) tells whether the values of one sample tend to be
//! greater than those of the other. It assumes nothing about the distribution, and an outlier counts no more than its
//! rank.
//!
//! The p value is exact if no value occurs twice and the samples are short, as in R's `wilcox.test` if both have fewer
//! than 50 values; otherwise it is the normal approximation, corrected for ties and continuity.

use statrs::function::erf::erfc;

/// The maximum number of additions for an exact p value. Samples of 49 values each need fewer.
const EXACT_WORK: usize = 49 * 49 * (49 * 49 / 2 + 1);

/// The two-sided p value of two samples of finite numbers, each in ascending order and not empty.
pub(super) fn p_value(before: &[f64], after: &[f64]) -> f64 {
    let pairs = (before.len() * after.len()) as f64;
    let u = statistic(before, after);
    let ties = tied(before, after);
    let extreme = u.min(pairs - u) as usize;
    let work = (before.len() * after.len()).saturating_mul(extreme + 1);
    if ties.is_empty() && work <= EXACT_WORK {
        exact(before.len(), after.len(), extreme)
    } else {
        // The approximation is too small for short samples with only two different values.
        let p = approximate(before.len(), after.len(), u, &ties);
        p.max(smallest_p_value(before.len(), after.len()))
    }
}

/// The smallest p value that samples of these lengths can have.
pub(super) fn smallest_p_value(before: usize, after: usize) -> f64 {
    (2.0 / orders_of(before, after)).min(1.0)
}

/// The number of pairs in which the value of `after` is greater; equal values count half.
fn statistic(before: &[f64], after: &[f64]) -> f64 {
    let (mut less, mut not_greater) = (0, 0);
    let mut doubled = 0;
    for value in after {
        while before.get(less).is_some_and(|other| other < value) {
            less += 1;
        }
        while before.get(not_greater).is_some_and(|other| other <= value) {
            not_greater += 1;
        }
        doubled += less + not_greater;
    }
    doubled as f64 / 2.0
}

/// The lengths of the groups of equal values in both samples together.
fn tied(before: &[f64], after: &[f64]) -> Vec<f64> {
    let mut all = [before, after].concat();
    all.sort_by(f64::total_cmp);
    let groups = all.chunk_by(|a, b| a == b);
    let tied = groups.filter(|group| group.len() > 1);
    tied.map(|group| group.len() as f64).collect()
}

/// Twice the probability that the statistic is at most `u`, if all orders of the values are equally likely.
fn exact(before: usize, after: usize, u: usize) -> f64 {
    // By the recursion of Mann and Whitney (1947): the greatest value belongs to one sample or to the other. `row[j]`
    // has the number of orders of `i` and `j` values for each statistic up to `u`; none exceeds 2^97.
    let start: Vec<f64> = (0..=u).map(|statistic| f64::from(statistic == 0)).collect();
    let mut row = vec![start; after + 1];
    for _ in 0..before {
        for j in 1..=after {
            let (shorter, longer) = row.split_at_mut(j);
            let with_one_less = &shorter[j - 1];
            let orders = &mut longer[0];
            let kept = orders.len().saturating_sub(j);
            let gone = orders.len() - kept;
            orders.copy_within(..kept, gone);
            orders[..gone].fill(0.0);
            for (orders, more) in orders.iter_mut().zip(with_one_less) {
                *orders += more;
            }
        }
    }
    let extreme: f64 = row[after].iter().sum();
    (2.0 * extreme / orders_of(before, after)).min(1.0)
}

/// The number of orders in which the values of two samples can be: the binomial coefficient.
fn orders_of(before: usize, after: usize) -> f64 {
    let steps = 1..=before;
    steps.fold(1.0, |product, i| product * (after + i) as f64 / i as f64)
}

fn approximate(before: usize, after: usize, u: f64, ties: &[f64]) -> f64 {
    let (m, n) = (before as f64, after as f64);
    let all = m + n;
    let tied: f64 = ties.iter().map(|t| t * t * t - t).sum();
    let variance = m * n / 12.0 * (all + 1.0 - tied / (all * (all - 1.0)));
    let distance = ((u - m * n / 2.0).abs() - 0.5).max(0.0);
    if variance <= 0.0 || distance == 0.0 {
        return 1.0;
    }
    erfc(distance / variance.sqrt() / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::summary::sorted;
    use super::*;

    #[track_caller]
    fn check(before: &[f64], after: &[f64], u: f64, p: f64) {
        let (before, after) = (sorted(before), sorted(after));
        assert_eq!(statistic(&after, &before), u);
        for found in [p_value(&before, &after), p_value(&after, &before)] {
            assert!((found / p - 1.0).abs() < 1e-9, "{found}, not {p}");
        }
    }

    fn steps(count: usize, first: f64) -> Vec<f64> {
        (0..count).map(|i| first + i as f64).collect()
    }

    // The example of SciPy's documentation of `mannwhitneyu`: U1 = 17, exact p = 0.1111111111111111.
    #[test]
    fn the_example_of_scipy() {
        let males = [19.0, 22.0, 16.0, 29.0, 24.0];
        let females = [20.0, 11.0, 17.0, 12.0];
        check(&males, &females, 17.0, 0.111_111_111_111_111_1);
        // There, with `method="asymptotic"`: p = 0.11134688653314041.
        let p = approximate(5, 4, 17.0, &[]);
        assert!((p - 0.111_346_886_533_140_41).abs() < 1e-9, "{p}");
    }

    // R's `example(wilcox.test)`, from Hollander and Wolfe (1973), 69f: W = 35; p = 0.1272 there is one-sided.
    #[test]
    fn the_permeability_of_hollander_and_wolfe() {
        let x = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
        let y = [1.15, 0.88, 0.90, 0.74, 1.21];
        check(&x, &y, 35.0, 0.254_412_254_412_254_4);
    }

    // R's `wilcox.test(Ozone ~ Month, data = airquality, subset = Month %in% c(5, 8))`: W = 127.5, p = 0.0001208.
    // More digits by SciPy 1.17.1.
    #[test]
    fn the_ozone_of_may_and_august_has_ties() {
        let may = [
            41.0, 36.0, 12.0, 18.0, 28.0, 23.0, 19.0, 8.0, 7.0, 16.0, 11.0, 14.0, 18.0, 14.0, 34.0,
            6.0, 30.0, 11.0, 1.0, 11.0, 4.0, 32.0, 23.0, 45.0, 115.0, 37.0,
        ];
        let august = [
            39.0, 9.0, 16.0, 78.0, 35.0, 66.0, 122.0, 89.0, 110.0, 44.0, 28.0, 65.0, 22.0, 59.0,
            23.0, 31.0, 44.0, 21.0, 9.0, 45.0, 168.0, 73.0, 76.0, 118.0, 84.0, 85.0,
        ];
        check(&may, &august, 127.5, 0.000_120_807_830_768_774_34);
    }

    // By SciPy 1.17.1: `mannwhitneyu(arange(n), arange(n) + 7.5)`, exact for 20 values, asymptotic for 60.
    #[test]
    fn short_samples_are_exact_and_long_ones_are_not() {
        let after = |n| steps(n, 7.5);
        check(
            &steps(20, 0.0),
            &after(20),
            78.0,
            0.000_667_561_967_557_131_1,
        );
        check(
            &steps(60, 0.0),
            &after(60),
            1378.0,
            0.026_945_856_195_642_96,
        );
        check(&[0.5], &after(201), 0.0, 2.0 / 202.0);
    }

    // Mann and Whitney (1947), table I: for n = m = 8, U <= 13 has the probability .025 (one-sided).
    #[test]
    fn the_table_of_mann_and_whitney() {
        assert!((exact(8, 8, 13) / 2.0 - 0.025).abs() < 5e-4);
        assert!((exact(3, 3, 0) / 2.0 - 0.05).abs() < 1e-12);
        assert!((exact(4, 3, 1) / 2.0 - 0.057).abs() < 5e-4);
    }

    #[test]
    fn equal_samples_are_not_different() {
        assert_eq!(p_value(&[1.0, 1.0], &[1.0, 1.0, 1.0]), 1.0);
        assert_eq!(p_value(&[1.0], &[1.0]), 1.0);
        assert_eq!(p_value(&steps(60, 0.0), &steps(60, 0.0)), 1.0);
    }

    #[test]
    fn short_samples_cannot_be_significant() {
        assert_eq!(smallest_p_value(0, 9), 1.0);
        assert!((smallest_p_value(4, 4) - 2.0 / 70.0).abs() < 1e-12);
        assert!((smallest_p_value(5, 5) - 2.0 / 252.0).abs() < 1e-12);
        assert!((smallest_p_value(1, 201) - 2.0 / 202.0).abs() < 1e-12);
        assert!(smallest_p_value(60, 60) < 1e-12);
    }

    proptest! {
        #[test]
        fn p_depends_on_nothing_but_the_order(
            before in proptest::collection::vec(-50.0..50.0_f64, 1..30),
            after in proptest::collection::vec(-50.0..50.0_f64, 1..30),
        ) {
            let (before, after) = (sorted(&before), sorted(&after));
            let p = p_value(&before, &after);
            prop_assert!((0.0..=1.0).contains(&p));
            prop_assert!((p - p_value(&after, &before)).abs() < 1e-9);
            let grown = |values: &[f64]| values.iter().map(|x| (x / 10.0).exp()).collect::<Vec<_>>();
            prop_assert!((p - p_value(&grown(&before), &grown(&after))).abs() < 1e-9);
        }
    }
}

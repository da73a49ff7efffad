use proptest::prelude::*;

use super::super::job_noise::JobNoise;
use super::super::jobs::{Order, compare_jobs};
use super::*;

const BEFORE: [f64; 10] = [10.0, 10.1, 9.9, 10.2, 10.05, 9.95, 10.15, 9.85, 10.3, 9.8];

fn scaled(values: &[f64], factor: f64) -> Vec<f64> {
    values.iter().map(|value| value * factor).collect()
}

#[track_caller]
fn check(before: &[f64], after: &[f64], higher_is_better: Option<bool>, verdict: Verdict) {
    let comparison = compare(before, after, higher_is_better, &Rules::default());
    assert_eq!(comparison.verdict, verdict, "{comparison:?}");
}

#[test]
fn the_direction_says_whether_a_change_is_good() {
    let (more, less) = (scaled(&BEFORE, 1.2), scaled(&BEFORE, 0.8));
    check(&BEFORE, &more, Some(true), Verdict::Improve);
    check(&BEFORE, &more, Some(false), Verdict::Regress);
    check(&BEFORE, &less, Some(true), Verdict::Regress);
    check(&BEFORE, &less, Some(false), Verdict::Improve);
    check(&BEFORE, &more, None, Verdict::Differ);
    check(&BEFORE, &BEFORE, None, Verdict::Same);
}

#[test]
fn a_change_is_a_ratio_with_an_interval_around_it() {
    let comparison = compare(&BEFORE, &scaled(&BEFORE, 1.2), None, &Rules::default());
    let change = comparison.change.unwrap();
    assert!((change.estimate - 0.2).abs() < 1e-9);
    assert!(change.low < 0.2 && change.low > 0.17, "{change:?}");
    assert!(change.high > 0.2 && change.high < 0.23, "{change:?}");
    assert!((comparison.before.median, comparison.after.count) == (10.025, 10));
    // Exact: all values are greater. 2 / C(20, 10).
    assert!((comparison.p - 2.0 / 184_756.0).abs() < 1e-12);
}

#[test]
fn a_sure_change_below_the_minimal_effect_is_none() {
    let fine: Vec<f64> = (0..20).map(|i| 100.0 + 0.01 * f64::from(i)).collect();
    let comparison = compare(&fine, &scaled(&fine, 1.02), Some(false), &Rules::default());
    assert_eq!(comparison.verdict, Verdict::Same);
    assert!(comparison.p < 1e-9);
    check(&fine, &scaled(&fine, 1.031), Some(false), Verdict::Regress);
}

#[test]
fn too_little_is_no_verdict() {
    let lack = Verdict::NotEnoughData;
    check(&[1.0; 4], &[2.0; 4], Some(false), lack(Lack::TooFew));
    check(&[], &[2.0; 9], Some(false), lack(Lack::TooFew));
    check(
        &[1.0, f64::NAN],
        &[2.0; 9],
        Some(false),
        lack(Lack::NotFinite),
    );
    check(
        &[1.0; 9],
        &[f64::INFINITY; 9],
        Some(false),
        lack(Lack::NotFinite),
    );
    check(&[1.0; 5], &[2.0; 5], Some(false), Verdict::Regress);
    let shortest = compare(&[1.0; 5], &[2.0; 5], None, &Rules::default());
    assert!((shortest.p - 2.0 / 252.0).abs() < 1e-12);
}

#[test]
fn noise_may_hide_a_change() {
    let noisy = [50.0, 150.0, 80.0, 120.0, 60.0, 140.0, 100.0, 90.0];
    let other = [55.0, 145.0, 85.0, 118.0, 66.0, 133.0, 101.0, 95.0];
    check(
        &noisy,
        &other,
        Some(true),
        Verdict::NotEnoughData(Lack::TooNoisy),
    );
}

#[test]
fn from_zero_every_difference_is_a_change() {
    let zeros = [0.0; 10];
    let comparison = compare(&zeros, &BEFORE, Some(false), &Rules::default());
    assert_eq!(comparison.verdict, Verdict::Regress);
    assert_eq!(comparison.change.unwrap().estimate, f64::INFINITY);
    check(&zeros, &zeros, Some(false), Verdict::Same);
    check(&BEFORE, &zeros, Some(false), Verdict::Improve);
    let comparison = compare(&BEFORE, &zeros, Some(false), &Rules::default());
    assert!((comparison.change.unwrap().estimate + 1.0).abs() < 0.01);
}

#[test]
fn below_zero_more_is_still_more() {
    let (weak, strong) = (scaled(&BEFORE, -10.0), scaled(&BEFORE, -8.0));
    check(&weak, &strong, Some(true), Verdict::Improve);
    check(&strong, &weak, Some(true), Verdict::Regress);
    let change = compare(&weak, &strong, None, &Rules::default())
        .change
        .unwrap();
    assert!((change.estimate - 0.2).abs() < 0.01, "{change:?}");
}

#[test]
fn many_metrics_need_more_evidence() {
    let rules = Rules::default();
    let six = |factor| {
        compare(
            &BEFORE[..6],
            &scaled(&BEFORE[..6], factor),
            Some(false),
            &rules,
        )
    };
    // 2 / C(12, 6) = 0.0022: enough alone, and as one of three.
    let mut alone = [six(1.5)];
    correct(&mut alone, &rules);
    assert_eq!(alone[0].verdict, Verdict::Regress);
    let mut three = [six(1.5), six(1.0), six(1.0)];
    correct(&mut three, &rules);
    assert_eq!(three[0].verdict, Verdict::Regress);
    let mut four = [six(1.5), six(1.0), six(1.0), six(1.0)];
    correct(&mut four, &rules);
    assert!(
        four.iter()
            .all(|metric| metric.verdict == Verdict::NotEnoughData(Lack::TooFew))
    );
    // But not if the others are clearer, since only the rest counts then.
    let clear = compare(&BEFORE, &scaled(&BEFORE, 1.5), Some(false), &rules);
    let mut mixed = [clear, clear, clear, clear, six(1.0)];
    correct(&mut mixed, &rules);
    assert_eq!(mixed[4].verdict, Verdict::Same);
}

#[test]
fn a_correction_keeps_what_is_no_matter_of_p() {
    let rules = Rules::default();
    let jobs = [BEFORE.to_vec()];
    let other = [scaled(&BEFORE, 2.0)];
    let mut all = [
        compare_jobs(&jobs, &other, Order::Apart, None, None, &rules),
        compare(&[f64::NAN], &BEFORE, None, &rules),
    ];
    correct(&mut all, &rules);
    assert_eq!(all[0].verdict, Verdict::NotEnoughData(Lack::Jobs));
    assert_eq!(all[1].verdict, Verdict::NotEnoughData(Lack::NotFinite));
}

/// Jobs whose values differ by nothing but the factor of each.
fn jobs(factors: &[f64]) -> Vec<Vec<f64>> {
    factors
        .iter()
        .map(|factor| scaled(&BEFORE, *factor))
        .collect()
}

#[track_caller]
fn check_jobs(before: &[f64], after: &[f64], order: Order, history: &[f64], verdict: Verdict) {
    let noise = JobNoise::of([&jobs(history)[..]]);
    let rules = Rules::default();
    let comparison = compare_jobs(
        &jobs(before),
        &jobs(after),
        order,
        noise,
        Some(false),
        &rules,
    );
    assert_eq!(comparison.verdict, verdict, "{noise:?} {comparison:?}");
}

/// The factors of `count` jobs, with a deviation of 1 %.
fn quiet(count: u32) -> Vec<f64> {
    let factor = |i| 1.0 + 0.01 * f64::from(i % 5) / 2.0_f64.sqrt();
    (0..count).map(factor).collect()
}

#[test]
fn two_jobs_are_too_few_for_a_change() {
    let lack = Verdict::NotEnoughData(Lack::Jobs);
    check_jobs(&[1.0], &[1.2], Order::Apart, &[], lack);
    check_jobs(&[1.0], &[1.2], Order::InTurn, &[], lack);
    let few = Verdict::NotEnoughData(Lack::FewJobs);
    check_jobs(&[1.0], &[1.2], Order::Apart, &quiet(49), few);
    // Unless so many other jobs are known that some of them would be outliers if one job in twenty were.
    check_jobs(&[1.0], &[1.2], Order::Apart, &quiet(50), Verdict::Regress);
    check_jobs(&[1.0], &[1.0], Order::Apart, &[], Verdict::Same);
}

#[test]
fn jobs_must_differ_by_more_than_those_of_one_build() {
    let (before, after) = ([1.0, 1.01, 0.99], [1.2, 1.21, 1.19]);
    check_jobs(&before, &after, Order::Apart, &quiet(20), Verdict::Regress);
    let noisy: Vec<f64> = quiet(20).iter().map(|factor| factor.powi(10)).collect();
    let too_noisy = Verdict::NotEnoughData(Lack::TooNoisy);
    check_jobs(&before, &after, Order::Apart, &noisy, too_noisy);
    check_jobs(
        &before,
        &after,
        Order::Apart,
        &[],
        Verdict::NotEnoughData(Lack::Jobs),
    );
}

#[test]
fn one_job_unlike_the_others_is_no_change() {
    let before = [1.0, 1.01, 0.99];
    let check = |after: &[f64], verdict| {
        check_jobs(&before, after, Order::Apart, &quiet(20), verdict);
    };
    check(&[1.0, 1.0, 3.0], Verdict::Same);
    check(&[1.0, 3.0, 3.0], Verdict::Regress);
    let too_noisy = Verdict::NotEnoughData(Lack::TooNoisy);
    check_jobs(
        &[1.0, 1.01],
        &[1.0, 3.0],
        Order::Apart,
        &quiet(20),
        too_noisy,
    );
}

#[test]
fn known_jobs_with_a_heavy_tail_do_not_decide() {
    let mut history = quiet(20);
    let (before, after) = ([1.0, 1.01, 0.99], [1.2, 1.21, 1.19]);
    check_jobs(&before, &after, Order::Apart, &history, Verdict::Regress);
    history[7] = 1.5;
    let too_noisy = Verdict::NotEnoughData(Lack::TooNoisy);
    check_jobs(&before, &after, Order::Apart, &history, too_noisy);
    // Enough degrees of freedom to know the noise, but too few to know its tail.
    let lack = Verdict::NotEnoughData(Lack::Jobs);
    check_jobs(
        &[1.0, 1.0],
        &[1.2, 1.2],
        Order::Apart,
        &quiet(9),
        Verdict::Regress,
    );
    check_jobs(&[1.0, 1.0], &[1.2, 1.2], Order::Apart, &quiet(8), lack);
}

#[test]
fn jobs_that_never_differed_show_every_change() {
    let history = [1.0; 60];
    check_jobs(&[1.0], &[1.04], Order::Apart, &history, Verdict::Regress);
    check_jobs(&[1.0], &[1.02], Order::Apart, &history, Verdict::Same);
}

#[test]
fn one_value_a_job_is_enough_if_the_noise_is_known() {
    let single = |factors: &[f64]| {
        factors
            .iter()
            .map(|factor| vec![*factor])
            .collect::<Vec<_>>()
    };
    let noise = JobNoise::of([&single(&quiet(50))[..]]);
    let compared = |after: f64| {
        let (before, after) = (single(&[1.0]), single(&[after]));
        let rules = Rules::default();
        compare_jobs(&before, &after, Order::Apart, noise, Some(true), &rules).verdict
    };
    assert_eq!(compared(1.2), Verdict::Improve);
    assert_eq!(compared(1.0), Verdict::Same);
    assert_eq!(compared(-1.0), Verdict::NotEnoughData(Lack::TooFew));
}

#[test]
fn jobs_in_turn_are_the_values_if_there_are_enough() {
    let before = [1.0, 1.01, 0.99, 1.005, 0.995, 1.002];
    let after = before.map(|factor| factor * 1.2);
    check_jobs(&before, &after, Order::InTurn, &[], Verdict::Regress);
    check_jobs(
        &before,
        &after,
        Order::Apart,
        &[],
        Verdict::NotEnoughData(Lack::Jobs),
    );
    check_jobs(&before, &after, Order::Apart, &quiet(10), Verdict::Regress);
    let (before, after) = (jobs(&before), jobs(&after));
    let comparison = compare_jobs(
        &before,
        &after,
        Order::InTurn,
        None,
        None,
        &Rules::default(),
    );
    assert_eq!((comparison.before.count, comparison.after.count), (6, 6));
    assert_eq!(comparison.verdict, Verdict::Differ);
}

#[test]
fn the_noise_is_pooled_within_builds() {
    // Standard deviation of logarithms 0.1 in both builds; the builds differ by much more.
    let build = |level: f64| jobs(&[-0.1, 0.0, 0.1].map(|x: f64| level * x.exp()));
    let noise = JobNoise::of([&build(1.0)[..], &build(5.0)[..]]).unwrap();
    assert!((noise.deviation - 0.1).abs() < 1e-9, "{noise:?}");
    assert_eq!((noise.freedom, noise.jobs), (4, 6));
    assert_eq!(JobNoise::of([&build(1.0)[..]]), None);
    let zero = [vec![0.0], vec![0.0], vec![1.0], vec![1.0], vec![1.0]];
    assert_eq!(JobNoise::of([&zero[..]]), None);
}

proptest! {
    #[test]
    fn units_do_not_matter(
        before in proptest::collection::vec(1.0..2.0_f64, 5..12),
        after in proptest::collection::vec(1.0..2.0_f64, 5..12),
        unit in 1e-6..1e6_f64,
    ) {
        let rules = Rules::default();
        let one = compare(&before, &after, Some(true), &rules);
        let other = compare(&scaled(&before, unit), &scaled(&after, unit), Some(true), &rules);
        let (a, b) = (one.change.unwrap(), other.change.unwrap());
        prop_assert!((a.estimate - b.estimate).abs() < 1e-6);
        prop_assert!((a.low - b.low).abs() < 1e-2 && (a.high - b.high).abs() < 1e-2);
        prop_assert!(a.low <= a.estimate + 1e-9 && a.estimate <= a.high + 1e-9);
    }

    #[test]
    fn any_numbers_have_a_verdict(
        before in proptest::collection::vec(any::<f64>(), 0..12),
        after in proptest::collection::vec(any::<f64>(), 0..12),
    ) {
        let comparison = compare(&before, &after, None, &Rules::default());
        prop_assert!((0.0..=1.0).contains(&comparison.p));
        prop_assert!(comparison.change.is_none_or(|change| !change.estimate.is_nan()));
    }
}

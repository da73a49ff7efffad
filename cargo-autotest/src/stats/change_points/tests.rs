use super::*;

// MongoDB's signal-processing-algorithms, tests/test_detection.py: test_random_ish_data.
pub(super) const RANDOM_ISH: [f64; 60] = [
    41.0, 18.0, 23.0, 3.0, 32.0, 11.0, 40.0, 13.0, 29.0, 48.0, 47.0, 35.0, 18.0, 21.0, 6.0, 2.0,
    23.0, 3.0, 4.0, 7.0, 120.0, 103.0, 102.0, 81.0, 71.0, 62.0, 115.0, 61.0, 108.0, 63.0, 70.0,
    98.0, 65.0, 96.0, 64.0, 74.0, 70.0, 113.0, 90.0, 114.0, 208.0, 196.0, 153.0, 150.0, 225.0,
    179.0, 206.0, 165.0, 177.0, 151.0, 218.0, 217.0, 244.0, 245.0, 229.0, 195.0, 225.0, 229.0,
    176.0, 250.0,
];

// The flow of the Nile at Aswan from 1871 to 1970, in 10^8 m^3 (R's `datasets::Nile`; Cobb 1978).
const NILE: [f64; 100] = [
    1120.0, 1160.0, 963.0, 1210.0, 1160.0, 1160.0, 813.0, 1230.0, 1370.0, 1140.0, 995.0, 935.0,
    1110.0, 994.0, 1020.0, 960.0, 1180.0, 799.0, 958.0, 1140.0, 1100.0, 1210.0, 1150.0, 1250.0,
    1260.0, 1220.0, 1030.0, 1100.0, 774.0, 840.0, 874.0, 694.0, 940.0, 833.0, 701.0, 916.0, 692.0,
    1020.0, 1050.0, 969.0, 831.0, 726.0, 456.0, 824.0, 702.0, 1120.0, 1100.0, 832.0, 764.0, 821.0,
    768.0, 845.0, 864.0, 862.0, 698.0, 845.0, 744.0, 796.0, 1040.0, 759.0, 781.0, 865.0, 845.0,
    944.0, 984.0, 897.0, 822.0, 1010.0, 771.0, 676.0, 649.0, 846.0, 812.0, 742.0, 801.0, 1040.0,
    860.0, 874.0, 848.0, 890.0, 744.0, 749.0, 838.0, 1050.0, 918.0, 986.0, 797.0, 923.0, 975.0,
    815.0, 1020.0, 906.0, 901.0, 1170.0, 912.0, 746.0, 919.0, 718.0, 714.0, 740.0,
];

// Apache Otava 0.8.0, tests/tigerbeetle_test.py: the first 110 values.
const TIGERBEETLE: [f64; 110] = [
    26705.0, 26475.0, 26641.0, 26806.0, 26835.0, 26911.0, 26564.0, 26812.0, 26874.0, 26682.0,
    15672.0, 26745.0, 26460.0, 26977.0, 26851.0, 23412.0, 23547.0, 23674.0, 23519.0, 23670.0,
    23662.0, 23462.0, 23750.0, 23717.0, 23524.0, 23588.0, 23687.0, 23793.0, 23937.0, 23715.0,
    23570.0, 23730.0, 23690.0, 23699.0, 23670.0, 23860.0, 23988.0, 23652.0, 23681.0, 23798.0,
    23728.0, 23604.0, 23523.0, 23412.0, 23685.0, 23773.0, 23771.0, 23718.0, 23409.0, 23739.0,
    23674.0, 23597.0, 23682.0, 23680.0, 23711.0, 23660.0, 23990.0, 23938.0, 23742.0, 23703.0,
    23536.0, 24363.0, 24414.0, 24483.0, 24509.0, 24944.0, 24235.0, 24560.0, 24236.0, 24667.0,
    24730.0, 28346.0, 28437.0, 28436.0, 28057.0, 28217.0, 28456.0, 28427.0, 28398.0, 28250.0,
    28331.0, 28222.0, 28726.0, 28578.0, 28345.0, 28274.0, 28514.0, 28590.0, 28449.0, 28305.0,
    28411.0, 28788.0, 28404.0, 28821.0, 28580.0, 27483.0, 26805.0, 27487.0, 27124.0, 26898.0,
    27295.0, 26951.0, 27312.0, 27660.0, 27154.0, 27050.0, 26989.0, 27193.0, 27503.0, 27326.0,
];

#[track_caller]
fn check(series: &[f64], expected: &[usize]) {
    let found = change_points(series, &Search::default());
    let indexes: Vec<usize> = found.iter().map(|point| point.index).collect();
    assert_eq!(indexes, expected, "{found:?}");
}

fn steps(parts: &[(usize, f64)]) -> Vec<f64> {
    parts
        .iter()
        .flat_map(|(count, value)| vec![*value; *count])
        .collect()
}

/// Levels with noise of 1 %.
fn noisy(parts: &[(usize, f64)], seed: u64) -> Vec<f64> {
    let mut rng = Rng::with_seed(seed);
    let mut noise = || (0..12).map(|_| rng.f64()).sum::<f64>() - 6.0;
    steps(parts)
        .iter()
        .map(|value| value * (1.0 + 0.01 * noise()))
        .collect()
}

#[test]
fn the_ranges_of_mongodb() {
    check(&RANDOM_ISH, &[20, 40]);
}

// tests/test_detection.py of the same: test_finds_ahead, test_finds_behind, test_regression_and_recovery.
#[test]
fn the_steps_of_mongodb() {
    check(&steps(&[(14, 50.0), (1, 74.0), (15, 100.0)]), &[15]);
    check(&steps(&[(14, 50.0), (1, 76.0), (15, 100.0)]), &[14]);
    let mut series = steps(&[(15, 50.0), (15, 100.0), (15, 50.0)]);
    series[2] = 100.0;
    series[32] = 100.0;
    // MongoDB's finds 33 instead of 30, since it compares with the whole rest.
    check(&series, &[15, 30]);
    check(&[50.0; 30], &[]);
}

// Apache Otava 0.8.0, tests/change_point_divisive_test.py: SEQUENCE, CHANGE_POINTS_INDS.
// Three values and six have 84 orders, too few for 1 %.
#[test]
fn the_sequence_of_otava() {
    let sequence = [
        0.3, 2.4, 1.5, -0.9, -0.5, 99.7, 98.3, 99.1, 149.0, 149.7, 149.5, 149.1, 148.8, 150.0,
    ];
    check(&sequence, &[5]);
    let search = Search {
        significance: 0.05,
        ..Search::default()
    };
    let found = change_points(&sequence, &search);
    assert_eq!(
        found.iter().map(|point| point.index).collect::<Vec<_>>(),
        [5, 8]
    );
}

// Apache Otava 0.8.0, tests/analysis_test.py: test_single_series_original; tests/series_test.py:
// test_change_point_detection.
#[test]
fn the_series_of_otava() {
    let single = [
        1.02, 0.95, 0.99, 1.00, 1.12, 1.00, 1.01, 0.98, 1.01, 0.96, 0.50, 0.51, 0.48, 0.48, 0.55,
        0.50, 0.49, 0.51, 0.50, 0.49,
    ];
    check(&single, &[10]);
    check(
        &[
            1.02, 0.95, 0.99, 1.00, 1.12, 0.90, 0.50, 0.51, 0.48, 0.48, 0.55,
        ],
        &[6],
    );
    check(
        &[
            2.02, 2.03, 2.01, 2.04, 1.82, 1.85, 1.79, 1.81, 1.80, 1.76, 1.78,
        ],
        &[4],
    );
}

// Otava finds 15 and 71 among these, with changes of 5 % and more (test_tb_old_defaults), and 95 with smaller ones.
#[test]
fn the_throughput_of_tigerbeetle() {
    check(&TIGERBEETLE, &[15, 61, 71, 95]);
    let search = Search {
        minimal_effect: 0.05,
        ..Search::default()
    };
    let found = change_points(&TIGERBEETLE, &search);
    let found: Vec<_> = found.iter().map(|point| point.index).collect();
    assert_eq!(found, [15, 71]);
}

// Cobb (1978) and all later analyses: less water since 1899.
#[test]
fn the_nile_has_less_water_since_1899() {
    let found = change_points(&NILE, &Search::default());
    let [point] = found[..] else {
        panic!("{found:?}");
    };
    assert_eq!(1871 + point.index, 1899);
    assert_eq!((point.before, point.after), (1130.0, 842.5));
    assert_eq!(point.p, 0.001);
}

#[test]
fn a_regression_that_was_soon_repaired_is_found() {
    check(
        &noisy(&[(60, 100.0), (8, 110.0), (132, 100.0)], 3),
        &[60, 68],
    );
}

#[test]
fn small_changes_are_left_out_and_their_neighbours_seen_again() {
    check(&noisy(&[(40, 100.0), (40, 102.0)], 5), &[]);
    // Two steps that are one change only together are left out one by one.
    let found = change_points(
        &noisy(&[(40, 100.0), (40, 102.0), (40, 110.0)], 5),
        &Search::default(),
    );
    let [point] = found[..] else {
        panic!("{found:?}");
    };
    assert_eq!(point.index, 80);
    assert!(
        point.before < 101.6,
        "the level before is that of both steps: {point:?}"
    );
}

#[test]
fn noise_has_no_change_points() {
    let with_any = (0..100).filter(|seed| {
        let search = Search {
            minimal_effect: 0.0,
            ..Search::default()
        };
        !change_points(&noisy(&[(50, 100.0)], 1000 + seed), &search).is_empty()
    });
    assert!(with_any.count() <= 4);
}

#[test]
fn zeros_and_numbers_that_are_none() {
    let series = steps(&[(10, 0.0), (10, 5.0)]);
    let found = change_points(&series, &Search::default());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].change(), f64::INFINITY);
    let negative = steps(&[(10, -10.0), (10, -5.0)]);
    assert_eq!(
        change_points(&negative, &Search::default())[0].change(),
        0.5
    );
    check(&[1.0, f64::NAN, 1.0, 9.0, 9.0, 9.0, 9.0, 9.0], &[]);
    check(&[], &[]);
}

#[test]
fn the_same_seed_gives_the_same_points() {
    let series = noisy(&[(30, 100.0), (30, 101.0), (30, 99.0)], 1);
    let found = |seed| {
        let search = Search {
            seed,
            minimal_effect: 0.0,
            ..Search::default()
        };
        change_points(&series, &search)
    };
    assert_eq!(found(1), found(1));
}

/// As long as a series of some years; it takes less than a second if it is built with optimization.
#[test]
fn a_long_series_has_all_its_changes() {
    let parts = [(300, 100.0), (300, 110.0), (200, 100.0), (200, 120.0)];
    check(&noisy(&parts, 9), &[300, 600, 800]);
}

//! That the tests of this edition are there.

use autotest::__private::registered;

#[test]
fn every_test_is_registered() {
    let defs = registered().flatten();
    let mut names: Vec<_> = defs
        .map(|def| (def.name, def.case.map_or("", |case| case.name)))
        .collect();
    names.sort_unstable();
    let expected = [
        ("AllPhases", ""),
        ("ShadowedPhases", ""),
        ("in_suite", ""),
        ("in_suite_with_parameter", ""),
        ("shadowed_params", "one"),
        ("shadowed_params", "two"),
        ("shadowed_result", ""),
        ("shadowed_unit", ""),
    ];
    assert_eq!(names, expected);
}

//! `#[case]`: each a test of its own.

use autotest::prelude::*;

use crate::bench::{check, def, defs, fails};

#[autotest(name = "disk.copy", attributes("disk"))]
#[case(mb = 1)]
#[case::named(mb = 2, disk = "sdb")]
#[case::partly(disk = "sdc")]
fn with_cases(mb: u64, #[param(default = "sda")] disk: &str, r#type: Option<String>) -> TestResult {
    fail!("{mb} {disk} {type:?}")
}

#[test]
fn cases_have_names_numbers_and_arguments() {
    let of_test = defs().filter(|def| def.name == "disk.copy");
    let cases: Vec<_> = of_test
        .filter_map(|def| def.case)
        .map(|case| (case.name, case.index, case.args))
        .collect();
    assert_eq!(
        cases,
        [
            ("case_1", 1, &[("mb", "1")][..]),
            ("named", 2, &[("mb", "2"), ("disk", "\"sdb\"")]),
            ("partly", 3, &[("disk", "\"sdc\"")]),
        ]
    );
    assert!(defs().all(|def| def.name != "disk.copy" || def.meta.attributes == ["disk"]));
}

#[test]
fn an_argument_wins_over_a_case_and_a_case_over_a_default() {
    check("disk.copy::case_1", &[], fails("1 sda None"));
    check("disk.copy::named", &[], fails("2 sdb None"));
    check(
        "disk.copy::named",
        &[("disk", "sdz"), ("type", "x")],
        fails("2 sdz Some(\"x\")"),
    );
    check("disk.copy::partly", &[("mb", "9")], fails("9 sdc None"));
}

#[test]
fn what_no_case_gives_is_required() {
    let missing = def("disk.copy::partly").check_values(&Args::new());
    let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
    assert_eq!(
        missing,
        ["parameter `mb` (`u64`) has no default: give it with `--param mb=…`"]
    );
    assert_eq!(def("disk.copy::named").check_values(&Args::new()), []);
}

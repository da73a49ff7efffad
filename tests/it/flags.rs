//! What each flag changes.

use super::binary::{Ran, fixture};

/// What the test itself printed.
#[track_caller]
fn check(args: &[&str], printed: &[&str]) -> Ran {
    let args = [args, &["--nocapture"]].concat();
    let ran = fixture("faulty", &args).expect_code(0);
    let stdout = ran.stdout();
    let own = |line: &&str| {
        ["hook", "run_once", "cleanup"].contains(line) || line.starts_with("iteration")
    };
    assert_eq!(
        stdout.lines().filter(own).collect::<Vec<_>>(),
        printed,
        "{stdout}"
    );
    ran
}

#[test]
fn without_flags_everything_runs() {
    check(&["parts"], &["hook", "run_once", "cleanup"]);
}

#[test]
fn fast_skips_hooks() {
    check(&["--fast", "parts"], &["run_once", "cleanup"]);
}

#[test]
fn no_cleanup_skips_cleanup() {
    check(&["--no-cleanup", "parts"], &["hook", "run_once"]);
    check(
        &["--param", "run_cleanup=false", "parts"],
        &["hook", "run_once"],
    );
}

#[test]
fn iterations_repeat_run_once() {
    check(
        &["--iterations", "2", "parts"],
        &["hook", "run_once", "hook", "run_once", "cleanup"],
    );
    check(&["--param", "iterations=0", "parts"], &["cleanup"]);
    fixture("faulty", &["--iterations", "0", "parts"]).expect_code(2);
}

#[test]
fn test_length_iterates_until_the_time_is_over() {
    let args = ["--nocapture", "--test-length", "0.05", "parts"];
    let ran = fixture("faulty", &args).expect_code(0);
    let count = ran
        .stdout()
        .lines()
        .filter(|line| *line == "run_once")
        .count();
    assert!(
        (2..=30).contains(&count),
        "{count} iterations of 2 ms in 50 ms"
    );
}

#[test]
fn profile_only_without_profilers_runs_nothing_and_warns() {
    let ran = check(&["--profile-only", "parts"], &["hook", "cleanup"]);
    let log = ran.file("status.log");
    assert!(log.contains("\tWARN\t----\t----\t"), "{log}");
    assert!(log.contains("No profilers have been added"), "{log}");
}

#[test]
fn unknown_params_can_be_allowed() {
    fixture("faulty", &["--param", "nosuch=1", "parts"]).expect_code(2);
    let ran = check(
        &["--allow-unknown-params", "--param", "nosuch=1", "parts"],
        &["hook", "run_once", "cleanup"],
    );
    assert!(ran.file("parts/keyval").contains("param-nosuch=1\n"));
}

#[test]
fn an_own_execute_takes_what_run_once_declares() {
    let printed = ["iteration 1 with Some(3)", "iteration 2 with Some(3)"];
    check(&["--param", "mb=3", "own_execute"], &printed);
    check(
        &["--allow-unknown-params", "--param", "mb=3", "own_execute"],
        &printed,
    );
}

#[test]
fn skip_wins_over_filters() {
    let args = ["--list", "says::", "--skip", "e", "--skip", "warn"];
    let ran = fixture("faulty", &args).expect_code(0);
    assert_eq!(ran.stdout(), "says::fail: test\n\n1 test, 0 benchmarks\n");
}

#[test]
fn exact_means_the_whole_name() {
    let ran = fixture("faulty", &["--list", "--exact", "says::fail", "says::war"]);
    assert_eq!(
        ran.expect_code(0).stdout(),
        "says::fail: test\n\n1 test, 0 benchmarks\n"
    );
}

#[test]
fn ignored_tests_run_only_when_asked() {
    let ran = fixture("faulty", &["--ignored", "says::"]).expect_code(101);
    assert!(
        ran.stdout().contains("running 1 test\n"),
        "{}",
        ran.stdout()
    );
    let ran = fixture("faulty", &["says::ignored"]).expect_code(0);
    assert!(
        ran.stdout().contains("0 passed; 0 failed; 1 ignored"),
        "{}",
        ran.stdout()
    );
}

#[test]
fn what_a_passing_test_prints_is_shown_only_when_asked() {
    let printed = "run_once";
    let ran = fixture("faulty", &["parts"]).expect_code(0);
    assert!(!ran.stdout().contains(printed), "{}", ran.stdout());
    assert_eq!(ran.file("parts/debug/stdout"), "hook\nrun_once\ncleanup\n");
    let ran = fixture("faulty", &["--show-output", "parts"]).expect_code(0);
    assert!(ran.stdout().contains(printed), "{}", ran.stdout());
}

#[test]
fn without_isolation_verdicts_are_the_same() {
    let select = ["says::", "raises::", "records::", "nests::", "--nocapture"];
    let verdicts = |isolation| {
        let args = [&["--isolation", isolation], &select[..]].concat();
        let ran = fixture("faulty", &args).expect_code(101);
        let stdout = ran.stdout();
        let lines = stdout.lines().filter(|line| line.contains(" ... "));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(verdicts("fork"), verdicts("none"));
}

#[test]
fn constraints_that_were_never_checked_are_told() {
    let ran = fixture("faulty", &["--constraint", "speed > 1", "parts"]).expect_code(0);
    let told = "    also constraints: WARN: the constraints were never checked: ";
    assert!(ran.stdout().contains(told), "{}", ran.stdout());
}

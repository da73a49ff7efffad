//! `cargo test`, cargo-nextest and their flags.

use std::path::Path;
use std::process::{Command, Output};

use super::binary::{Ran, fixture};

/// The lines of each test and its subtests, sorted.
fn verdicts(ran: &Ran) -> Vec<String> {
    let stdout = ran.stdout();
    let lines = stdout.lines().filter(|line| line.contains(" ... "));
    let mut lines: Vec<_> = lines.map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn tests_may_run_at_once_and_the_log_is_as_if_they_did_not() {
    let select = ["says::", "raises::", "nests::", "parts"];
    let run = |threads| {
        let args = [&["--test-threads", threads], &select[..]].concat();
        fixture("faulty", &args).expect_code(101)
    };
    let (one, four) = (run("1"), run("4"));
    assert_eq!(verdicts(&one), verdicts(&four));
    let blocks = |ran: &Ran| {
        let log = ran.log("status.log");
        let mut blocks: Vec<_> = log.split("\n→START").map(str::to_owned).collect();
        let last = blocks.len() - 1;
        blocks[last] = blocks[last].replace("\nEND GOOD→----→----→timestamp=.→localtime=.→\n", "");
        blocks.sort();
        blocks
    };
    assert_eq!(blocks(&one), blocks(&four));
}

#[test]
fn a_test_that_ends_takes_no_other_tests_processes_with_it() {
    let ran = fixture("faulty", &["--test-threads", "2", "pairs::"]).expect_code(0);
    let stdout = ran.stdout();
    assert!(
        stdout.contains("test pairs::b_needs_its_child ... ok\n"),
        "{stdout}"
    );
}

#[test]
fn a_supervisor_whose_starter_ignores_children_waits_for_its_own() {
    let home = tempfile::tempdir().unwrap();
    let faulty = env!("CARGO_BIN_EXE_faulty");
    let script = format!("trap '' CHLD; exec {faulty} --results results parts");
    let mut command = Command::new("sh");
    let output = command
        .current_dir(home.path())
        .args(["-c", &script])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn no_test_thread_is_an_error() {
    let ran = fixture("faulty", &["--test-threads", "0"]).expect_code(2);
    let expected = "error: `--test-threads` takes a number from 1, not `0`\n";
    assert_eq!(ran.stderr(), expected);
}

#[test]
fn fail_fast_starts_no_further_test() {
    let ran = fixture("faulty", &["--fail-fast", "says::"]).expect_code(101);
    let stdout = ran.stdout();
    assert!(stdout.contains("tests that did not run: 5\n"), "{stdout}");
    assert!(
        ran.log("status.log")
            .ends_with("END ABORT→----→----→timestamp=.→localtime=.→a test failed\n")
    );
}

#[test]
fn quiet_is_a_character_a_test() {
    let ran = fixture("faulty", &["-q", "says::"]).expect_code(101);
    assert!(ran.stdout().contains("\niFF..F.\n"), "{}", ran.stdout());
}

#[test]
fn a_terse_list_is_names_alone() {
    let ran = fixture("faulty", &["--list", "--format", "terse", "takes::"]).expect_code(0);
    assert_eq!(ran.stdout(), "takes::ranged: test\ntakes::required: test\n");
    let ran = fixture(
        "faulty",
        &["--list", "--format=terse", "--ignored", "says::"],
    )
    .expect_code(0);
    assert_eq!(ran.stdout(), "says::ignored: test\n");
}

#[test]
fn flags_of_libtest_are_accepted() {
    let args = [
        "--test",
        "--color",
        "always",
        "-Z",
        "unstable-options",
        "--report-time",
        "--exclude-should-panic",
        "--no-capture",
        "parts",
    ];
    fixture("faulty", &args).expect_code(0);
    let ran = fixture("faulty", &["--bench", "parts"]).expect_code(0);
    assert!(
        ran.stdout()
            .contains("running 1 test\ntest parts ... ignored\n"),
        "{}",
        ran.stdout()
    );
}

/// Runs nextest on the test binary `dogfood`, if it is installed.
fn nextest(args: &[&str]) -> Option<Output> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let installed = Command::new(env!("CARGO"))
        .args(["nextest", "--version"])
        .output();
    if !installed.is_ok_and(|output| output.status.success()) {
        eprintln!("left out: cargo-nextest is not installed");
        return None;
    }
    let target = Path::new(env!("CARGO_BIN_EXE_faulty")).parent()?.parent()?;
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root).args(["nextest"]).args(args);
    command
        .args([
            "--package",
            "autotest-tests",
            "--test",
            "dogfood",
            "--target-dir",
        ])
        .arg(target);
    command
        .env("NO_COLOR", "1")
        .env_remove("NEXTEST")
        .env_remove("RUST_BACKTRACE");
    Some(command.output().unwrap())
}

#[track_caller]
fn check(output: &Output, code: i32, lines: &[&str]) {
    let text = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(code), "{text}");
    for line in lines {
        assert!(text.contains(line), "no {line:?} in\n{text}");
    }
}

#[test]
fn nextest_lists_and_runs_the_tests() {
    let Some(listed) = nextest(&["list"]) else {
        return;
    };
    check(
        &listed,
        0,
        &["cases::one", "cases::two", "flaky_under_a_runner", "passes"],
    );
    let Some(ran) = nextest(&["run", "--retries", "1"]) else {
        return;
    };
    check(&ran, 0, &["5 tests run: 5 passed (1 flaky), 2 skipped"]);
    let Some(ran) = nextest(&["run", "--partition", "hash:1/2", "--retries", "1"]) else {
        return;
    };
    check(&ran, 0, &["skipped"]);
}

#[test]
fn nextest_does_not_take_an_exit_for_a_pass() {
    let Some(ran) = nextest(&["run", "--run-ignored", "only"]) else {
        return;
    };
    check(
        &ran,
        100,
        &[
            "1 passed, 1 failed",
            "ended without an outcome: exit status 0",
        ],
    );
}

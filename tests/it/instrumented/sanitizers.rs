//! What sanitizers find in tests, and that they find nothing of ours.

use expect_test::{Expect, expect};

use super::build::{self, Build};
use crate::binary::{Ran, run};

/// The binary of a kind, if it is available.
fn binary(kind: &'static str) -> Option<std::path::PathBuf> {
    let build = Build::with_sanitizer(kind).filter(|_| !build::are_left_out())?;
    Some(build.binary("unsafe"))
}

/// The line of each test, and the reason of each that failed.
fn verdicts(ran: &Ran) -> String {
    let stdout = ran.stdout();
    let is_verdict = |line: &&str| {
        let begins = ["test ", "ERROR: ", "FAIL: ", "    also "];
        begins.iter().any(|begin| line.starts_with(begin)) && !line.starts_with("test result")
    };
    stdout
        .lines()
        .filter(is_verdict)
        .map(|line| format!("{line}\n"))
        .collect()
}

/// Runs all tests in both isolations, which say the same.
#[track_caller]
fn check(kind: &'static str, args: &[&str], reports: &[(&str, &str)], expected: &Expect) {
    let Some(binary) = binary(kind) else {
        return;
    };
    for isolation in ["fork", "exec"] {
        let args = [&["--isolation", isolation], args].concat();
        let ran = run(&binary, &args, &[]).expect_code(101);
        expected.assert_eq(&verdicts(&ran));
        for (test, report) in reports {
            let stderr = ran.file(&format!("{test}/debug/stderr"));
            assert!(stderr.contains(report), "{stderr}");
        }
    }
}

#[test]
fn address_sanitizer_ends_a_test_and_leaks_are_told_of_it() {
    let reports = [
        ("UsesAfterFree", "AddressSanitizer: heap-use-after-free"),
        ("leaks", "LeakSanitizer: detected memory leaks"),
        (
            "overflows_the_heap",
            "AddressSanitizer: heap-buffer-overflow",
        ),
    ];
    check(
        "address",
        &[],
        &reports,
        &expect![[r#"
        test races ... ignored
        test UsesAfterFree ... FAILED (ERROR)
        test is_clean ... ok
        test is_known_to_panic ... ok
            also a known failure: FAIL: Unhandled panic: on purpose
        test leaks ... FAILED (ERROR)
        test overflows_the_heap ... FAILED (ERROR)
        test panics ... FAILED (FAIL)
        ERROR: ended without an outcome: exit status 1
        ERROR: passed, but then exited with status 1
        ERROR: ended without an outcome: exit status 1
        FAIL: Unhandled panic: on purpose
    "#]],
    );
}

#[test]
fn leak_sanitizer_tells_leaks_of_a_test() {
    let reports = [("leaks", "LeakSanitizer: detected memory leaks")];
    check(
        "leak",
        &[],
        &reports,
        &expect![[r#"
        test races ... ignored
        test UsesAfterFree ... ok
        test is_clean ... ok
        test is_known_to_panic ... ok
            also a known failure: FAIL: Unhandled panic: on purpose
        test leaks ... FAILED (ERROR)
        test overflows_the_heap ... ok
        test panics ... FAILED (FAIL)
        ERROR: passed, but then exited with status 23
        FAIL: Unhandled panic: on purpose
    "#]],
    );
}

#[test]
fn thread_sanitizer_tells_races_of_a_test() {
    let reports = [("races", "ThreadSanitizer: data race")];
    check(
        "thread",
        &["--include-ignored", "races", "clean"],
        &reports,
        &expect![[r#"
        test is_clean ... ok
        test races ... FAILED (ERROR)
        ERROR: passed, but then exited with status 66
    "#]],
    );
}

#[test]
fn nothing_of_ours_leaks() {
    for kind in ["address", "leak"] {
        let Some(binary) = binary(kind) else {
            return;
        };
        let pass = ["is_clean", "is_known_to_panic"];
        for isolation in ["fork", "exec", "none"] {
            let args = [&["--isolation", isolation][..], &pass].concat();
            let ran = run(&binary, &args, &[]).expect_code(0);
            assert_eq!(ran.stderr(), "");
        }
        let _ = run(&binary, &["--list"], &[]).expect_code(0);
        let _ = run(&binary, &["--describe", "leaks"], &[]).expect_code(0);
        let _ = run(&binary, &["--param", "unknown=1"], &[]).expect_code(2);
        let reports = [
            "--junit",
            "--tap",
            "--format",
            "json",
            "--test-threads",
            "2",
        ];
        let _ = run(&binary, &[&reports[..], &pass].concat(), &[]).expect_code(0);
    }
}

#[test]
fn leaks_are_not_looked_for_where_leak_sanitizer_is_told_so() {
    let Some(binary) = binary("leak") else {
        return;
    };
    for isolation in ["fork", "exec"] {
        for option in ["leak_check_at_exit=0", "detect_leaks=0", "exitcode=0"] {
            let args = ["--isolation", isolation, "leaks"];
            let _ = run(&binary, &args, &[("LSAN_OPTIONS", option)]).expect_code(0);
        }
    }
}

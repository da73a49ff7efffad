//! Profilers: their steps, their files, and what becomes of a run in which they or the test go wrong.

mod bad;
mod built_in;
mod hanging;
mod interrupted;
mod traced;

use std::fs;

use expect_test::{Expect, expect};

use super::binary::{Ran, fixture};

/// The verdicts of the tests, as they are shown.
fn verdicts(ran: &Ran) -> String {
    let stdout = ran.stdout();
    let lines = stdout.lines().filter(|line| line.contains(" ... "));
    lines.map(|line| line.trim().to_owned() + "\n").collect()
}

/// What the profilers wrote.
fn profiling(ran: &Ran) -> String {
    let tree = ran.tree();
    let files = tree
        .iter()
        .filter(|path| path.contains("/profiling/") && !path.ends_with('/'));
    files.map(|path| format!("{path}\n")).collect()
}

#[track_caller]
fn check(args: &[&str], expected: Expect) -> Ran {
    let ran = fixture("profiled", args);
    assert_eq!(ran.stderr(), "");
    expected.assert_eq(&(verdicts(&ran) + &profiling(&ran)));
    assert!(ran.left_in_tmp().is_empty());
    ran
}

const NOTES: [&str; 2] = ["--profiler", "notes"];

#[track_caller]
fn check_noted(args: &[&str], expected: Expect) -> Ran {
    check(&[&NOTES[..], args].concat(), expected)
}

#[test]
fn an_extra_iteration_is_profiled() {
    let ran = check_noted(
        &["--iterations", "2", "--exact", "passes"],
        expect![[r#"
            test passes ... ok
            passes/profiling/iteration.3/marks
            passes/profiling/iteration.3/notes
        "#]],
    );
    expect![[r#"
        note initialize 3
        note before_start 3
        note start 3
        note stop 3
        note report 3
    "#]]
    .assert_eq(&ran.file("passes/profiling/iteration.3/notes"));
    expect![[r#"
        iteration 3
    "#]]
    .assert_eq(&ran.file("passes/profiling/iteration.3/marks"));
}

#[test]
fn all_iterations_are_profiled_by_one_process_if_only_those_are_wanted() {
    let ran = check_noted(
        &["--iterations", "2", "--profile-only", "--exact", "passes"],
        expect![[r#"
            test passes ... ok
            passes/profiling/iteration.1/marks
            passes/profiling/iteration.1/notes
            passes/profiling/iteration.2/marks
            passes/profiling/iteration.2/notes
        "#]],
    );
    expect![[r#"
        note initialize 1
        note before_start 1
        note start 1
        note stop 1
        note report 1
    "#]]
    .assert_eq(&ran.file("passes/profiling/iteration.1/notes"));
    expect![[r#"
        note before_start 2
        note start 2
        note stop 2
        note report 2
    "#]]
    .assert_eq(&ran.file("passes/profiling/iteration.2/notes"));
    let pids = ran.file("passes/profiler");
    let pids: Vec<_> = pids.lines().collect();
    assert!(matches!(pids[..], [one, other] if one == other), "{pids:?}");
}

#[test]
fn profilers_of_job_and_test_are_joined_and_duplicates_of_the_job_stay() {
    let ran = check(
        &[
            "--profiler",
            "notes:text=one",
            "--profiler",
            "notes:text=two",
            "--exact",
            "asks_itself",
        ],
        expect![[r#"
            test asks_itself ... ok
            asks_itself/profiling/iteration.2/marks
            asks_itself/profiling/iteration.2/notes
        "#]],
    );
    expect![[r#"
        one initialize 2
        one before_start 2
        two initialize 2
        two before_start 2
        one start 2
        two start 2
        one stop 2
        two stop 2
        one report 2
        two report 2
    "#]]
    .assert_eq(&ran.file("asks_itself/profiling/iteration.2/notes"));
    let ran = check(
        &["--exact", "asks_itself"],
        expect![[r#"
        test asks_itself ... ok
        asks_itself/profiling/iteration.2/marks
        asks_itself/profiling/iteration.2/notes
    "#]],
    );
    expect![[r#"
        own initialize 2
        own before_start 2
        own start 2
        own stop 2
        own report 2
    "#]]
    .assert_eq(&ran.file("asks_itself/profiling/iteration.2/notes"));
}

#[test]
fn a_test_with_its_own_execute_asks_itself() {
    check_noted(
        &["--exact", "Own"],
        expect![[r#"
        test Own ... ok
        Own/profiling/marks
        Own/profiling/notes
    "#]],
    );
    let ran = check_noted(
        &["--param", "forgets=true", "--exact", "Own"],
        expect![[r#"
            test Own ... ok
            Own/profiling/marks
            Own/profiling/notes
        "#]],
    );
    expect![[r#"
        note initialize 0
        note before_start 0
        note start 0
        note stop 0
        note report 0
    "#]]
    .assert_eq(&ran.file("Own/profiling/notes"));
}

#[test]
fn a_setup_runs_once_per_version() {
    let ran = check(
        &["--profiler", "built", "--exact", "passes", "passes_too"],
        expect![[r#"
            test passes ... ok
            test passes_too ... ok
            passes/profiling/iteration.2/setups
            passes_too/profiling/iteration.2/setups
        "#]],
    );
    assert_eq!(ran.file("passes_too/profiling/iteration.2/setups"), "one\n");
}

#[test]
fn whatever_the_test_does_the_profilers_are_stopped_and_report() {
    let ran = check_noted(
        &[
            "crashes",
            "fails",
            "is_killed",
            "hangs",
            "leaves_a_process",
            "--skip",
            "hangs_in_a",
        ],
        expect![[r#"
            test crashes ... FAILED (ERROR)
            test fails ... FAILED (FAIL)
            test hangs ... FAILED (ERROR)
            test is_killed ... FAILED (ERROR)
            test leaves_a_process ... ok (WARN: left processes behind: sleep (.))
            crashes/profiling/iteration.2/marks
            crashes/profiling/iteration.2/notes
            fails/profiling/iteration.2/marks
            fails/profiling/iteration.2/notes
            hangs/profiling/iteration.2/marks
            hangs/profiling/iteration.2/notes
            is_killed/profiling/iteration.2/marks
            is_killed/profiling/iteration.2/notes
            leaves_a_process/profiling/iteration.2/marks
            leaves_a_process/profiling/iteration.2/notes
        "#]],
    );
    for test in ["crashes", "fails", "hangs", "is_killed", "leaves_a_process"] {
        let notes = ran.file(&format!("{test}/profiling/iteration.2/notes"));
        assert!(
            notes.ends_with("note stop 2\nnote report 2\n"),
            "{test}: {notes}"
        );
        assert_is_gone(&ran, &format!("{test}/profiler"));
    }
    assert_is_gone(&ran, "leaves_a_process/left");
}

/// Checks that the processes of a file are gone.
#[track_caller]
fn assert_is_gone(ran: &Ran, file: &str) {
    for pid in fs::read_to_string(ran.jobdir().join(file)).unwrap().lines() {
        assert!(
            !fs::exists(format!("/proc/{pid}")).unwrap(),
            "{file}: {pid}"
        );
    }
}

#[test]
fn subtests_have_profilers_of_their_own() {
    check_noted(
        &["has_a_profiled_subtest"],
        expect![[r#"
        subtest passes ... ok
        test has_a_profiled_subtest ... ok
        has_a_profiled_subtest/passes/profiling/iteration.2/marks
        has_a_profiled_subtest/passes/profiling/iteration.2/notes
        has_a_profiled_subtest/profiling/iteration.2/marks
        has_a_profiled_subtest/profiling/iteration.2/notes
    "#]],
    );
    check_noted(
        &["dies_by_its_subtest"],
        expect![[r#"
            subtest kills_its_caller ... FAILED (ERROR)
            test dies_by_its_subtest ... FAILED (ERROR)
            dies_by_its_subtest/kills_its_caller/profiling/iteration.2/notes
            dies_by_its_subtest/profiling/iteration.2/marks
            dies_by_its_subtest/profiling/iteration.2/notes
        "#]],
    );
    // Both are told to end at the same time: the profiler may have reported before it is ended, or not.
    let ran = fixture("profiled", &[&NOTES[..], &["hangs_in_a_subtest"]].concat());
    expect![[r#"
        subtest waits_for_ever ... FAILED (ERROR)
        test hangs_in_a_subtest ... FAILED (ERROR)
    "#]]
    .assert_eq(&verdicts(&ran));
    assert_is_gone(&ran, "hangs_in_a_subtest/waits_for_ever/profiler");
}

#[test]
fn processes_may_be_executed_anew() {
    let args = [
        "--isolation",
        "exec",
        "--profiler",
        "built",
        "--exact",
        "passes",
    ];
    check_noted(
        &args,
        expect![[r#"
        test passes ... ok
        passes/profiling/iteration.2/marks
        passes/profiling/iteration.2/notes
        passes/profiling/iteration.2/setups
    "#]],
    );
}

#[test]
fn a_control_function_adds_and_deletes_profilers() {
    let ran = check(
        &["--control", "changes_profilers"],
        expect![[r#"
        test passes (passes.with) ... ok
        test passes (passes.without) ... ok
        passes.with/profiling/iteration.2/marks
        passes.with/profiling/iteration.2/notes
    "#]],
    );
    expect![[r#"
        control initialize 2
        control before_start 2
        control start 2
        control stop 2
        control report 2
    "#]]
    .assert_eq(&ran.file("passes.with/profiling/iteration.2/notes"));
}

#[test]
fn profilers_are_listed_and_described() {
    let own = |text: String| -> String {
        let lines = text.lines().filter(|line| {
            ["notes", "built", "bad"]
                .iter()
                .any(|name| line.starts_with(name))
        });
        lines.map(|line| format!("{line}\n")).collect()
    };
    expect![[r#"
        bad
        built
        notes
    "#]]
    .assert_eq(&own(fixture("profiled", &["--list-profilers"]).stdout()));
    expect![[r#"
        notes

        at tests/fixtures/profiled.rs:32
        a profiler: `--profiler` uses it

        parameters:
          text: String = "note"
              What each line begins with.
    "#]]
    .assert_eq(&fixture("profiled", &["--describe", "notes"]).stdout());
}

//! Under Bazel and Slurm: their variables, set by hand.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use super::binary::{fixture_command, fixture_with};

const BAZEL: (&str, &str) = ("BAZEL_TEST", "1");

/// A run under Bazel, with its directories below `home`.
fn bazel(home: &Path, args: &[&str]) -> Command {
    for dir in ["outputs", "tmp"] {
        fs::create_dir_all(home.join(dir)).unwrap();
    }
    let mut command = fixture_command(home, "selected");
    command
        .args(args)
        .env(BAZEL.0, BAZEL.1)
        .env("TEST_UNDECLARED_OUTPUTS_DIR", home.join("outputs"))
        .env("TEST_TMPDIR", home.join("tmp"))
        .env("TEST_SHARD_STATUS_FILE", home.join("knows-shards"))
        .env("TEST_PREMATURE_EXIT_FILE", home.join("not-over"))
        .env("TEST_TIMEOUT", "300");
    command
}

#[track_caller]
fn stdout_of(output: Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn bazel_gets_results_where_it_keeps_them() {
    let home = tempfile::tempdir().unwrap();
    let output = bazel(home.path(), &["where_is_tmp"]).output().unwrap();
    stdout_of(output, 0);
    // A job, and no second way to it.
    let jobs = entries(&home.path().join("outputs/selected"));
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    let printed = fs::read_to_string(jobs[0].join("where_is_tmp/debug/stdout")).unwrap();
    let tmp = format!("tmpdir={}/", home.path().join("tmp").display());
    assert!(printed.starts_with(&tmp), "{printed}");
}

#[test]
fn our_own_variable_wins_over_bazels_place() {
    let home = tempfile::tempdir().unwrap();
    let mut command = bazel(home.path(), &["net"]);
    let command = command.env("AUTOTEST_RESULTS", home.path().join("ours"));
    stdout_of(command.output().unwrap(), 0);
    assert!(home.path().join("ours/selected/latest/status.log").exists());
    assert!(entries(&home.path().join("outputs")).is_empty());
}

#[test]
fn bazels_filter_narrows_what_the_command_line_selects() {
    let home = tempfile::tempdir().unwrap();
    let mut command = bazel(home.path(), &["--list", "--format", "terse", "net", "disk"]);
    let command = command.env("TESTBRIDGE_TEST_ONLY", "::p");
    assert_eq!(stdout_of(command.output().unwrap(), 0), "net::ping: test\n");
    let mut command = bazel(home.path(), &[]);
    let output = command.env("TESTBRIDGE_TEST_ONLY", "wrans").output();
    let stderr = String::from_utf8(output.unwrap().stderr).unwrap();
    let note = "note: no test is called `wrans`; did you mean `warns`?\n";
    assert_eq!(stderr, note);
}

#[test]
fn bazel_may_want_the_first_failure_to_end_the_job() {
    let home = tempfile::tempdir().unwrap();
    let mut command = bazel(home.path(), &["fails", "warns"]);
    command.env("TESTBRIDGE_TEST_RUNNER_FAIL_FAST", "1");
    let stdout = stdout_of(command.output().unwrap(), 101);
    assert!(stdout.contains("tests that did not run: 1\n"), "{stdout}");
}

#[test]
fn bazel_hears_that_shards_are_known_and_runs_one() {
    let home = tempfile::tempdir().unwrap();
    let mut command = bazel(home.path(), &["--skip", "fails"]);
    command
        .env("TEST_TOTAL_SHARDS", "3")
        .env("TEST_SHARD_INDEX", "2");
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    stdout_of(output, 0);
    let told = "note: only the tests of shard 3/3 run, since `TEST_SHARD_INDEX` is set; \
                `--shard 1/1` runs all\n";
    assert_eq!(stderr, told);
    assert!(home.path().join("knows-shards").exists());
}

#[test]
fn an_orderly_end_is_one_also_when_tests_failed() {
    for (args, code) in [
        (&["net"][..], 0),
        (&["fails"], 101),
        (&["--results", "/proc/none"], 2),
    ] {
        let home = tempfile::tempdir().unwrap();
        stdout_of(bazel(home.path(), args).output().unwrap(), code);
        assert!(!home.path().join("not-over").exists(), "{args:?}");
    }
}

#[test]
fn an_end_that_is_not_orderly_leaves_the_file() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("not-over");
    let mut command = fixture_command(home.path(), "faulty");
    command
        .args(["--ignored", "--exact", "sleeps"])
        .env(BAZEL.0, BAZEL.1)
        .env("TEST_PREMATURE_EXIT_FILE", &file);
    let mut child = command.spawn().unwrap();
    let begin = Instant::now();
    while !file.exists() && begin.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(file.exists());
}

/// Versions before 6 have no mark.
#[test]
fn an_old_bazel_is_known_by_its_other_variables() {
    let home = tempfile::tempdir().unwrap();
    let mut command = bazel(home.path(), &["net"]);
    command.env_remove(BAZEL.0).env("TEST_TARGET", "//:net");
    command.env("TEST_WORKSPACE", "__main__");
    stdout_of(command.output().unwrap(), 0);
    assert_eq!(entries(&home.path().join("outputs/selected")).len(), 1);
}

#[test]
fn without_bazels_mark_its_variables_are_anybodys() {
    let home = tempfile::tempdir().unwrap();
    let mut command = bazel(home.path(), &["net"]);
    command.env_remove(BAZEL.0).env("TEST_TIMEOUT", "soon");
    stdout_of(command.output().unwrap(), 0);
    assert!(entries(&home.path().join("outputs")).is_empty());
    assert!(!home.path().join("knows-shards").exists());
}

#[test]
fn values_that_no_engine_gives_run_nothing() {
    let task = ("SLURM_ARRAY_TASK_ID", "3");
    let cases: &[(&[(&str, &str)], &str)] = &[
        (
            &[("AUTOTEST_SHARD", "3/2")],
            "`AUTOTEST_SHARD` takes a part and the number of parts, as in `2/3`, not `3/2`",
        ),
        (
            &[("RUST_TEST_THREADS", "0")],
            "`RUST_TEST_THREADS` takes a number from 1, not `0`",
        ),
        (
            &[("RUST_TEST_SHUFFLE_SEED", "odd")],
            "`RUST_TEST_SHUFFLE_SEED` takes a number, not `odd`",
        ),
        (
            &[BAZEL, ("TEST_TOTAL_SHARDS", "2"), ("TEST_SHARD_INDEX", "2")],
            "`TEST_SHARD_INDEX` is `2`, but its engine sets it to a number from 0 to below \
             TEST_TOTAL_SHARDS; unset it",
        ),
        (
            &[BAZEL, ("TEST_TIMEOUT", "1m")],
            "`TEST_TIMEOUT` is `1m`, but its engine sets it to a number of seconds; unset it",
        ),
        (
            &[BAZEL, ("TEST_PREMATURE_EXIT_FILE", "/nonexistent/file")],
            "failed to create `/nonexistent/file`, which `TEST_PREMATURE_EXIT_FILE` names: \
             No such file or directory (os error 2)",
        ),
        (
            &[
                task,
                ("SLURM_ARRAY_TASK_COUNT", "3"),
                ("SLURM_ARRAY_TASK_MIN", "1"),
                ("SLURM_ARRAY_TASK_MAX", "7"),
            ],
            "the position of this task in its Slurm array is unknown (SLURM_ARRAY_TASK_ID=3, \
             SLURM_ARRAY_TASK_COUNT=3, SLURM_ARRAY_TASK_MIN=1, SLURM_ARRAY_TASK_MAX=7, \
             SLURM_ARRAY_TASK_STEP is not set): choose a part of the tests with `--shard i/n`, or \
             all of them with `--shard 1/1`",
        ),
    ];
    for (variables, expected) in cases {
        let ran = fixture_with(variables, "selected", &[]).expect_code(2);
        assert_eq!(ran.stderr(), format!("error: {expected}\n"));
        assert!(!ran.jobdir().exists(), "{variables:?}");
    }
    // What is given need not be told by variables.
    fixture_with(&[task], "selected", &["--shard", "1/1", "net"]).expect_code(0);
    fixture_with(
        &[("RUST_TEST_THREADS", "0")],
        "selected",
        &["--test-threads", "2", "net"],
    )
    .expect_code(0);
    fixture_with(&[task], "selected", &["--help"]).expect_code(0);
}

#[test]
fn a_pod_that_runs_all_tests_says_so_unless_that_is_asked_for() {
    let pod = [("JOB_COMPLETION_INDEX", "1")];
    let ran = fixture_with(&pod, "selected", &["net"]).expect_code(0);
    let told = "note: `JOB_COMPLETION_INDEX` is set, but not `AUTOTEST_SHARDS`: all tests run in each pod; set it to \
                the number of completions, so that each runs a part, or give `--shard 1/1`\n";
    assert_eq!(ran.stderr(), told);
    let ran = fixture_with(&pod, "selected", &["net", "--shard", "1/1"]);
    assert_eq!(ran.expect_code(0).stderr(), "");
    let parts = [pod[0], ("AUTOTEST_SHARDS", "3")];
    let ran = fixture_with(&parts, "selected", &["net"]).expect_code(0);
    let told = "note: only the tests of shard 2/3 run, since `JOB_COMPLETION_INDEX` is set; `--shard 1/1` runs all\n";
    assert_eq!(ran.stderr(), told);
    let alone = [("AUTOTEST_SHARDS", "3")];
    fixture_with(&alone, "selected", &["net"]).expect_code(2);
}

#[test]
fn a_job_that_says_what_runs_is_not_divided() {
    let task = [
        ("SLURM_ARRAY_TASK_ID", "0"),
        ("SLURM_ARRAY_TASK_COUNT", "2"),
        ("SLURM_ARRAY_TASK_MIN", "0"),
        ("SLURM_ARRAY_TASK_MAX", "1"),
        ("SLURM_ARRAY_TASK_STEP", "1"),
    ];
    let control = ["--control", "limits::refused_settings"];
    let ran = fixture_with(&task, "controls", &control).expect_code(0);
    let told = "note: `SLURM_ARRAY_TASK_ID` is set, but a control function or a job file is not divided into shards: \
                this process runs all of it\n";
    assert_eq!(ran.stderr(), told);
    assert!(!ran.file("journal.jsonl").contains("\"shard\":\""));
    let ran = fixture_with(&[("AUTOTEST_SHARD", "1/2")], "controls", &control).expect_code(2);
    let told = "error: `AUTOTEST_SHARD` cannot be given with `--control`: the control function says which tests run\n";
    assert_eq!(ran.stderr(), told);
}

//! Jobs that repeat runs of others: the later verdict counts, and the earlier one is an attempt.

use std::fs;
use std::path::Path;

use expect_test::expect;

use super::{edit, empty, move_to, report};
use crate::binary::fixture_command;

fn job(home: &Path, fixture: &str, args: &[&str], code: i32) {
    let output = fixture_command(home, fixture).args(args).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{output:?}");
}

/// A job that was aborted, one that repeats what it left and fails in it, and one that passes.
fn jobs(home: &Path) {
    let mended = format!("mended={}", home.join("mended").display());
    job(
        home,
        "mended",
        &["--results", "one", "--param", &mended],
        101,
    );
    let again = ["--rerun", "one", "--results", "two", "--skip", "g_aborts"];
    job(home, "mended", &again, 101);
    fs::write(home.join("mended"), "").unwrap();
    job(home, "mended", &["--rerun", "one", "--results", "three"], 0);
}

/// The verdict of each test.
fn verdicts(stdout: &str) -> String {
    let is_test = |line: &&str| line.starts_with("test ") && !line.starts_with("test result");
    let lines = stdout.lines().filter(is_test);
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_verdict_of_a_rerun_is_the_later_one() {
    let (_dir, home) = empty();
    jobs(&home);
    let merged = report(&home, &["one", "three", "--results", "merged"]).expect_code(0);
    assert_eq!(merged.stderr, "");
    expect![[r#"
        test i_waits ... ignored, it waits
        test a_passes ... ok
        test b_fails ... failed (is broken), runs again; see [DIR]/merged/b_fails.attempt-1/debug
        test c_errors ... failed (has an error), runs again; see [DIR]/merged/c_errors.attempt-1/debug
        test d_needs_a_secret ... failed (is broken), runs again; see [DIR]/merged/d_needs_a_secret.attempt-1/debug
        test e_warns ... ok (WARN: is dubious)
        test f_is_skipped ... ok (TEST_NA: not here)
        test g_aborts ... interrupted (the disk is on fire), runs again; see [DIR]/merged/g_aborts.attempt-1/debug
        test b_fails ... ok
        test c_errors ... ok
        test d_needs_a_secret ... ok
        test g_aborts ... ok
        test h_is_last ... ok
    "#]].assert_eq(&verdicts(&merged.stdout));
    let stdout =
        |name: &str| fs::read_to_string(home.join("merged").join(name).join("debug/stdout"));
    assert_eq!(stdout("b_fails").unwrap(), "took 1\n");
    assert_eq!(stdout("b_fails.attempt-1").unwrap(), "took 1\n");
    // The order of names does not matter.
    let one_first = report(&home, &["one", "three"]).expect_code(0);
    let other = report(&home, &["three", "one"]).expect_code(0);
    assert_eq!(verdicts(&other.stdout), verdicts(&one_first.stdout));
}

#[test]
fn a_rerun_of_a_rerun_counts_after_both() {
    let (_dir, home) = empty();
    jobs(&home);
    job(&home, "mended", &["--rerun", "two", "--results", "four"], 0);
    let merged = report(&home, &["one", "two", "four"]);
    // The test that ended the first job was left out of the second, and so has no other verdict.
    let merged = merged.expect_code(101);
    assert_eq!(merged.stderr, "");
    let verdicts = verdicts(&merged.stdout);
    assert!(verdicts.contains("test b_fails ... ok"), "{verdicts}");
    assert!(verdicts.contains("test g_aborts ... FAILED"), "{verdicts}");
}

#[test]
fn a_rerun_with_another_build_or_of_a_shard_contradicts_nothing() {
    let (_dir, home) = empty();
    let mended = format!("mended={}", home.join("mended").display());
    for shard in ["1/2", "2/2"] {
        let dir = &shard[..1];
        let args = ["--results", dir, "--shard", shard, "--param", &mended];
        let output = fixture_command(&home, "mended")
            .args(args)
            .output()
            .unwrap();
        assert!(matches!(output.status.code(), Some(0 | 101)));
    }
    fs::write(home.join("mended"), "").unwrap();
    for shard in ["1", "2"] {
        let again = format!("{shard}-again");
        job(&home, "mended", &["--rerun", shard, "--results", &again], 0);
        if home.join(&again).exists() {
            edit(&home, &again, "\"build_id\":\"", "\"build_id\":\"cafe");
        }
    }
    let merged = report(&home, &["."]).expect_code(0);
    assert_eq!(merged.stderr, "");
}

#[test]
fn a_rerun_on_another_host_is_another_targets() {
    let (_dir, home) = empty();
    jobs(&home);
    move_to(&home, "three", "lab2");
    report(&home, &["one", "three"]).expect_code(101);
    // Alone, it is a job like any other.
    report(&home, &["three"]).expect_code(0);
}

#[test]
fn a_job_that_says_that_it_repeats_itself_is_reported() {
    let (_dir, home) = empty();
    jobs(&home);
    let journal = fs::read_to_string(home.join("three/journal.jsonl")).unwrap();
    let field = |name: &str| {
        let (_, rest) = journal.split_once(&format!("\"{name}\":\"")).unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    let (own, of) = (field("id"), field("rerun_of"));
    let from = format!("\"rerun_of\":\"{of}\"");
    edit(&home, "three", &from, &format!("\"rerun_of\":\"{own}\""));
    report(&home, &["three"]).expect_code(0);
}

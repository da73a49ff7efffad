//! What changed since earlier jobs.

use std::fs;
use std::path::Path;

use expect_test::{Expect, expect};

use super::{edit, empty, job, member, move_to, report};

/// Checks what changed since the jobs in `before`.
#[track_caller]
fn check(home: &Path, now: &str, before: &str, expected: Expect) {
    let ran = report(home, &[now, "--since", before]);
    let (_, changes) = ran.stdout.split_once("\nresults: ").unwrap();
    let (_, changes) = changes.split_once('\n').unwrap();
    expected.assert_eq(changes);
    let ran = report(home, &[now, "--since", before, "--format", "json"]);
    assert_eq!(
        ran.stderr, changes,
        "on standard error, where the format is for a program"
    );
}

#[test]
fn every_kind_of_change_is_named() {
    let (_dir, home) = empty();
    job(&home, "before", "selected", &["--skip", "where"]);
    job(&home, "now", "selected", &["--skip", "tcp"]);
    let fail = r#""status":"FAIL","verdict":{"kind":"fail","reason":"unplugged\nby the cat","unhandled":false},"#;
    for (job, test, seconds) in [("before", "disk.read", "1.5"), ("now", "net.ping", "2.0")] {
        let path = home.join(job).join("journal.jsonl");
        let journal = fs::read_to_string(&path).unwrap();
        let start = format!("\"subdir\":\"{test}\"");
        let run = journal.lines().find(|line| line.contains(&start)).unwrap();
        let number = run
            .split("\"run\":")
            .nth(1)
            .unwrap()
            .split(',')
            .next()
            .unwrap();
        let is_end = |line: &&str| {
            line.contains("\"test_end\"") && line.contains(&format!("\"run\":{number},"))
        };
        let end = journal.lines().find(is_end).unwrap();
        let (begin, _) = end.split_once("\"status\":").unwrap();
        edit(
            &home,
            job,
            end,
            &format!("{begin}{fail}\"elapsed_s\":{seconds}}}}}}}"),
        );
    }
    slow_down(&home, "now", "net.udp");
    check(
        &home,
        "now",
        "before",
        expect![[r#"

        newly failing:
            net::ping: unplugged

        slower:
            net::udp: 0.01s before, 9.75s now

        gone:
            net::tcp

        new:
            where_is_tmp

        fixed:
            disk::read
    "#]],
    );
    check(
        &home,
        "before",
        "before",
        expect![[r#"

        nothing changed
    "#]],
    );
}

/// Has a test of a job take long.
fn slow_down(home: &Path, job: &str, test: &str) {
    for (job, seconds) in [(job, "9.75"), ("before", "0.01")] {
        let path = home.join(job).join("journal.jsonl");
        let journal = fs::read_to_string(&path).unwrap();
        let start = format!("\"subdir\":\"{test}\"");
        let run = journal.lines().find(|line| line.contains(&start)).unwrap();
        let number = run
            .split("\"run\":")
            .nth(1)
            .unwrap()
            .split(',')
            .next()
            .unwrap();
        let is_end = |line: &&str| {
            line.contains("\"test_end\"") && line.contains(&format!("\"run\":{number},"))
        };
        let end = journal.lines().find(is_end).unwrap();
        let (begin, _) = end.split_once("\"elapsed_s\":").unwrap();
        edit(
            home,
            job,
            end,
            &format!("{begin}\"elapsed_s\":{seconds}}}}}}}"),
        );
    }
}

#[test]
fn the_only_target_may_be_another_one() {
    let (_dir, home) = empty();
    job(&home, "before", "selected", &["net"]);
    job(&home, "now", "selected", &["net"]);
    move_to(&home, "now", "lab9");
    check(
        &home,
        "now",
        "before",
        expect![[r#"

        nothing changed
    "#]],
    );
}

#[test]
fn a_merged_tree_has_the_tests_of_its_jobs() {
    let (_dir, home) = empty();
    for (name, args) in [("lab/one", &["net"][..]), ("lab/two", &["net", "fails"])] {
        job(&home, name, "selected", args);
    }
    move_to(&home, "lab/one", "lab1");
    move_to(&home, "lab/two", "lab2");
    report(&home, &["lab", "--results", "merged"]).expect_code(101);
    check(
        &home,
        "lab",
        "merged",
        expect![[r#"

        nothing changed
    "#]],
    );
    job(&home, "lab/three", "selected", &["disk::read"]);
    move_to(&home, "lab/three", "lab1");
    check(
        &home,
        "lab",
        "merged",
        expect![[r#"

        new:
            lab1 > disk::read
    "#]],
    );
}

#[test]
fn a_test_that_passes_after_a_failed_attempt_is_flaky() {
    let (_dir, home) = empty();
    member(&home, "1", &["may_fail", "--param", "broken=true"]);
    member(&home, "2", &["may_fail"]);
    check(
        &home,
        "results/packaged/latest",
        "results",
        expect![[r#"

            flaky:
                may_fail: is broken
        "#]],
    );
}

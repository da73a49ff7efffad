//! Results that contradict each other: each contradiction is named, and everything is reported.

use std::fs;
use std::path::Path;
use std::process::Command;

use expect_test::{Expect, expect};

use super::{edit, empty, job, move_to, report, shards};

/// Checks what is said of some jobs, and that each test is reported once.
#[track_caller]
fn check(home: &Path, dirs: &[&str], expected: Expect) {
    let ran = report(home, &[dirs, &["--format", "json"]].concat()).expect_code(1);
    expected.assert_eq(&ran.stderr);
    let ended =
        |line: &&str| line.contains("\"event\":\"ok\"") || line.contains("\"event\":\"failed\"");
    let mut tests: Vec<_> = ran
        .stdout
        .lines()
        .filter(|line| line.contains("\"type\":\"test\""))
        .filter(ended)
        .collect();
    let names: Vec<_> = tests
        .iter_mut()
        .map(|line| line.split("\"name\":\"").nth(1).unwrap())
        .collect();
    let mut once: Vec<_> = names
        .iter()
        .map(|name| name.split('"').next().unwrap())
        .collect();
    let count = once.len();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), count, "{}", ran.stdout);
}

fn copy(home: &Path, from: &str, to: &str) {
    let mut command = Command::new("cp");
    command.arg("-r").arg(home.join(from)).arg(home.join(to));
    assert!(command.status().unwrap().success());
}

#[test]
fn a_shard_is_missing() {
    let (_dir, home) = empty();
    shards(&home, &["one", "two", "three"]);
    check(
        &home,
        &["one", "three"],
        expect![[r#"
        error: shard 2/3 of `selected` is missing: name its results, too, or run it with `--shard 2/3`
    "#]],
    );
}

#[test]
fn a_shard_ran_twice() {
    let (_dir, home) = empty();
    shards(&home, &["one", "two"]);
    job(&home, "again", "selected", &["--shard", "2/2"]);
    let ran = report(&home, &["one", "two", "again"]).expect_code(1);
    let first = ran.stderr.lines().next().unwrap();
    assert_eq!(
        first,
        "error: `[DIR]/two` and `[DIR]/again` are both shard 2/2 of `selected`: the later one counts; name only one of \
         them"
    );
}

#[test]
fn shards_are_not_of_one_whole() {
    let (_dir, home) = empty();
    shards(&home, &["one", "two"]);
    copy(&home, "two", "other-build");
    let journal = fs::read_to_string(home.join("two/journal.jsonl")).unwrap();
    let (_, rest) = journal.split_once("\"build_id\":\"").unwrap();
    let (build, _) = rest.split_once('"').unwrap();
    for job in ["one", "other-build"] {
        let to = if job == "one" { "cafe" } else { "beef" };
        edit(
            &home,
            job,
            &format!("\"build_id\":\"{build}\""),
            &format!("\"build_id\":\"{to}\""),
        );
    }
    check(
        &home,
        &["one", "other-build"],
        expect![[r#"
        error: the shards `[DIR]/one` and `[DIR]/other-build` of `selected` are not of one whole, since their builds are cafe and beef: run all shards again, with the same build and the same arguments
    "#]],
    );
    job(&home, "other-args", "selected", &["--shard=2/2", "net"]);
    edit(&home, "one", "cafe", build);
    check(
        &home,
        &["one", "other-args"],
        expect![[r#"
        error: the shards `[DIR]/one` and `[DIR]/other-args` of `selected` are not of one whole, since their arguments are `` and `net`: run all shards again, with the same build and the same arguments
    "#]],
    );
    edit(&home, "two", "\"filtered_out\":", "\"filtered_out\":1");
    let ran = report(&home, &["one", "two"]).expect_code(1);
    assert!(
        ran.stderr.contains("since their binaries have 10 and "),
        "{}",
        ran.stderr
    );
}

#[test]
fn two_jobs_have_a_verdict_of_a_test() {
    let (_dir, home) = empty();
    job(&home, "first", "selected", &["net", "fails"]);
    job(&home, "second", "selected", &["net"]);
    move_to(&home, "first", "lab1");
    move_to(&home, "second", "lab1");
    check(
        &home,
        &["second", "first"],
        expect![[r#"
        error: `[DIR]/first` and `[DIR]/second` both have a verdict of `net.ping`, `net.tcp`, `net.udp` on `lab1`: the later one counts; name only one of them
    "#]],
    );
}

#[test]
fn jobs_of_different_tests_or_suites_do_not_contradict() {
    let (_dir, home) = empty();
    job(&home, "net", "selected", &["net"]);
    job(&home, "disk", "selected", &["disk"]);
    let ran = report(&home, &["net", "disk"]).expect_code(0);
    assert!(
        ran.stdout.contains("test result: ok. 6 passed;"),
        "{}",
        ran.stdout
    );
    job(&home, "other", "packaged", &["takes"]);
    let ran = report(&home, &["net", "other"]).expect_code(0);
    assert_eq!(ran.stderr, "");
}

#[test]
fn a_job_has_a_copy() {
    let (_dir, home) = empty();
    job(&home, "job", "selected", &["net"]);
    copy(&home, "job", "same");
    check(
        &home,
        &["job", "same"],
        expect![[r#"
        error: `[DIR]/same` is a copy of the job in `[DIR]/job`: name only one of them
    "#]],
    );
    let journal = fs::read_to_string(home.join("same/journal.jsonl")).unwrap();
    let lines: Vec<_> = journal.lines().take(4).collect();
    fs::write(home.join("same/journal.jsonl"), lines.join("\n") + "\n").unwrap();
    check(
        &home,
        &["same", "job"],
        expect![[r#"
        error: `[DIR]/job` and `[DIR]/same` have the same job, and the first has more of it: name only that one
    "#]],
    );
    let ran = report(&home, &["job", "job", "./job"]).expect_code(0);
    assert_eq!(ran.stderr, "");
}

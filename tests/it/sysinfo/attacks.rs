//! Tests, logs and commands that make it hard to collect anything. No verdict suffers, and nothing is left.

use std::fs;
use std::os::unix::fs::FileTypeExt;
use std::process::Command;
use std::time::{Duration, Instant};

use expect_test::expect;
use serde_json::json;

use super::job::Job;
use crate::binary::sleepers;

#[test]
fn what_a_test_does_to_its_directory_loses_nothing_and_reaches_nothing_else() {
    let tests = [
        "puts_a_link_in_its_place",
        "removes_it",
        "makes_it_read_only",
    ];
    let job = Job::new().with_log();
    let elsewhere = job.home().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let job = job.run_file(&tests, &[], 0);
    for test in tests {
        assert_eq!(job.log_of(test), "a line\n", "{test}");
        assert!(!job.path(test).join("sysinfo").is_symlink(), "{test}");
    }
    assert_eq!(fs::read_dir(elsewhere).unwrap().count(), 0);
    assert_eq!(job.notes(), "");
}

#[test]
fn a_directory_that_is_read_only_is_written_all_the_same() {
    let job = Job::new().with_log();
    if let Some(job) = job.run_as_nobody(&["makes_it_read_only", "quiet"]) {
        assert_eq!(job.log_of("makes_it_read_only"), "a line\n");
        assert_eq!(job.notes(), "");
    }
}

#[test]
fn a_test_that_removes_all_of_its_directory_keeps_its_verdict() {
    let job = Job::new()
        .with_log()
        .run_file(&["removes_all", "quiet"], &[], 0);
    expect![[r#"
        run 1: `iteration` was not collected: No such file or directory (os error 2)
        INFO removes_all sysinfo: `log` was not collected: No such file or directory (os error 2)
    "#]]
    .assert_eq(&job.notes());
}

#[test]
fn what_a_test_puts_in_the_place_of_a_file_is_replaced_or_told() {
    let job = Job::new().with_rows(
        json!([{"command": "echo output", "name": "command"}]),
        &json!(["<root>/log"]),
    );
    let job = job.run_file(&["plants"], &[], 0);
    let found = fs::symlink_metadata(job.path("plants/sysinfo/log")).unwrap();
    assert!(!found.file_type().is_fifo());
    assert_eq!(job.log_of("plants"), "a line\n");
    expect![[r#"
        INFO plants sysinfo: `command` was not collected: a directory has its name
    "#]]
    .assert_eq(&job.notes());
}

#[test]
fn of_a_huge_log_the_end_is_kept() {
    let job = Job::new().with_log().run_file(&["floods"], &[], 0);
    let log = fs::read(job.path("floods/sysinfo/log")).unwrap();
    let end = log.iter().position(|byte| *byte == b'\n').unwrap();
    let (first, rest) = log.split_at(end + 1);
    expect![[r#"
        [cut: the first 1056964606 bytes are left out]
    "#]]
    .assert_eq(std::str::from_utf8(first).unwrap());
    assert_eq!(rest.len(), 16 << 20);
    assert!(rest.ends_with(b"\0\xff\0the end\n"));
    expect![[r#"
        INFO floods sysinfo: `log` has the last 16777216 bytes; 1056964606 are left out
    "#]]
    .assert_eq(&job.notes());
}

#[test]
fn what_is_no_regular_file_is_told_once() {
    let job = Job::new().with_rows(
        json!([]),
        &json!([
            "<root>/pipe",
            "<root>",
            "/dev/zero",
            "<root>/missing",
            "/proc/missing"
        ]),
    );
    let made = Command::new("mkfifo").arg(job.home().join("pipe")).status();
    assert!(made.unwrap().success());
    let name = job.home().file_name().unwrap().to_str().unwrap().to_owned();
    let job = job.run_file(&["quiet", "fails"], &[], 101);
    let notes = job.notes().replace(&name, "<home>");
    expect![[r#"
        run 1: `pipe` was not collected: it is not a regular file
        run 1: `_<home>` was not collected: it is not a regular file
        run 1: `zero` was not collected: it is not a regular file
        INFO quiet sysinfo: `missing` was not collected: No such file or directory (os error 2)
    "#]]
    .assert_eq(&notes);
}

#[test]
fn a_command_that_never_ends_or_floods_is_ended_with_what_it_started() {
    let job = Job::new().with_rows(
        json!([
            {"command": "yes", "name": "floods"},
            {"command": "echo begun; sleep 8641 & (setsid sleep 8641 &) ; sleep 8641", "name": "hangs"},
            {"command": "(setsid sleep 8641 >/dev/null 2>&1 &) ; echo done", "name": "leaves"},
            {"command": "kill -9 $$", "name": "dies"},
        ]),
        &json!([]),
    );
    let job = job.run_file(&["quiet"], &[], 0);
    assert_eq!(sleepers("8641"), 0);
    let flood = job.file("quiet/sysinfo/floods");
    assert!(flood.ends_with("y\n\n[cut after 16777216 bytes]\n"));
    let hangs = job.file("quiet/sysinfo/hangs");
    assert_eq!(hangs, "begun\n[the command took too long, and was ended]\n");
    assert_eq!(job.file("quiet/sysinfo/leaves"), "done\n");
    expect![[r#"
        INFO quiet sysinfo: `floods` is cut after 16777216 bytes
        INFO quiet sysinfo: the command of `hangs` took too long, and was ended
        INFO quiet sysinfo: the command of `dies` exited with 137
    "#]]
    .assert_eq(&job.notes());
}

/// The test after a command that hangs waits for it, which does not count towards its timeout.
#[test]
fn waiting_for_a_command_costs_no_test_its_verdict() {
    let rows = json!([{"command": "sleep 8642", "name": "hangs"}]);
    let job = Job::new().with_rows(rows, &json!([]));
    let runs = json!([{"test": "quiet"}, {"test": "repeats", "timeout": "3s"}]);
    let job = job.run_runs(&runs, &["--isolation", "exec"], 0);
    assert_eq!(sleepers("8642"), 0);
    assert!(job.file("status.log").contains("GOOD\trepeats"));
}

/// Nor does it count towards the timeout of a test whose subtest waits.
#[test]
fn waiting_in_a_subtest_costs_its_caller_no_verdict() {
    let rows = json!([{"command": "sleep 8645", "name": "hangs"}]);
    let job = Job::new().with_rows(rows, &json!([]));
    let job = job.run_file(&["calls_twice"], &[], 0);
    assert_eq!(sleepers("8645"), 0);
    let log = job.log("status.log");
    assert!(log.contains("→END GOOD→calls_twice→"), "{log}");
}

#[test]
fn a_collector_that_is_killed_is_told_once_and_costs_no_verdict() {
    let tests = ["quiet", "kills_the_collector", "repeats", "fails"];
    let job = Job::new().run_file(&tests, &[], 101);
    expect![[r#"
        run 2: its process was killed by signal 9 (SIGKILL); nothing more is collected
    "#]]
    .assert_eq(&job.notes());
    let log = job.log("status.log");
    for good in ["quiet", "kills_the_collector", "repeats"] {
        assert!(log.contains(&format!("END GOOD→{good}→")), "{log}");
    }
}

#[test]
fn an_interrupted_job_does_not_wait_for_what_hangs() {
    let rows = json!([{"command": "sleep 8644", "when": "boot"}]);
    let job = Job::new().with_rows(rows, &json!([]));
    let job = job.run_file(&["interrupts", "quiet"], &[], 130);
    assert_eq!(sleepers("8644"), 0);
    expect![[r#"
        INFO - sysinfo: its process did not end in time; nothing more is collected
    "#]]
    .assert_eq(&job.notes());
}

#[test]
fn a_killed_supervisor_leaves_nothing_that_collects() {
    let rows = json!([{"command": "sleep 8643", "when": "boot"}]);
    let job = Job::new().with_rows(rows, &json!([]));
    let job = job.killed(&["quiet", "kills_the_supervisor"]);
    let begun = Instant::now();
    while sleepers("8643") > 0 && begun.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(sleepers("8643"), 0);
    // The boot's rows are collected already, or cannot be, so that the rest of the job does not wait for them.
    let journal = fs::read_to_string(job.path("journal.jsonl")).unwrap();
    assert!(!journal.contains("job_end"), "{journal}");
}

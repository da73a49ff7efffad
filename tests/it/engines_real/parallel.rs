//! GNU parallel.

use std::fs;
use std::process::{Command, Stdio};

use super::super::interrupts::{children_of, send, wait_until};
use super::{VERDICTS, install_suite, printed, recipe, runs, verdicts};

#[test]
fn each_part_is_a_job_and_each_test_is_in_one_part() {
    if !runs("GNU parallel", &["parallel"]) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let suite = install_suite(home.path());
    let results = home.path().join("of parallel");
    let mut command = Command::new(recipe("parallel/shards.sh"));
    command.env("HOME", home.path());
    command.arg("3").arg(&results).arg(suite);
    // One part has tests that fail.
    let stdout = printed(command.args(["quick", "ends", "measures"]), 1);
    assert_eq!(stdout.matches("\nresults: ").count(), 3, "{stdout}");
    let of_parts = ["1", "2", "3"].map(|part| verdicts(&results.join(part)));
    assert!(of_parts.iter().all(|verdicts| !verdicts.is_empty()));
    let mut all = of_parts.concat();
    all.sort();
    assert_eq!(all, VERDICTS);
    let log = fs::read_to_string(results.join("joblog")).unwrap();
    let mut codes: Vec<_> = log
        .lines()
        .skip(1)
        .map(|line| line.split('\t').nth(6).unwrap())
        .collect();
    codes.sort_unstable();
    assert_eq!(codes, ["0", "0", "101"]);
}

/// SIGTERM to parallel, twice as it demands, ends the parts with SIGTERM.
#[test]
fn parts_that_are_ended_clean_up_and_write_reports() {
    if !runs("GNU parallel", &["parallel"]) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let suite = install_suite(home.path());
    let mut command = Command::new(recipe("parallel/shards.sh"));
    command.env("HOME", home.path());
    command.env("AUTOTEST_PARAM_FILE", home.path().join("never"));
    command.arg("1").arg(home.path().join("r")).arg(suite);
    command.args(["--ignored", "--exact", "waits"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut shell = command.spawn().unwrap();
    let journal = home.path().join("r/1/journal.jsonl");
    wait_until("the test runs", || {
        fs::read_to_string(&journal).is_ok_and(|journal| journal.contains("\"execute\""))
    });
    let parallel = *children_of(shell.id()).last().unwrap();
    send("-TERM", parallel);
    std::thread::sleep(std::time::Duration::from_millis(300));
    send("-TERM", parallel);
    shell.wait().unwrap();
    wait_until("the reports are there", || {
        let log = fs::read_to_string(home.path().join("r/1/status.log"));
        log.is_ok_and(|log| log.contains("\nEND ABORT\t"))
    });
    assert_eq!(verdicts(&home.path().join("r/1")), ["waits ABORT"]);
    let printed = fs::read_to_string(home.path().join("r/1/waits/debug/stdout")).unwrap();
    assert_eq!(printed, "cleaning up\ncleaned up\n");
}

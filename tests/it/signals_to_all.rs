//! Engines end a job by a signal to each of its processes, and to a test perhaps before its supervisor; some repeat
//! it. Slurm does both.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};

use autotest_core::{Event, Verdict};
use autotest_report::Record;

use super::binary::fixture_command;
use super::interrupts::{tests_of, wait_until};

/// How often each race is run.
const TIMES: usize = 20;

/// A test that does not end by itself and has no `cleanup`: its binary, its name, and what the journal has once it
/// runs.
const SLEEPS: [&str; 3] = ["faulty", "sleeps", "\"version\""];

/// One with a `cleanup` that takes a second.
const CLEANS_UP: [&str; 3] = ["lab", "waits", "\"execute\""];

/// Starts a test, and waits until it runs.
fn start(home: &Path, [binary, test, running]: [&str; 3]) -> Child {
    let mut command = fixture_command(home, binary);
    command.args(["--results", "results", "--ignored", "--exact", test]);
    if binary == "lab" {
        command.args(["--param", "file=never"]);
    }
    let child = command.stdout(Stdio::null()).spawn().unwrap();
    wait_until("the test runs", || journal(home).contains(running));
    child
}

fn journal(home: &Path) -> String {
    fs::read_to_string(home.join("results/journal.jsonl")).unwrap_or_default()
}

/// What the test with a `cleanup` printed.
fn printed(home: &Path) -> String {
    fs::read_to_string(home.join("results/waits/debug/stdout")).unwrap_or_default()
}

/// The verdict of the test, if it has one.
fn verdict(home: &Path) -> Option<Verdict> {
    let journal = journal(home);
    let records = journal
        .lines()
        .map(|line| serde_json::from_str::<Record>(line).unwrap());
    records
        .filter_map(|record| match record.event {
            Event::TestEnd { verdict, .. } => Some(verdict.unwrap()),
            _ => None,
        })
        .next()
}

/// Without a shell, whose start would take longer than an engine between two processes.
#[expect(unsafe_code, reason = "std has no signals")]
fn send(pids: &[u32], signal: i32) {
    for pid in pids {
        // SAFETY: kill takes two ints.
        assert_eq!(unsafe { libc::kill(pid.cast_signed(), signal) }, 0);
    }
}

#[test]
fn a_test_that_gets_the_signal_first_is_interrupted_with_its_job() {
    for _ in 0..TIMES {
        let home = tempfile::tempdir().unwrap();
        let mut supervisor = start(home.path(), SLEEPS);
        let test = tests_of(supervisor.id())[0];
        send(&[test, supervisor.id()], libc::SIGTERM);
        assert_eq!(supervisor.wait().unwrap().code(), Some(143));
        let verdict = verdict(home.path()).unwrap();
        assert_eq!(
            verdict.to_string(),
            "ABORT: interrupted by signal 15 (SIGTERM)"
        );
    }
}

#[test]
fn a_test_that_is_killed_with_its_supervisor_has_no_verdict() {
    for _ in 0..TIMES {
        let home = tempfile::tempdir().unwrap();
        let mut supervisor = start(home.path(), SLEEPS);
        let test = tests_of(supervisor.id())[0];
        send(&[test, supervisor.id()], libc::SIGKILL);
        supervisor.wait().unwrap();
        assert_eq!(verdict(home.path()), None);
    }
}

/// The process of the control function may be the first, too.
#[test]
fn a_control_function_that_gets_the_signal_first_is_interrupted_with_its_job() {
    for signal in [libc::SIGTERM, libc::SIGKILL] {
        let home = tempfile::tempdir().unwrap();
        let mut command = fixture_command(home.path(), "lab");
        command.args(["--results", "results", "--control", "waits_for_one"]);
        command.env("AUTOTEST_PARAM_FILE", home.path().join("go"));
        let mut supervisor = command.stdout(Stdio::null()).spawn().unwrap();
        wait_until("the test runs", || {
            journal(home.path()).ends_with("\"phase\":\"execute\"}}\n")
        });
        // That of the control function is the oldest.
        let mut processes = tests_of(supervisor.id());
        assert!(processes.len() >= 2, "{processes:?}");
        processes.push(supervisor.id());
        send(&processes, signal);
        supervisor.wait().unwrap();
        fs::write(home.path().join("go"), "").unwrap();
        let mut command = fixture_command(home.path(), "lab");
        let output = command.args(["--resume", "results"]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{signal}: {output:?}");
        let ends = journal(home.path()).matches("\"status\":\"GOOD\"").count();
        assert_eq!(ends, 3, "two tests and the job");
    }
}

/// A test that a signal ends alone is at fault, as ever.
#[test]
fn a_test_that_gets_the_signal_alone_has_failed() {
    let home = tempfile::tempdir().unwrap();
    let mut supervisor = start(home.path(), SLEEPS);
    send(&tests_of(supervisor.id())[..1], libc::SIGTERM);
    assert_eq!(supervisor.wait().unwrap().code(), Some(101));
    let verdict = verdict(home.path()).unwrap();
    assert_eq!(verdict.to_string(), "ERROR: killed by signal 15 (SIGTERM)");
}

#[test]
fn a_repeated_request_to_end_cuts_no_cleanup_short() {
    let home = tempfile::tempdir().unwrap();
    let mut supervisor = start(home.path(), CLEANS_UP);
    let printed = || printed(home.path());
    send(&[supervisor.id()], libc::SIGTERM);
    wait_until("the cleanup runs", || printed().contains("cleaning up\n"));
    let cleanup = tests_of(supervisor.id())[0];
    send(&[cleanup, supervisor.id()], libc::SIGTERM);
    assert_eq!(supervisor.wait().unwrap().code(), Some(143));
    assert_eq!(printed(), "cleaning up\ncleaned up\n");
}

/// A person who presses ^C again does not want to wait.
#[test]
fn a_repeated_interrupt_from_the_keyboard_ends_the_cleanup() {
    let home = tempfile::tempdir().unwrap();
    let mut supervisor = start(home.path(), CLEANS_UP);
    let printed = || printed(home.path());
    send(&[supervisor.id()], libc::SIGINT);
    wait_until("the cleanup runs", || printed().contains("cleaning up\n"));
    send(&[supervisor.id()], libc::SIGINT);
    assert_eq!(supervisor.wait().unwrap().code(), Some(130));
    assert_eq!(printed(), "cleaning up\n");
}

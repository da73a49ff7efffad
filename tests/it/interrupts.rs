//! Signals to the supervisor.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::binary::{fixture_command, sleepers};

/// Starts a test that does not end by itself, and waits until it is on.
fn start(home: &Path) -> Child {
    let mut command = fixture_command(home, "faulty");
    command.args(["--results", "results", "--ignored", "sleeps"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().starts_with("running")));
    std::thread::spawn(move || lines.for_each(drop));
    wait_until("a test runs", || !tests_of(child.id()).is_empty());
    child
}

/// The processes whose parent is `pid`.
pub(crate) fn children_of(pid: u32) -> Vec<u32> {
    let path = format!("/proc/{pid}/task/{pid}/children");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace()
        .map(|pid| pid.parse().unwrap())
        .collect()
}

/// Those of them that are tests: each has a group of its own in the session of the supervisor.
pub(crate) fn tests_of(pid: u32) -> Vec<u32> {
    let is_test = |pid: &u32| {
        let fields = stat_of(*pid);
        let own = pid.to_string();
        fields.get(2) == Some(&own) && fields.get(3) != Some(&own)
    };
    let mut children = children_of(pid);
    children.retain(is_test);
    children
}

pub(crate) fn wait_until(what: &str, is_true: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_true() {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "waited in vain: {what}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn is_running(pid: u32) -> bool {
    !["Z", ""].contains(&stat_of(pid)[0].as_str())
}

/// State, parent, group and session of a process; one that is not there has no state.
pub(crate) fn stat_of(pid: u32) -> Vec<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    fields.split(' ').take(4).map(str::to_owned).collect()
}

/// By the shell's own `kill`: a target need not have another.
pub(crate) fn send(signal: &str, pid: u32) {
    let script = format!("kill {signal} {pid}");
    let status = Command::new("sh").args(["-c", &script]).status();
    assert!(status.unwrap().success());
}

#[track_caller]
fn check(signal: &str, code: i32, reason: &str) {
    let home = tempfile::tempdir().unwrap();
    let mut child = start(home.path());
    let tests = tests_of(child.id());
    send(signal, child.id());
    assert_eq!(child.wait().unwrap().code(), Some(code));
    assert!(!tests.into_iter().any(is_running), "a test runs on");
    let log = std::fs::read_to_string(home.path().join("results/status.log")).unwrap();
    let codes: Vec<_> = log
        .lines()
        .map(|line| line.trim().split('\t').next().unwrap())
        .collect();
    assert_eq!(
        codes,
        ["START", "START", "ABORT", "END ABORT", "END ABORT"],
        "{log}"
    );
    assert!(log.contains(reason), "{log}");
    let execute = std::fs::read_to_string(home.path().join("results/.autoserv_execute")).unwrap();
    assert_eq!(execute.lines().skip(1).collect::<Vec<_>>(), ["256", "1"]);
    super::tko::check_tree(&home.path().join("results"));
}

#[test]
fn sigint_ends_the_tests_and_writes_all_reports() {
    check("-INT", 130, "\tinterrupted by signal 2 (SIGINT)\n");
}

#[test]
fn sigterm_ends_the_tests_and_writes_all_reports() {
    check("-TERM", 143, "\tinterrupted by signal 15 (SIGTERM)\n");
}

#[test]
fn a_test_that_a_signal_ends_is_cleaned_up_after() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let home = tempfile::tempdir().unwrap();
        let mut command = fixture_command(home.path(), "faulty");
        command.args([
            "--results",
            "results",
            "--ignored",
            "--exact",
            "orphaned::child",
        ]);
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        let journal = home.path().join("results/journal.jsonl");
        wait_until("the test runs", || {
            let journal = std::fs::read_to_string(&journal);
            journal.is_ok_and(|journal| journal.contains("\"execute\""))
        });
        send(signal, child.id());
        assert_eq!(child.wait().unwrap().code(), Some(code));
        let printed = home.path().join("results/orphaned.child/debug/stdout");
        assert_eq!(std::fs::read_to_string(printed).unwrap(), "cleaned up\n");
    }
}

#[test]
fn a_test_does_not_outlive_a_killed_supervisor() {
    let home = tempfile::tempdir().unwrap();
    let mut child = start(home.path());
    let tests = tests_of(child.id());
    send("-KILL", child.id());
    child.wait().unwrap();
    wait_until("the test ends", || {
        !tests.iter().any(|pid| is_running(*pid))
    });
    super::tko::check_cut_off(&home.path().join("results"), "sleeps");
}

/// Starts a test that leaves processes behind and does not end, and kills its supervisor.
fn kill_a_supervisor_with_daemons(home: &Path, before: impl Fn(u32)) {
    let mut command = fixture_command(home, "faulty");
    command.args([
        "--results",
        "results",
        "--ignored",
        "--exact",
        "leaves_daemons",
    ]);
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    wait_until("the daemons are there", || sleepers("602") == 2);
    before(child.id());
    send("-KILL", child.id());
    child.wait().unwrap();
}

#[test]
fn nothing_of_a_test_outlives_a_killed_supervisor() {
    let home = tempfile::tempdir().unwrap();
    let _alone = ONE_AT_A_TIME.lock();
    kill_a_supervisor_with_daemons(home.path(), |_| {});
    wait_until("the daemons end", || sleepers("602") == 0);
}

/// The guardian may be killed, too.
#[test]
fn what_outlives_a_killed_supervisor_and_its_guardian_ends_as_the_job_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let _alone = ONE_AT_A_TIME.lock();
    kill_a_supervisor_with_daemons(home.path(), |supervisor| {
        for child in children_of(supervisor) {
            let name = std::fs::read_to_string(format!("/proc/{child}/comm")).unwrap();
            if name.trim() == "autotest-guard" {
                send("-KILL", child);
            }
        }
    });
    assert_eq!(sleepers("602"), 2, "somebody else ended them");
    let mut command = fixture_command(home.path(), "faulty");
    command.args(["--resume", "results", "--attempts", "1"]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(101), "{output:?}");
    assert_eq!(sleepers("602"), 0);
}

/// Both look for the same processes.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

#[test]
fn a_subtest_is_cleaned_up_after_when_its_parent_has_no_time_left() {
    let args = ["--ignored", "--exact", "orphaned::parent"];
    let ran = super::binary::fixture("faulty", &args).expect_code(101);
    let printed = ran.file("orphaned.parent/orphaned.child/debug/stdout");
    assert_eq!(printed, "cleaned up\n");
    let log = ran.log("status.log");
    let codes: Vec<_> = log
        .lines()
        .map(|line| line.trim_start_matches('→').split('→').next().unwrap())
        .collect();
    let expected = "START START START ERROR END_ERROR ERROR END_ERROR END_GOOD";
    assert_eq!(codes.join(" ").replace("END ", "END_"), expected, "{log}");
}

#[test]
fn a_cleanup_that_stops_keeps_nobody_waiting() {
    let args = ["--ignored", "--exact", "orphaned::parent_of_stopped"];
    let ran = super::binary::fixture("faulty", &args).expect_code(101);
    let log = ran.log("status.log");
    assert_eq!(log.matches("→END ERROR→").count(), 2, "{log}");
}

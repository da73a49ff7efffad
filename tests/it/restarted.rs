//! A job that Slurm starts again, with Slurm's variables set by hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use autotest_core::Event;
use autotest_report::{Record, Replay};

use super::binary::fixture_command;
use super::interrupts::{send, wait_until};

/// The suite as a batch script executes it, for the `restarts`th time after the first.
fn command(home: &Path, restarts: u32, args: &[&str]) -> Command {
    let mut command = fixture_command(home, "lab");
    command.args(["--results", "results", "--exact"]).args(args);
    command
        .env("SLURM_JOB_ID", "17")
        .env("AUTOTEST_PARAM_FILE", home.join("go"));
    if restarts > 0 {
        command.env("SLURM_RESTART_COUNT", restarts.to_string());
    }
    command
}

/// Tests of which the last waits for the file `go`.
const WAITS: [&str; 4] = ["--include-ignored", "quick::a", "quick::b", "waits"];

/// Starts the tests and ends them by `signal` while the last one runs.
fn interrupt(home: &Path, restarts: u32, signal: &str) {
    let before = starts(home);
    let mut child = command(home, restarts, &WAITS)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("the last test runs", || {
        starts(home) > before && journal(home).ends_with("\"phase\":\"execute\"}}\n")
    });
    send(signal, child.id());
    child.wait().unwrap();
}

/// How often the last test began.
fn starts(home: &Path) -> usize {
    journal(home)
        .matches("\"test\":\"waits\",\"subdir\"")
        .count()
}

fn journal(home: &Path) -> String {
    fs::read_to_string(home.join("results/journal.jsonl")).unwrap_or_default()
}

/// The verdicts that reports show of each test.
fn verdicts(home: &Path) -> BTreeMap<String, Vec<String>> {
    let journal = fs::File::open(home.join("results/journal.jsonl")).unwrap();
    let mut names = BTreeMap::new();
    let mut verdicts: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for Record { run, event, .. } in Replay::new(journal).unwrap() {
        match event {
            Event::TestStart(start) => _ = names.insert(run, start.operation),
            Event::TestEnd { status, .. } => {
                let name = names[&run].clone();
                verdicts.entry(name).or_default().push(status.to_string());
            }
            _ => {}
        }
    }
    verdicts
}

#[track_caller]
fn check(output: &Output, code: i32, stderr: &str) {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), stderr);
}

const CONTINUED: &str =
    "note: the job in `results` is continued, since `SLURM_RESTART_COUNT` is set\n";

const ENDED: &str =
    "note: the job in `results` has ended, so nothing runs, since `SLURM_RESTART_COUNT` is set\n";

#[test]
fn a_job_that_is_started_again_goes_on_and_each_test_has_one_verdict() {
    for signal in ["-TERM", "-KILL"] {
        let home = tempfile::tempdir().unwrap();
        interrupt(home.path(), 0, signal);
        fs::write(home.path().join("go"), "").unwrap();
        check(
            &command(home.path(), 1, &WAITS).output().unwrap(),
            0,
            CONTINUED,
        );
        let good = |name: &str| (name.to_owned(), vec!["GOOD".to_owned()]);
        let expected = ["quick.a", "quick.b", "waits"].map(good);
        assert_eq!(verdicts(home.path()), expected.into());
        assert!(home.path().join("results/waits.attempt-1").is_dir());
        // Once more, for whatever reason.
        let before = journal(home.path());
        check(&command(home.path(), 2, &WAITS).output().unwrap(), 0, ENDED);
        assert_eq!(journal(home.path()), before);
    }
}

/// Preemption may come as often as it likes: a test is only given up after crashes.
#[test]
fn a_job_may_be_interrupted_many_times() {
    let home = tempfile::tempdir().unwrap();
    for restarts in 0..4 {
        interrupt(home.path(), restarts, "-TERM");
    }
    fs::write(home.path().join("go"), "").unwrap();
    check(
        &command(home.path(), 4, &WAITS).output().unwrap(),
        0,
        CONTINUED,
    );
    assert_eq!(verdicts(home.path())["waits"], ["GOOD"]);
    assert!(home.path().join("results/waits.attempt-4").is_dir());
}

#[test]
fn a_job_that_ended_is_not_run_again_and_exits_as_it_did() {
    let home = tempfile::tempdir().unwrap();
    let args = ["--fail-fast", "ends::fail", "quick::a"];
    check(&command(home.path(), 0, &args).output().unwrap(), 101, "");
    let output = command(home.path(), 1, &args).output().unwrap();
    check(&output, 101, ENDED);
    assert_eq!(output.stdout, b"");
}

#[test]
fn a_job_that_did_not_get_as_far_as_its_journal_begins() {
    for is_created in [false, true] {
        let home = tempfile::tempdir().unwrap();
        if is_created {
            fs::create_dir(home.path().join("results")).unwrap();
        }
        check(
            &command(home.path(), 1, &["quick::a"]).output().unwrap(),
            0,
            "",
        );
        assert_eq!(verdicts(home.path())["quick.a"], ["GOOD"]);
    }
}

#[test]
fn the_job_of_another_command_line_is_not_continued() {
    let home = tempfile::tempdir().unwrap();
    check(
        &command(home.path(), 0, &["quick::a"]).output().unwrap(),
        0,
        "",
    );
    let other = command(home.path(), 1, &["quick::b"]).output().unwrap();
    let refused = "error: the job in `results` was started with `quick::a`, and this command line has \
                   `quick::b`: give the same arguments, or another directory\n";
    check(&other, 2, refused);
    let mut command = command(home.path(), 1, &["quick::a"]);
    command.env("AUTOTEST_OPTIONS", "--timeout 5m");
    let refused = "error: the job in `results` was started with no other arguments, and this command line has \
                   `--timeout 5m`: give the same arguments, or another directory\n";
    check(&command.output().unwrap(), 2, refused);
}

#[test]
fn without_a_restart_a_directory_with_results_is_refused_as_ever() {
    let home = tempfile::tempdir().unwrap();
    check(
        &command(home.path(), 0, &["quick::a"]).output().unwrap(),
        0,
        "",
    );
    let refused =
        "error: the results directory `results` is not empty: name another one, or remove it\n";
    check(
        &command(home.path(), 0, &["quick::a"]).output().unwrap(),
        2,
        refused,
    );
    // Its variable alone is anybody's.
    let mut command = command(home.path(), 1, &["quick::a"]);
    check(
        &command.env_remove("SLURM_JOB_ID").output().unwrap(),
        2,
        refused,
    );
}

/// Without `--results` each job has a directory of its own, and so has one that is started again.
#[test]
fn a_job_without_a_directory_begins_again() {
    let home = tempfile::tempdir().unwrap();
    for restarts in 0..2 {
        let mut command = fixture_command(home.path(), "lab");
        command.args(["quick::a"]).env("SLURM_JOB_ID", "17");
        command.env("SLURM_RESTART_COUNT", restarts.to_string());
        check(&command.output().unwrap(), 0, "");
    }
    let jobs = fs::read_dir(home.path().join("autotest-results/lab")).unwrap();
    let jobs = jobs.filter(|job| job.as_ref().unwrap().file_type().unwrap().is_dir());
    assert_eq!(jobs.count(), 2);
}

/// A secret is not on record, and the script gives it again.
#[test]
fn a_secret_goes_on_with_its_job() {
    let home = tempfile::tempdir().unwrap();
    let run = |restarts: &str| {
        let mut command = fixture_command(home.path(), "params");
        command.args(["--results", "results", "--param", "token=hunter2"]);
        command.args(["--param", "reversed=2retnuh", "secret::passes"]);
        command
            .env("SLURM_JOB_ID", "17")
            .env("SLURM_RESTART_COUNT", restarts);
        command.output().unwrap()
    };
    let first = run("0");
    let path = home.path().join("results/journal.jsonl");
    let journal = fs::read_to_string(&path).unwrap();
    // As if it had been killed before its last test ended.
    let cut = journal
        .rfind("{\"seq\"")
        .and_then(|end| journal[..end - 1].rfind("{\"seq\""));
    fs::write(&path, &journal[..cut.unwrap()]).unwrap();
    let second = run("1");
    assert_eq!(second.status.code(), first.status.code(), "{second:?}");
    assert_eq!(String::from_utf8_lossy(&second.stderr), CONTINUED);
    assert!(!fs::read_to_string(&path).unwrap().contains("hunter2"));
}

/// Slurm looks for the processes of its job in its own control group, not in those below it.
#[test]
fn a_job_of_slurm_stays_in_its_control_group() {
    let grouped = |home: &Path, is_of_slurm: bool| {
        let mut command = command(home, 0, &WAITS);
        if !is_of_slurm {
            command.env_remove("SLURM_JOB_ID");
        }
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        wait_until("the last test runs", || starts(home) > 0);
        let groups = fs::read_to_string(format!("/proc/{}/cgroup", child.id())).unwrap();
        send("-TERM", child.id());
        child.wait().unwrap();
        groups.contains("/autotest-")
    };
    let home = tempfile::tempdir().unwrap();
    if !grouped(home.path(), false) {
        println!("left out: no job has a control group here");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    assert!(!grouped(home.path(), true));
}

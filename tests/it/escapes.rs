//! What tries to get away: from its verdict, its timeout, from being ended; a job that its tests or
//! those who started it do not let go on.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use super::binary::{fixture, fixture_command, fixture_with, sleepers};
use super::interrupts::{is_running, send, wait_until};

#[test]
fn a_process_is_found_whatever_its_environment_says() {
    let ran = fixture("escapes", &["a_disguised_daemon"]).expect_code(0);
    let log = ran.log("status.log");
    assert!(log.contains("→left processes behind: "), "{log}");
    assert_eq!(sleepers("611"), 0);
}

#[test]
fn a_process_whose_name_is_not_utf_8_is_named_and_ended() {
    let ran = fixture("escapes", &["j_a_daemon"]).expect_code(0);
    let log = ran.log("status.log");
    let name = "→left processes behind: cut \u{fffd} (";
    assert!(log.contains(name), "{log}");
}

#[test]
fn a_warning_of_the_test_hides_no_process_that_it_left() {
    let ran = fixture("escapes", &["k_warns", "--junit"]).expect_code(0);
    let log = ran.log("status.log");
    assert!(log.contains("→slow"), "{log}");
    let report = ran.log("junit.xml");
    let note = "\"also\" value=\"end: WARN: left processes behind: sleep (";
    assert!(report.contains(note), "{report}");
}

#[test]
fn a_forged_outcome_is_no_pass() {
    let ran = fixture("escapes", &["b_two_outcomes"]).expect_code(101);
    let log = ran.log("status.log");
    assert!(log.contains("→sent more than one outcome"), "{log}");
}

#[test]
fn a_process_that_its_own_child_traces_times_out() {
    let args = ["d_traced_by_a_child", "i_innocent"];
    let ran = fixture_with(&[("TRACED", "1")], "escapes", &args).expect_code(101);
    let log = ran.log("status.log");
    assert!(log.contains("→timed out after 300ms"), "{log}");
}

/// A job whose supervisor was killed, then what becomes of it.
fn killed_and_resumed(home: &Path, args: &[&str], plant: &str) -> Output {
    let mut command = fixture_command(home, "escapes");
    command.args(["--results", "results"]).args(args);
    command.envs([("KILLED", "1"), ("PLANT", plant)]);
    assert_eq!(command.output().unwrap().status.code(), None);
    resume(home).output().unwrap()
}

fn resume(home: &Path) -> Command {
    let mut command = fixture_command(home, "escapes");
    command.args(["--resume", "results"]).env("KILLED", "1");
    command
}

#[test]
fn a_verdict_that_reads_like_an_interruption_is_kept() {
    let home = tempfile::tempdir().unwrap();
    let output = killed_and_resumed(home.path(), &["c_own_interruption", "f_kills"], "");
    assert_eq!(output.status.code(), Some(101), "{output:?}");
    assert!(
        !home
            .path()
            .join("results/c_own_interruption.attempt-1")
            .exists()
    );
}

#[test]
fn what_a_test_planted_does_not_keep_the_job_from_going_on() {
    for (plant, code) in [("stage", 0), ("keyval", 5)] {
        let home = tempfile::tempdir().unwrap();
        let args = ["e_plants", "f_kills", "i_innocent"];
        let output = killed_and_resumed(home.path(), &args, plant);
        assert_eq!(output.status.code(), Some(code), "{plant}: {output:?}");
        let shown = String::from_utf8_lossy(&output.stdout);
        assert!(shown.contains("test i_innocent ... ok"), "{plant}: {shown}");
    }
}

#[test]
fn a_late_guardian_leaves_a_job_alone_that_goes_on() {
    late_guardian("-KILL");
}

#[test]
fn a_late_guardian_of_a_job_that_was_interrupted_does_so_too() {
    late_guardian("-TERM");
}

/// The guardian of a job that `signal` ended wakes up while the job goes on.
fn late_guardian(signal: &str) {
    let home = tempfile::tempdir().unwrap();
    let guardian = interrupted_with_late_guardian(home.path(), signal);
    let mut second = resumed(home.path());
    // Without a control group there is nothing left for it to do behind a job that ended in order.
    if is_running(guardian) {
        send("-CONT", guardian);
    }
    assert_eq!(second.wait().unwrap().code(), Some(0));
}

/// Ends a job by `signal` while its guardian is stopped. Returns the guardian.
fn interrupted_with_late_guardian(home: &Path, signal: &str) -> u32 {
    let mut command = fixture_command(home, "escapes");
    command.args(["--results", "results", "g_takes_long"]);
    command.env("LONG", "1").stdout(Stdio::null());
    let mut first = command.spawn().unwrap();
    let debug = home.join("results/g_takes_long/debug");
    // The directory is there before the run is on record, and only what is on record becomes an attempt.
    let journal = home.join("results/journal.jsonl");
    wait_until("the test is on", || {
        let journal = std::fs::read_to_string(&journal).unwrap_or_default();
        debug.exists() && journal.contains("\"process\"")
    });
    let children = format!("/proc/{0}/task/{0}/children", first.id());
    let children = std::fs::read_to_string(children).unwrap();
    let guardian: u32 = children.split(' ').next().unwrap().parse().unwrap();
    send("-STOP", guardian);
    send(signal, first.id());
    first.wait().unwrap();
    guardian
}

/// The job again, while its test is on for the second time.
fn resumed(home: &Path) -> Child {
    let mut command = resume(home);
    let second = command.env("LONG", "1").stdout(Stdio::null()).spawn();
    let results = home.join("results");
    wait_until("the test is on again", || {
        results.join("g_takes_long.attempt-1").exists()
            && results.join("g_takes_long/debug").exists()
    });
    second.unwrap()
}

/// It must not depend on a lock: a job that ends gives the journal free a moment before its process is gone.
#[test]
fn a_late_guardian_leaves_a_job_alone_whose_journal_is_not_locked() {
    let home = tempfile::tempdir().unwrap();
    let guardian = interrupted_with_late_guardian(home.path(), "-KILL");
    let mut second = resumed(home.path());
    let journal = home.path().join("results/journal.jsonl");
    let copy = home.path().join("copy");
    std::fs::copy(&journal, &copy).unwrap();
    std::fs::rename(&copy, &journal).unwrap();
    send("-CONT", guardian);
    wait_until("the guardian has ended", || !is_running(guardian));
    assert_eq!(second.wait().unwrap().code(), Some(0));
}

#[test]
fn a_job_that_waits_for_its_reader_can_be_ended() {
    let home = tempfile::tempdir().unwrap();
    let mut command = fixture_command(home.path(), "escapes");
    command.args(["--results", "results", "--nocapture", "h_prints_much"]);
    let child = command.stdout(Stdio::piped()).spawn().unwrap();
    let log = home.path().join("results/.autoserv_execute");
    wait_until("the job is over", || {
        std::fs::read_to_string(&log).is_ok_and(|text| text.lines().count() > 1)
    });
    std::thread::sleep(Duration::from_millis(200));
    send("-TERM", child.id());
    let status = format!("/proc/{}/stat", child.id());
    wait_until("it ends", || {
        std::fs::read_to_string(&status).unwrap().contains(" Z ")
    });
    child.wait_with_output().unwrap();
}

#[test]
fn a_signal_that_is_ignored_from_the_start_ends_no_job() {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "trap '' HUP; exec \"$0\" --results results g_takes_long",
    ]);
    command.arg(env!("CARGO_BIN_EXE_escapes")).env("LONG", "1");
    let command = command.current_dir(home.path()).stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    let debug = home.path().join("results/g_takes_long/debug");
    wait_until("the test is on", || debug.exists());
    send("-HUP", child.id());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

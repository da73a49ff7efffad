//! Orders to end a job or to leave it, while the job starts, the connection is lost, or another target is.

use std::fs;
use std::process::Child;
use std::time::Duration;

use super::super::interrupts::{is_running, wait_until};
use super::Lab;
use super::lab::{Tested, send};

/// A job that takes a few seconds.
const LONG: &[&str] = &["--", "--iterations", "10"];

/// A machine whose jobs do not start while a file exists.
struct SlowStart {
    lab: Lab,
    path: String,
}

impl SlowStart {
    fn new() -> SlowStart {
        let lab = Lab::with_board();
        let (held, waits) = (lab.path("held"), lab.path("waits"));
        let script = format!(
            "[ -e {held} ] && echo >{waits}
while [ -e {held} ]; do sleep 0.02; done
PATH=${{PATH#*:}} exec setsid \"$@\"",
            held = held.display(),
            waits = waits.display()
        );
        let path = lab.add_program("setsid", &script);
        SlowStart { lab, path }
    }

    fn run(&self) -> Child {
        let args = ["--", "--iterations", "100"];
        let mut command = self.lab.command("many", &["board"], &args);
        command.env("PATH", &self.path).spawn().unwrap()
    }

    fn hold(&self) {
        fs::write(self.lab.path("held"), "").unwrap();
    }

    /// Ends the run while its job is held, and lets that start. Then nothing must be left of it.
    fn end_while_held(&self, run: Child) -> Tested {
        wait_until("a job that is held", || self.lab.path("waits").exists());
        order(&run, "-TERM");
        fs::remove_file(self.lab.path("held")).unwrap();
        let ended = end(&self.lab, run);
        wait_until("the end of the job", || {
            self.lab.processes_on("board").is_empty()
        });
        ended
    }
}

/// Sends a signal, and gives the tool time to take it for an order.
fn order(run: &Child, signal: &str) {
    send(run.id(), signal);
    std::thread::sleep(Duration::from_secs(1));
}

/// The end of a run, which does not take long.
fn end(lab: &Lab, run: Child) -> Tested {
    wait_until("the end of the run", || !is_running(run.id()));
    lab.end(run)
}

/// Waits until a program like `adb` runs, with this text in its command line.
fn wait_for_adb(lab: &Lab, text: &str) {
    wait_until(text, || {
        let mut processes = lab.processes_of_host().into_iter();
        processes.any(|(_, line)| line.contains("bin/adb -s") && line.contains(text))
    });
}

#[test]
fn a_job_that_is_ended_while_it_starts_ends_once_it_has_begun() {
    let machine = SlowStart::new();
    machine.hold();
    let ran = machine.end_while_held(machine.run()).expect_code(143);
    assert!(
        ran.stderr.ends_with("note: ending the job\n"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_job_that_is_ended_while_it_is_resumed_ends_once_it_goes_on() {
    let machine = SlowStart::new();
    let run = machine.run();
    let journal = machine.lab.wait_for("board", "\"seq\":200,");
    machine.hold();
    machine.lab.kill_supervisor(&journal);
    let ran = machine.end_while_held(run).expect_code(143);
    let told = "note: the job was interrupted; it goes on\nnote: ending the job\n";
    assert!(ran.stderr.ends_with(told), "{}", ran.stderr);
}

/// The test records nothing, so that no news can remind the tool of the order.
#[test]
fn a_job_that_is_ended_while_its_target_is_away_ends_when_it_is_back() {
    let lab = Lab::new();
    let path = lab.add_device("phone", "sh");
    let until = format!("until={}", lab.path("until").display());
    let args = ["--", "--ignored", "waits", "--param", &until];
    let mut command = lab.command("followed", &["phone"], &args);
    let run = command.env("PATH", path).spawn().unwrap();
    let here = lab.host().join("results/journal.jsonl");
    wait_until("a test", || {
        fs::read_to_string(&here).is_ok_and(|it| it.contains("test_start"))
    });
    lab.hang("phone");
    let follower = |(_, line): &(u32, String)| line.contains("--follow");
    let (follower, _) = lab
        .processes_on("phone")
        .into_iter()
        .find(follower)
        .unwrap();
    send(follower, "-KILL");
    wait_for_adb(&lab, "get-state");
    order(&run, "-TERM");
    lab.answer_again("phone");
    let ran = end(&lab, run).expect_code(143);
    assert!(
        ran.stderr.ends_with("note: ending the job\n"),
        "{}",
        ran.stderr
    );
    assert!(lab.results().log("status.log").contains("END ABORT"));
}

#[test]
fn a_job_that_cannot_be_ended_can_be_left() {
    let lab = Lab::new();
    let path = lab.add_device("phone", "sh");
    let mut command = lab.command("many", &["phone"], LONG);
    let run = command.env("PATH", path).spawn().unwrap();
    lab.wait_for("phone", "\"seq\":200,");
    lab.hang("phone");
    send(run.id(), "-TERM");
    wait_for_adb(&lab, "autotest-answer");
    order(&run, "-HUP");
    lab.take_away("phone");
    lab.answer_again("phone");
    let ran = end(&lab, run).expect_code(0);
    let hint = "the job goes on; take it up with: cargo autotest attach [LAB]/host/results\n";
    assert!(ran.stderr.ends_with(hint), "{}", ran.stderr);
}

#[test]
fn after_an_order_nobody_takes_over_tests() {
    let lab = Lab::new();
    let path = lab.add_device("phone", "sh");
    lab.add_device("tablet", "sh");
    let args = [&["--shard"], LONG].concat();
    let mut command = lab.command("many", &["phone", "tablet"], &args);
    let run = command.env("PATH", path).spawn().unwrap();
    lab.wait_for("phone", "\"seq\":200,");
    lab.wait_for("tablet", "\"seq\":200,");
    lab.take_away("phone");
    send(run.id(), "-TERM");
    let ran = lab.end(run).expect_code(1);
    let away = "error: phone: the target does not come back: device 'phone' not found\n";
    assert!(ran.stderr.ends_with(away), "{}", ran.stderr);
    let jobs = fs::read_dir(lab.host().join("results/.targets")).unwrap();
    assert_eq!(jobs.count(), 2);
}

/// A follower that begins anew does not report files of tests that have ended.
#[test]
fn what_was_not_copied_is_known_after_the_job_was_left() {
    let lab = Lab::with_board();
    let until = lab.path("until");
    let param = format!("until={}", until.display());
    let args = [
        "--",
        "--include-ignored",
        "no_files",
        "waits",
        "--param",
        &param,
    ];
    let run = lab.command("followed", &["board"], &args).spawn().unwrap();
    let here = lab.host().join("results/journal.jsonl");
    wait_until("a verdict", || {
        fs::read_to_string(&here).is_ok_and(|it| it.contains("test_end"))
    });
    send(run.id(), "-HUP");
    lab.end(run).expect_code(0);
    fs::write(until, "").unwrap();
    let mut attach = lab.tool();
    let ran = lab.end(attach.args(["attach", "results"]).spawn().unwrap());
    let ran = ran.expect_code(0);
    let told = "note: not copied: `b_no_files/results/fifo`: it is a named pipe\n";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    assert_eq!(lab.jobs_on("board").len(), 1);
}

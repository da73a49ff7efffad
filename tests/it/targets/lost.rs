//! Targets that go away and come back, and what the user at the terminal wants of a run.

use std::fs;
use std::io::Write;
use std::process::Child;

use super::super::live::terminal;
use super::Lab;
use super::lab::{Tested, finals, send};

/// A job that takes a few seconds.
const LONG: &[&str] = &["--", "--iterations", "10"];

/// A lab with the device `phone`, and the `PATH` on which it is found.
fn lab() -> (Lab, String) {
    let lab = Lab::new();
    let path = lab.add_device("phone", "sh");
    (lab, path)
}

fn start(lab: &Lab, path: &str, patience: &str) -> Child {
    let args = [&["--patience", patience], LONG].concat();
    let mut command = lab.command("many", &["phone"], &args);
    command.env("PATH", path).spawn().unwrap()
}

fn attach(lab: &Lab, path: &str) -> Tested {
    let mut command = lab.tool();
    command.args(["attach", "results"]).env("PATH", path);
    lab.end(command.spawn().unwrap())
}

#[test]
fn a_target_that_loses_its_power_is_waited_for_and_goes_on() {
    let (lab, path) = lab();
    let child = start(&lab, &path, "1m");
    lab.wait_for("phone", "\"seq\":200,");
    lab.take_away("phone");
    std::thread::sleep(std::time::Duration::from_millis(500));
    lab.bring_back("phone");
    let ran = lab.end(child).expect_code(101);
    let lost = "note: the connection is lost";
    assert!(ran.stderr.contains(lost), "{}", ran.stderr);
    assert_eq!(
        ran.stderr
            .matches("the job was interrupted; it goes on")
            .count(),
        1
    );
    let here = lab.at_home("many", &LONG[1..]);
    assert_eq!(finals(&lab.results()), finals(&here));
}

/// The connection is not closed: it only falls silent.
#[test]
fn a_connection_that_falls_silent_is_made_again() {
    let (lab, path) = lab();
    let child = start(&lab, &path, "1");
    lab.wait_for("phone", "\"seq\":200,");
    let follower = |(_, line): &(u32, String)| line.contains("--follow");
    let (follower, _) = lab
        .processes_on("phone")
        .into_iter()
        .find(follower)
        .unwrap();
    send(follower, "-STOP");
    let ran = lab.end(child).expect_code(101);
    let lost = "note: the connection is lost (nothing came from it for 15s); trying again";
    assert!(ran.stderr.contains(lost), "{}", ran.stderr);
    let here = lab.at_home("many", &LONG[1..]);
    assert_eq!(finals(&lab.results()), finals(&here));
}

#[test]
fn the_results_of_a_target_that_stays_away_are_whole_and_go_on_when_it_is_back() {
    let (lab, path) = lab();
    let child = start(&lab, &path, "1");
    lab.wait_for("phone", "\"seq\":200,");
    lab.take_away("phone");
    let ran = lab.end(child).expect_code(1);
    let away = "error: phone: the target does not come back: device 'phone' not found\n";
    assert!(ran.stderr.ends_with(away), "{}", ran.stderr);
    let log = lab.results().log("status.log");
    assert!(log.contains("END ABORT"), "{log}");
    let refused = attach(&lab, &path).expect_code(1);
    assert_eq!(refused.stderr, "error: phone: device 'phone' not found\n");
    lab.bring_back("phone");
    attach(&lab, &path).expect_code(101);
    let here = lab.at_home("many", &LONG[1..]);
    assert_eq!(finals(&lab.results()), finals(&here));
    assert!(lab.jobs_on("phone").is_empty());
}

/// What the tool writes to a terminal when it is interrupted and the user says this.
fn interrupted(answers: &[&str]) -> (Lab, Option<i32>) {
    let lab = Lab::with_board();
    let (mut ours, theirs) = terminal();
    let mut command = lab.command("many", &["board"], LONG);
    command.stdin(theirs.try_clone().unwrap()).stderr(theirs);
    let mut child = command.spawn().unwrap();
    drop(command);
    for (number, answer) in answers.iter().enumerate() {
        lab.wait_for("board", &format!("\"seq\":{},", 200 * (number + 1)));
        send(child.id(), "-INT");
        match *answer {
            "^C" => {
                std::thread::sleep(std::time::Duration::from_millis(500));
                send(child.id(), "-INT");
            }
            answer => writeln!(ours, "{answer}").unwrap(),
        }
    }
    let code = child.wait().unwrap().code();
    (lab, code)
}

#[test]
fn an_interrupt_at_a_terminal_asks() {
    let (lab, code) = interrupted(&["", "l"]);
    assert_eq!(code, Some(0));
    assert_eq!(lab.jobs_on("board").len(), 1);
    let ended = lab.end(lab.tool().args(["attach", "results"]).spawn().unwrap());
    ended.expect_code(101);
    let (lab, code) = interrupted(&["e"]);
    assert_eq!(code, Some(143));
    assert!(
        fs::read_to_string(lab.host().join("results/status.log"))
            .unwrap()
            .contains("END ABORT")
    );
    let (_, code) = interrupted(&["^C"]);
    assert_eq!(code, Some(143));
}

#[test]
fn the_tests_of_a_target_that_stays_away_run_on_the_others() {
    let lab = Lab::new();
    let path = lab.add_device("phone", "sh");
    lab.add_device("tablet", "sh");
    let args = ["--shard", "--patience", "1", "--", "--iterations", "10"];
    let mut command = lab.command("many", &["phone", "tablet"], &args);
    let child = command.env("PATH", path).spawn().unwrap();
    lab.wait_for("phone", "\"seq\":200,");
    lab.take_away("phone");
    let ran = lab.end(child).expect_code(101);
    let note = "note: phone: the target does not come back: device 'phone' not found; others ran its tests\n";
    assert!(ran.stderr.ends_with(note), "{}", ran.stderr);
    let here = lab.at_home("many", &LONG[1..]);
    assert_eq!(finals(&lab.results()), finals(&here), "{}", ran.stderr);
    let own = lab
        .results()
        .jobdir()
        .join(".targets/tablet-for-phone/journal.jsonl");
    assert!(own.is_file());
}

//! The process of a run is forked while the one before runs. Harm done to it meanwhile is blamed on no
//! test.

use std::process::Stdio;
use std::thread::available_parallelism;
use std::time::Duration;

use super::binary::{fixture, fixture_command};
use super::interrupts::wait_until;

/// How often a job is tried again in which no test found the next one's process: the machine was busy.
const TRIES: usize = 20;

#[test]
fn what_happens_to_the_next_process_is_not_its_tests_fault() {
    harmed(&[]);
    harmed(&["--isolation", "exec"]);
}

/// A job in which tests do harm to the next one's process, and all pass.
fn harmed(args: &[&str]) {
    let has_processor = available_parallelism().is_ok_and(|count| count.get() > 1);
    for _ in 0..TRIES {
        let ran = fixture("prefork", args).expect_code(0);
        let journal = ran.log("journal.jsonl");
        let is_found = journal.contains(r#"{"keyval":[["found",1]]}"#);
        if is_found || !has_processor {
            return;
        }
    }
    panic!("no process was made ahead in {TRIES} jobs");
}

#[test]
fn it_dies_with_the_supervisor() {
    for millis in [5, 20, 60] {
        let home = tempfile::tempdir().unwrap();
        let mut command = fixture_command(home.path(), "prefork");
        command.args(["--results", "results"]).stdout(Stdio::null());
        let mut job = command.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(millis));
        job.kill().unwrap();
        job.wait().unwrap();
        let home = home.path().canonicalize().unwrap();
        wait_until("no process is left", || {
            let processes = std::fs::read_dir("/proc").unwrap().flatten();
            let mut dirs =
                processes.filter_map(|process| process.path().join("cwd").read_link().ok());
            !dirs.any(|dir| dir.starts_with(&home))
        });
    }
}

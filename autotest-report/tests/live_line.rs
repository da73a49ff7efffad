//! The live line of a terminal on the standard output of a process. These tests are a program of their own: where
//! a process is started, it shares the locks and the pipes of all other tests for a moment.

use std::io;
use std::path::Path;
use std::process::Command;

use autotest_report::{Record, Report, ShowOptions, Terminal};

/// A job whose first test is `a::one`.
const JOURNAL: &str = include_str!("golden/passes/events.jsonl");

#[test]
fn the_live_line_is_as_long_as_the_shell_says() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "show", "--ignored", "--nocapture"])
        .env("COLUMNS", "16")
        .output();
    let output = String::from_utf8(output.unwrap().stdout).unwrap();
    let line = output.split('\r').nth(1).unwrap();
    let (line, _) = line.split_once("\x1b[K").unwrap();
    assert_eq!(line, "[0/2] ...a::one");
}

#[test]
#[ignore = "it is the process of the other test"]
fn show() {
    let live = true;
    let options = ShowOptions {
        live,
        ..ShowOptions::default()
    };
    let mut terminal = Terminal::new(io::stdout(), Path::new("/no/such/job"), options);
    for line in JOURNAL.split_inclusive('\n').take(2) {
        let record = Record::from_line(line.as_bytes()).unwrap();
        terminal.record(&record).unwrap();
    }
}

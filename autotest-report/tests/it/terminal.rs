//! The live line of a terminal on the standard output of a process.

use std::io;
use std::path::Path;
use std::process::Command;

use autotest_report::{Report, ShowOptions, Terminal};

use crate::job::Job;

#[test]
fn the_live_line_is_as_long_as_the_shell_says() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "terminal::show", "--ignored", "--nocapture"])
        .env("COLUMNS", "40")
        .output();
    let output = String::from_utf8(output.unwrap().stdout).unwrap();
    let line = output.split('\r').nth(1).unwrap();
    let (line, _) = line.split_once("\x1b[K").unwrap();
    assert_eq!(line, "[0/1] ...itions::of_the_second_disk: 0s");
}

#[test]
#[ignore = "is the process of another test"]
fn show() {
    let live = true;
    let options = ShowOptions {
        live,
        ..ShowOptions::default()
    };
    let mut terminal = Terminal::new(io::stdout(), Path::new("/no/such/job"), options);
    let name = "storage::partitions::of_the_second_disk";
    for record in &Job::of(&[name]).start(1, name).records {
        terminal.record(record).unwrap();
    }
}

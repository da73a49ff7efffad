//! The status log while a job runs.

mod groups;

use autotest_core::status::Code;
use autotest_core::{Event, StatusRecord};
use autotest_report::{Report, StatusLog};

use crate::job::Job;
use crate::tree::Home;

/// The codes of the lines after each record.
fn progress(job: &Job) -> Vec<String> {
    let home = Home::new();
    let mut log = StatusLog::new(&home.tree());
    let mut codes = Vec::new();
    for record in &job.records {
        log.record(record).unwrap();
        let lines = home.read("status.log");
        let lines = lines.lines().map(|line| line.trim_start());
        let code = lines.map(|line| line.split('\t').next().unwrap_or_default());
        codes.push(code.collect::<Vec<_>>().join(", "));
    }
    codes
}

#[test]
fn a_test_is_in_the_log_while_it_runs() {
    let mut job = Job::of(&["a"]);
    job.start(1, "a").pass(1);
    assert_eq!(
        progress(&job),
        ["START", "START, START", "START, START, GOOD, END GOOD"]
    );
}

#[test]
fn a_test_that_may_run_beside_others_is_in_the_log_when_it_ended() {
    let mut job = Job::of(&["a"]);
    if let Event::JobStart(start) = &mut job.records[0].event {
        start.is_parallel = true;
    }
    job.start(1, "a").pass(1);
    assert_eq!(
        progress(&job),
        ["START", "START", "START, START, GOOD, END GOOD"]
    );
}

#[test]
fn a_group_that_a_test_left_open_is_closed_as_it_was_opened() {
    let home = Home::new();
    let mut job = Job::of(&["a"]);
    let group = StatusRecord {
        subdir: Some("part".to_owned()),
        operation: Some("group".to_owned()),
        ..StatusRecord::message(Code::Start, "")
    };
    job.start(1, "a").record(1, group).pass(1).end_job();
    job.report_to(&mut StatusLog::new(&home.tree()));
    let log = home.read("status.log");
    let mut lines = log.lines().filter(|line| line.contains("group"));
    let mut starts_with = |text| lines.next().unwrap().starts_with(text);
    assert!(starts_with("\t\tSTART\tpart\tgroup\t"));
    assert!(starts_with("\t\tEND GOOD\tpart\tgroup\t"));
}

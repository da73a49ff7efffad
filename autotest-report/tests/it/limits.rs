//! What reports keep and show of a test that reports without end.

use autotest_core::status::Code;
use autotest_core::{Event, Kind, StatusRecord, Value, Verdict};
use autotest_report::{Junit, JunitPlace, LibtestJson, StatusLog};

use crate::job::Job;
use crate::tree::Home;

/// A job of one test that has these errors beside the one that decided it.
fn failed_with_notes(count: usize) -> String {
    let home = Home::new();
    let mut job = Job::of(&["a"]);
    job.start(1, "a");
    for number in 1..=count {
        let verdict = Verdict::new(Kind::Fail, format!("error {number}"));
        let origin = "cleanup".to_owned();
        job.send(1, Event::Suppressed { verdict, origin });
    }
    job.end(1, Kind::Fail, "it broke").end_job();
    let path = home.elsewhere("lines");
    let out = std::fs::File::create(&path).unwrap();
    job.report_to(&mut LibtestJson::new(out, &home.jobdir(), false));
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn of_errors_beside_the_verdict_a_hundred_are_shown() {
    let lines = failed_with_notes(100);
    assert!(lines.contains("error 100\\n"));
    assert!(!lines.contains(" more\\n"));
    let lines = failed_with_notes(103);
    assert!(lines.contains("error 100\\n    also and 3 more\\n"));
    assert!(!lines.contains("error 101"));
}

#[test]
fn of_keyvals_a_thousand_are_properties_and_of_each_the_last_value() {
    let home = Home::new();
    let mut job = Job::of(&["a"]);
    job.start(1, "a");
    let pair = |number: usize, value: &str| (format!("k{number}"), Value::from(value));
    let pairs = (1..=1001).map(|number| pair(number, "old"));
    job.send(1, Event::Keyval(pairs.collect()));
    let later = vec![pair(7, "new"), pair(1002, "new")];
    job.send(1, Event::Keyval(later)).pass(1).end_job();
    let place = JunitPlace::Tree(home.tree());
    job.report_to(&mut Junit::new(job.journal(), &home.jobdir(), place));
    let document = home.read("junit.xml");
    let count = |text: &str| document.matches(text).count();
    assert_eq!(count("<property name=\"k"), 1000);
    assert_eq!(count("<property name=\"k7\" value=\"new\"/>"), 1);
    assert_eq!(count("value=\"old\""), 999);
}

#[test]
fn groups_of_a_test_are_indented_to_a_depth_of_64() {
    let home = Home::new();
    let mut job = Job::of(&["a"]);
    job.start(1, "a");
    let group = |code| StatusRecord {
        operation: Some("group".to_owned()),
        ..StatusRecord::message(code, "")
    };
    let good = Code::End(autotest_core::Status::Good);
    for _ in 0..66 {
        job.record(1, group(Code::Start));
    }
    for _ in 0..3 {
        job.record(1, group(good));
    }
    job.pass(1).end_job();
    job.report_to(&mut StatusLog::new(&home.tree()));
    let log = home.read("status.log");
    let lines: Vec<_> = log.lines().filter(|line| line.contains("group")).collect();
    let indent = |line: &str| line.len() - line.trim_start_matches('\t').len();
    let code = |line: &str| line.trim_start().split('\t').next().unwrap().to_owned();
    let shown: Vec<_> = lines
        .iter()
        .map(|line| (indent(line), code(line)))
        .collect();
    let open = (2..66).map(|depth| (depth, "START"));
    // Two more are remarks, and so are their ends.
    let too_deep = [(66, "INFO"); 4];
    let close = (2..66).rev().map(|depth| (depth, "END GOOD"));
    let expected = open.chain(too_deep).chain(close);
    let expected: Vec<_> = expected
        .map(|(depth, code)| (depth, code.to_owned()))
        .collect();
    assert_eq!(shown, expected);
}

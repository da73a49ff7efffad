//! A supervisor can be killed at any moment: what it has written up to there can be read.

use autotest_report::{JobFiles, KeyvalFiles, PerfFiles, StatusLog, Tree};
use autotest_report::{Record, Report};

use super::read;
use crate::binary::{Ran, fixture};

/// Writes the reports of a job again, and reads them whenever something was written.
#[track_caller]
fn check(ran: &Ran) {
    let journal = std::fs::read_to_string(ran.jobdir().join("journal.jsonl")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let tree = Tree::open(dir.path()).unwrap();
    let mut reports: Vec<Box<dyn Report>> = vec![
        Box::new(JobFiles::new(&tree)),
        Box::new(KeyvalFiles::new(&tree)),
        Box::new(PerfFiles::new(&tree)),
        Box::new(StatusLog::new(&tree)),
    ];
    for line in journal.lines() {
        let record: Record = serde_json::from_str(line).unwrap();
        for report in &mut reports {
            report.record(&record).unwrap();
        }
        if let Err(fatal) = read(dir.path()) {
            let log = std::fs::read_to_string(dir.path().join("status.log")).unwrap();
            panic!("{fatal:?} after {line}:\n{log}");
        }
    }
}

#[test]
fn a_job_can_be_read_whenever_it_is_killed() {
    check(&fixture(
        "faulty",
        &["says::", "raises::", "nests::", "records::"],
    ));
    check(&fixture("steps", &["records::"]));
}

#[test]
fn a_job_of_tests_at_once_can_be_read_whenever_it_is_killed() {
    let select = ["--test-threads", "4", "says::", "raises::", "nests::"];
    check(&fixture("faulty", &select));
    check(&fixture("steps", &["--test-threads", "4", "records::"]));
}

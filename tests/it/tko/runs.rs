//! Real trees: the rows that the parser gives are those of the verdicts that the run gave.

use std::fs;
use std::path::Path;

use expect_test::{Expect, expect};

use super::journal::Expected;
use super::{read, read_test};
use crate::binary::{Ran, example, fixture};

/// Checks that the parser reads a job's tree, and what its journal says.
#[track_caller]
pub(crate) fn check_tree(jobdir: &Path) {
    let journal = fs::read_to_string(jobdir.join("journal.jsonl")).unwrap();
    let expected = Expected::of(&journal);
    let job = read(jobdir).unwrap();
    assert_eq!(job.server, expected.server);
    assert_eq!(job.rows.len(), expected.rows.len(), "{:#?}", job.rows);
    for (got, expected) in job.rows.iter().zip(expected.rows) {
        let mut got = got.clone();
        got.reason = got.reason.trim_start().to_owned();
        if !expected.is_reason_known {
            got.reason.clone_from(&expected.row.reason);
        }
        if !expected.is_subdir_known {
            got.subdir.clone_from(&expected.row.subdir);
        }
        assert_eq!(got, expected.row);
    }
}

/// Checks that a job can be read whose supervisor was killed, however far it had come.
#[track_caller]
pub(crate) fn check_readable(jobdir: &Path) {
    let has_begun = |file: &str| fs::metadata(jobdir.join(file)).is_ok_and(|it| it.len() > 0);
    if has_begun("keyval") && has_begun("status.log") {
        read(jobdir).unwrap();
    }
}

/// Checks what the parser makes of a job whose supervisor was killed while its only test was on.
#[track_caller]
pub(crate) fn check_cut_off(jobdir: &Path, test: &str) {
    let job = read(jobdir).unwrap();
    let rows: Vec<_> = job.rows.iter().map(ToString::to_string).collect();
    let why = "ABORT | Job aborted unexpectedly";
    assert_eq!(
        rows,
        [
            format!("- | CLIENT_JOB.0 | {why}"),
            format!("{test} | {test} | {why}")
        ]
    );
    assert_eq!(job.server.to_string(), "ABORT");
}

#[track_caller]
fn check(ran: &Ran) {
    check_tree(&ran.jobdir());
}

/// Checks the rows of some tests by name, too.
#[track_caller]
fn check_rows(ran: &Ran, rows: Expect) {
    check(ran);
    let job = read(&ran.jobdir()).unwrap();
    let shown: Vec<_> = job.rows.iter().map(ToString::to_string).collect();
    rows.assert_eq(&shown.join("\n"));
}

#[test]
fn examples_are_read() {
    check(&example("hello", &[]));
    check(&example("lifecycle", &["--iterations", "3"]));
    let ran = example("disk", &["--param", "mb=1", "--iterations", "3"]);
    check(&ran);
    let read = read_test(&ran.jobdir().join("SequentialWrite")).unwrap();
    assert_eq!((read.iterations.len(), read.skipped), (3, Vec::new()));
    for iteration in read.iterations {
        let keys: Vec<_> = iteration.perf.into_keys().collect();
        assert_eq!(keys, ["latency_ms", "throughput"]);
    }
}

#[test]
fn every_test_that_misbehaves_is_read() {
    check(&fixture("faulty", &["--param", "need=1"]));
}

#[test]
fn tests_at_once_are_read() {
    check(&fixture(
        "faulty",
        &["--param", "need=1", "--test-threads", "4"],
    ));
}

#[test]
fn an_aborted_job_is_read() {
    let ran = fixture("faulty", &["--include-ignored", "aborts", "says::fail"]);
    check_rows(
        &ran,
        expect![[r#"
        - | CLIENT_JOB.0 | ABORT | aborts ended the job
        aborts | aborts | ABORT | the board is gone"#]],
    );
}

#[test]
fn a_job_that_ended_at_a_failure_is_read() {
    let ran = fixture("faulty", &["--fail-fast", "says::"]);
    check_rows(
        &ran,
        expect![[r#"
        - | CLIENT_JOB.0 | ABORT | a test failed
        says.error | says.error | ERROR | no power"#]],
    );
}

#[test]
fn verdicts_stay_what_they_are() {
    let ran = fixture("faulty", &["says::", "nests::"]);
    check_rows(
        &ran,
        expect![[r#"
        - | CLIENT_JOB.0 | TEST_NA | 
        nests.orphan | nests.orphan | ERROR | says::wran: test does not exist; did you mean `says::warn`?
        nests.parent | nests.parent | WARN | slow, but it works
        nests.twice | nests.twice | ERROR | nests.twice/says.warn already exists; give each run of a test a tag of its own, slow, but it works
        says.error | says.error | ERROR | no power
        says.fail | says.fail | FAIL | broken
        says.known_failure | says.known_failure | GOOD | completed successfully
        says.not_applicable | says.not_applicable | TEST_NA | no such board
        says.tricky_reason | says.tricky_reason | FAIL |  rc=1  [31mred [0m        or not
        says.warn | says.warn | WARN | slow, but it works"#]],
    );
}

#[test]
fn records_of_tests_are_read() {
    let ran = fixture("steps", &["records::"]);
    check_rows(
        &ran,
        expect![[r#"
            - | CLIENT_JOB.0 | GOOD | 
            records.bad_news | records.bad_news | FAIL | is full
            records.deep_groups | records.deep_groups | GOOD | completed successfully
            records.open_group | records.open_group | GOOD | completed successfully, done
            records.several_lines | records.several_lines | WARN | slower than yesterday"#]],
    );
}

//! A process that crashed is a note of its run.

use autotest_core::{Crash, Event, Kind};
use autotest_report::{Replay, Summary, Tap};

use crate::job::Job;

#[test]
fn a_crash_is_told_beside_the_verdict() {
    let mut job = Job::of(&["net"]);
    let crash = Crash {
        name: "worker".to_owned(),
        pid: 7,
        signal: "signal 11 (SIGSEGV)".to_owned(),
        dir: "crash/worker.7".to_owned(),
        ..Crash::default()
    };
    job.start(1, "net")
        .send(1, Event::Crash(Box::new(crash.clone())))
        .end(1, Kind::Fail, "no answer");
    // One that belongs to no run in progress is no note.
    job.send(1, Event::Crash(Box::new(crash))).end_job();
    let mut out = Vec::new();
    job.report_to(&mut Tap::new(&mut out, None));
    let expected = "TAP version 13
1..1
not ok 1 - net
  ---
  status: FAIL
  reason: \"no answer\"
  also: \"crash: worker (7) was killed by signal 11 (SIGSEGV); see crash/worker.7\"
  debug: \"net/debug\"
  ...
";
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

#[test]
fn a_crash_ends_no_run() {
    let mut job = Job::of(&["net"]);
    job.start(1, "net").send(1, Event::Crash(Box::default()));
    let open = Summary::of(job.journal()).open;
    assert_eq!(open.iter().map(|(run, _)| *run).collect::<Vec<_>>(), [1]);
    let records: Vec<_> = Replay::new(job.journal()).unwrap().collect();
    // The end of the run and that of the job.
    assert_eq!(records.len(), job.records.len() + 2);
}

//! Reports to a stream: whoever reads it has each line with its record, and may go away.

use std::cell::RefCell;
use std::io::{self, BufWriter, PipeWriter, Write};
use std::path::Path;
use std::rc::Rc;

use autotest_core::Kind;
use autotest_report::{
    JsonEvents, Ktap, Lava, LibtestJson, Logfile, Record, Report, ShowOptions, Tap, Terminal,
};
use expect_test::expect;

use crate::job::Job;

/// The bytes that reached the reader of a stream.
#[derive(Clone, Default)]
struct Stream(Rc<RefCell<Vec<u8>>>);

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Each report that writes as things happen.
fn all<W: Write + 'static>(mut out: impl FnMut() -> W) -> Vec<Box<dyn Report>> {
    let nowhere = Path::new("/no/such/job");
    vec![
        Box::new(Tap::new(out(), Some(nowhere))),
        Box::new(Ktap::new(out(), Some(nowhere))),
        Box::new(Lava::new(out())),
        Box::new(LibtestJson::new(out(), nowhere, true)),
        Box::new(JsonEvents::new(out())),
        Box::new(Logfile::new(out())),
        Box::new(Terminal::new(out(), nowhere, ShowOptions::default())),
    ]
}

fn job() -> Job {
    let mut job = Job::of(&["a", "b"]);
    job.start(1, "a").pass(1);
    job.start(2, "b").end(2, Kind::Fail, "it broke").end_job();
    job
}

/// How many bytes reached the reader after each record, of one report after the other.
fn progress<W: Write + 'static>(to: impl Fn(Stream) -> W) -> Vec<usize> {
    let stream = Stream::default();
    let mut lengths = Vec::new();
    for mut report in all(|| to(stream.clone())) {
        for record in &job().records {
            report.record(record).unwrap();
            lengths.push(stream.0.borrow().len());
        }
    }
    lengths
}

#[test]
fn every_line_reaches_its_reader_with_its_record() {
    let behind_buffer = progress(|stream| BufWriter::with_capacity(1 << 16, stream));
    assert_eq!(behind_buffer, progress(|stream| stream));
    assert!(behind_buffer.iter().all(|length| *length > 0));
}

/// A pipe that nobody reads any more.
fn unread() -> PipeWriter {
    let (_, writer) = io::pipe().unwrap();
    writer
}

#[test]
fn a_reader_may_go_away() {
    for mut report in all(unread) {
        job().report_to(&mut *report);
    }
    // With lines that wait, and are written as they are flushed.
    for mut report in all(|| BufWriter::with_capacity(1 << 16, unread())) {
        job().report_to(&mut *report);
    }
}

/// A group with a run, then two branches.
const CONTROL: &str = include_str!("../golden/control/events.jsonl");

#[test]
fn points_of_a_group_are_written_as_its_runs_end_and_those_of_a_branch_with_it() {
    let stream = Stream::default();
    let mut tap = Tap::new(stream.clone(), None);
    let mut trace = String::new();
    for line in CONTROL.split_inclusive('\n').take(30) {
        let record = Record::from_line(line.as_bytes()).unwrap();
        tap.record(&record).unwrap();
        let written = String::from_utf8(stream.0.take()).unwrap();
        if !written.is_empty() {
            let event = line.split("\"event\":{\"").nth(1).unwrap();
            let event = event.split('"').next().unwrap();
            trace.push_str(&format!("{event} of {}:\n{written}", record.run));
        }
    }
    expect![[r#"
        job_start of 0:
        TAP version 13
        test_end of 3:
            # Subtest: network
            ok 1 - passes (passes.0)
        group_end of 2:
            1..1
        ok 1 - network
        group_end of 4:
            # Subtest: cpu
            ok 1 - sleeps (sleeps.cpu)
            ok 2 - settled (settled.cpu)
            1..2
        ok 2 - cpu
            # Subtest: io
            ok 1 - settled (settled.io)
            1..1
        ok 3 - io
    "#]]
    .assert_eq(&trace);
}

/// The branches `cpu` and `io` in a group; the second one has ended, but not the first.
const CUT_OFF: &str = include_str!("../golden/control_nested_cut_off/events.jsonl");

#[test]
fn points_of_a_branch_that_waits_for_one_that_never_began_are_written_when_the_job_ends() {
    let of_cpu = [4, 6, 8, 9, 10];
    let lines = CUT_OFF.split_inclusive('\n').map(str::as_bytes);
    let records = lines.map(|line| Record::from_line(line).unwrap());
    let records = records.filter(|record| !of_cpu.contains(&record.run));
    let mut job = Job {
        records: records.collect(),
    };
    let stream = Stream::default();
    job.end_job().report_to(&mut Tap::new(stream.clone(), None));
    let written = String::from_utf8(stream.0.take()).unwrap();
    expect![[r#"
        TAP version 13
            # Subtest: lab
            ok 1 - passes (passes.lab)
                # Subtest: io
                    # Subtest: load
                    ok 1 - passes (passes.io)
                    1..1
                ok 1 - load
                1..1
            ok 2 - io
            1..2
        not ok 1 - lab
          ---
          status: ABORT
          reason: "the job ended first"
          ...
        1..1
    "#]]
    .assert_eq(&written);
}

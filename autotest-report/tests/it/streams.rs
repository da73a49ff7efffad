//! Reports to a stream: whoever reads it has each line with its record, and may go away.

use std::cell::RefCell;
use std::io::{self, BufWriter, PipeWriter, Write};
use std::path::Path;
use std::rc::Rc;

use autotest_core::Kind;
use autotest_report::{
    JsonEvents, Ktap, Lava, LibtestJson, Logfile, Report, ShowOptions, Tap, Terminal,
};

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

//! A journal that is read while it is written.

use std::fs::File;
use std::os::unix::fs::FileExt;

use autotest_core::{Event, Status};
use autotest_report::journal::{self, Growing};
use autotest_report::{JournalError, Record};

use crate::job::Job;
use crate::tree::Home;

/// A journal that a test writes, and its reader.
struct Written {
    file: File,
    length: u64,
    reader: Growing,
}

impl Written {
    fn new() -> Written {
        let file = tempfile::NamedTempFile::new().unwrap();
        let reader = Growing::new(file.reopen().unwrap());
        Written {
            file: file.into_file(),
            length: 0,
            reader,
        }
    }

    fn append(&mut self, bytes: &[u8]) {
        self.file.write_all_at(bytes, self.length).unwrap();
        self.length += bytes.len() as u64;
    }

    fn truncate(&mut self, length: u64) {
        self.file.set_len(length).unwrap();
        self.length = length;
    }

    /// The lines that are new.
    fn read(&mut self) -> Vec<Vec<u8>> {
        let mut lines = Vec::new();
        while let Some((record, line)) = self.reader.next_record().unwrap() {
            assert_eq!(Record::from_line(line), Some(record));
            lines.push(line.to_vec());
        }
        assert_eq!(self.reader.file().metadata().unwrap().len(), self.length);
        assert!(self.reader.offset() <= self.length);
        lines
    }
}

fn lines(count: u64) -> Vec<Vec<u8>> {
    let record = |seq| Record {
        seq,
        run: 1,
        t: 0.0,
        event: Event::JobEnd {
            status: Status::Good,
            reason: "x".repeat(usize::try_from(seq).unwrap()),
        },
    };
    let line = |seq| {
        let mut line = Vec::new();
        record(seq).write_to(&mut line).unwrap();
        line
    };
    (0..count).map(line).collect()
}

#[test]
fn records_are_read_as_they_come_and_verbatim() {
    let lines = lines(400);
    let mut journal = Written::new();
    assert!(journal.read().is_empty());
    journal.append(&lines[0]);
    assert_eq!(journal.read(), lines[..1]);
    assert_eq!(journal.reader.next_seq(), 1);
    assert_eq!(journal.reader.offset(), journal.length);
    assert!(journal.read().is_empty());
    // Many at once, more than a piece.
    journal.append(&lines[1..].concat());
    assert_eq!(journal.read(), lines[1..]);
    assert_eq!(journal.reader.next_seq(), 400);
    assert_eq!(journal.reader.offset(), journal.length);
}

#[test]
fn a_line_is_read_once_it_is_whole() {
    let lines = lines(3);
    let mut journal = Written::new();
    for line in &lines {
        for byte in &line[..line.len() - 1] {
            journal.append(&[*byte]);
            assert!(journal.read().is_empty());
        }
        journal.append(b"\n");
        assert_eq!(journal.read(), std::slice::from_ref(line));
    }
}

#[test]
fn a_line_is_as_long_as_it_wants() {
    let mut long = Job::of(&["a"]);
    let Event::JobStart(start) = &mut long.records[0].event else {
        unreachable!()
    };
    start.label = "x".repeat(1 << 20);
    let line = long.lines();
    let mut journal = Written::new();
    journal.append(&line[..line.len() - 1]);
    assert!(journal.read().is_empty());
    journal.append(b"\n");
    assert_eq!(journal.read(), [line]);
}

#[test]
fn a_journal_that_is_truncated_behind_its_records_goes_on_there() {
    let lines = lines(3);
    let mut journal = Written::new();
    journal.append(&lines[0]);
    let whole = journal.length;
    for damaged in [&b"{\"seq\":1,\"ru"[..], b"\n", b"x\ny\n", &lines[2]] {
        journal.append(damaged);
        journal.read();
        assert_eq!(journal.reader.next_seq(), 1);
        assert!(journal.read().is_empty());
        journal.truncate(whole);
    }
    journal.append(&lines[1]);
    assert_eq!(journal.read(), lines[1..2]);
}

#[test]
fn what_was_read_before_a_truncation_is_not_what_is_written_after_it() {
    let lines = lines(3);
    let mut journal = Written::new();
    // Read with the record before it.
    journal.append(&[&lines[0][..], b"{\"seq\":1,\"run\":7,"].concat());
    assert!(journal.reader.next_record().unwrap().is_some());
    journal.truncate(lines[0].len() as u64);
    journal.append(&lines[1]);
    assert_eq!(journal.read(), lines[1..2]);
}

#[test]
fn a_supervisor_has_the_journal_and_a_reader_or_guardian_does_not() {
    let journal = Written::new();
    assert!(!journal.reader.is_written());
    journal.file.lock_shared().unwrap();
    assert!(!journal.reader.is_written());
    journal.file.unlock().unwrap();
    journal.file.lock().unwrap();
    assert!(journal.reader.is_written());
    journal.file.unlock().unwrap();
    assert!(!journal.reader.is_written());
    // It keeps no lock.
    assert!(journal.file.try_lock().is_ok());
}

#[test]
fn a_journal_is_opened_while_it_is_written() {
    let home = Home::new();
    let opened = journal::follow(&home.jobdir());
    assert!(matches!(opened, Err(JournalError::NotThere { .. })));
    let lines = lines(1);
    home.put("journal.jsonl", std::str::from_utf8(&lines[0]).unwrap());
    let path = home.jobdir().join("journal.jsonl");
    let supervisor = File::open(&path).unwrap();
    supervisor.lock().unwrap();
    let mut growing = journal::follow(&home.jobdir()).unwrap();
    assert!(growing.is_written());
    assert!(growing.next_record().unwrap().is_some());
    let newer = r#"{"seq":0,"run":0,"t":0.0,"event":{"job_start":{"version":4000000000}}}"#;
    home.put("journal.jsonl", newer);
    let opened = journal::follow(&home.jobdir());
    assert!(matches!(opened, Err(JournalError::Newer { .. })));
}

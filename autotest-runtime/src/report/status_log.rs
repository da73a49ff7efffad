//! The status log: `status.log` of the job and `status` of each test (formats §2).
//!
//! A verdict, its extra lines and its END are one write, so that no reader ever finds a reason of
//! several lines at the end of the file: that would lose the whole job to the original's parser.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use autotest_core::status::{Code, Status, StatusEntry};
use autotest_core::{Event, StatusRecord, TestStart, Verdict};

use super::append_to;
use crate::hub::{Record, Report, ReportError};
use crate::localtime::LocalTime;

/// Writes the status log.
#[derive(Debug)]
pub struct StatusLog {
    jobdir: PathBuf,
    log: File,
    /// How many STARTs are open.
    depth: usize,
    /// The tests that are on.
    tests: BTreeMap<u32, OpenTest>,
}

#[derive(Debug)]
struct OpenTest {
    subdir: String,
    operation: String,
    /// The indentation of its START and its END.
    depth: usize,
    /// The test's own file; a test without directory has none.
    status: Option<File>,
}

impl StatusLog {
    /// The log of the job in `jobdir`.
    ///
    /// # Errors
    /// If the file can not be made.
    pub fn create(jobdir: &Path) -> io::Result<StatusLog> {
        Ok(StatusLog {
            jobdir: jobdir.to_owned(),
            log: append_to(&jobdir.join("status.log"))?,
            depth: 0,
            tests: BTreeMap::new(),
        })
    }

    fn start_job(&mut self, t: f64) -> Result<(), ReportError> {
        let text = line(t, 0, &StatusRecord::message(Code::Start, ""))?;
        self.depth = 1;
        Ok(self.log.write_all(text.as_bytes())?)
    }

    fn end_job(&mut self, t: f64, status: Status, reason: &str) -> Result<(), ReportError> {
        let text = line(t, 0, &StatusRecord::message(Code::End(status), reason))?;
        self.depth = 0;
        Ok(self.log.write_all(text.as_bytes())?)
    }

    fn start_test(&mut self, record: &Record, start: &TestStart) -> Result<(), ReportError> {
        let mut test = OpenTest {
            subdir: start.subdir.clone(),
            operation: start.operation.clone(),
            depth: self.depth,
            status: None,
        };
        let mut entry = test.record(Code::Start, "");
        if let Some(timeout) = start.timeout_s {
            let field = ("timeout".to_owned(), timeout.ceil().to_string());
            entry.fields.push(field);
        }
        let opened = match start.subdir.as_str() {
            "" => Ok(None),
            subdir => append_to(&self.jobdir.join(subdir).join("status")).map(Some),
        };
        let lost = match opened {
            Ok(file) => {
                test.status = file;
                Ok(())
            }
            Err(error) => Err(test.lost(error)),
        };
        self.tests.insert(record.run, test);
        self.write(record.run, &line(record.t, self.depth, &entry)?)?;
        self.depth += 1;
        lost
    }

    /// What the test itself recorded can not move its END, nor anything behind it.
    fn end_test(
        &mut self,
        record: &Record,
        status: Status,
        verdict: Option<&Verdict>,
    ) -> Result<(), ReportError> {
        let Some(test) = self.tests.get(&record.run) else {
            return Ok(());
        };
        let message = verdict.map_or_else(|| "completed successfully".to_owned(), message);
        let (t, depth) = (record.t, test.depth);
        let verdict = test.record(Code::Status(status), &message);
        let mut text = line(t, depth + 1, &verdict)?;
        text.push_str(&line(t, depth, &test.record(Code::End(status), ""))?);
        self.depth = depth;
        let written = self.write(record.run, &text);
        self.tests.remove(&record.run);
        written
    }

    /// A record goes to the job's log, and to the file of the test whose subdir it names. Its END
    /// does not close what it did not open.
    fn other(&mut self, t: f64, entry: &StatusRecord) -> Result<(), ReportError> {
        let inside = self.tests.values().map(|test| test.depth + 1).max();
        let depth = match entry.code {
            Code::End(_) => self.depth.saturating_sub(1).max(inside.unwrap_or(1)),
            Code::Start | Code::Info | Code::Status(_) => self.depth,
        };
        let text = line(t, depth, entry)?;
        self.depth = match entry.code {
            Code::Start => depth + 1,
            Code::End(_) | Code::Info | Code::Status(_) => depth,
        };
        let mut tests = self.tests.iter();
        let owner = tests.find(|(_, test)| entry.subdir.as_ref() == Some(&test.subdir));
        match owner.map(|(run, _)| *run) {
            Some(run) => self.write(run, &text),
            None => Ok(self.log.write_all(text.as_bytes())?),
        }
    }

    /// Writes to the job's log and to that of the test, with the same indentation.
    fn write(&mut self, run: u32, text: &str) -> Result<(), ReportError> {
        self.log.write_all(text.as_bytes())?;
        let Some(test) = self.tests.get_mut(&run) else {
            return Ok(());
        };
        let Some(mut status) = test.status.take() else {
            return Ok(());
        };
        match status.write_all(text.as_bytes()) {
            Ok(()) => test.status = Some(status),
            Err(error) => return Err(test.lost(error)),
        }
        Ok(())
    }
}

impl OpenTest {
    fn record(&self, code: Code, message: &str) -> StatusRecord {
        StatusRecord {
            subdir: Some(self.subdir.clone()),
            operation: Some(self.operation.clone()),
            ..StatusRecord::message(code, message)
        }
    }

    fn lost(&self, error: io::Error) -> ReportError {
        let subdir = self.subdir.clone();
        ReportError::OfRun { subdir, error }
    }
}

/// The reason, then where it came from. A backtrace is in the debug log.
fn message(verdict: &Verdict) -> String {
    match &verdict.location {
        Some(location) => format!("{}\nat {location}", verdict.reason),
        None => verdict.reason.clone(),
    }
}

/// Core refuses illegal characters before an event leaves; one that is there all the same shows as
/// an error of this report.
fn line(t: f64, indent: usize, record: &StatusRecord) -> io::Result<String> {
    let timestamp = t as i64;
    let StatusRecord {
        code,
        subdir,
        operation,
        fields,
        message,
    } = record;
    let localtime = LocalTime::at(timestamp).in_status_log();
    let (subdir, operation) = (subdir.as_deref(), operation.as_deref());
    let entry = StatusEntry::new(*code, subdir, operation, message, timestamp, &localtime);
    let entry = fields
        .iter()
        .try_fold(entry.map_err(io::Error::other)?, |entry, (key, value)| {
            entry.with_field(key, value).map_err(io::Error::other)
        })?;
    Ok(entry.render(indent))
}

impl Report for StatusLog {
    fn name(&self) -> &'static str {
        "status log"
    }

    fn record(&mut self, record: &Record) -> Result<(), ReportError> {
        match &record.event {
            Event::JobStart(_) => self.start_job(record.t),
            Event::JobEnd { status, reason } => self.end_job(record.t, *status, reason),
            Event::TestStart(start) => self.start_test(record, start),
            Event::TestEnd {
                status, verdict, ..
            } => self.end_test(record, *status, verdict.as_ref()),
            Event::Status(entry) => self.other(record.t, entry),
            Event::Phase(_)
            | Event::Keyval(_)
            | Event::IterationKeyval { .. }
            | Event::Perf(_)
            | Event::Suppressed { .. }
            | Event::Progress { .. }
            | Event::Artifact { .. }
            | Event::Saved { .. }
            | Event::HookTimer { .. } => Ok(()),
        }
    }
}

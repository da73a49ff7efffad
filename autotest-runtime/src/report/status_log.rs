//! The status log: `status.log` of the job and `status` of each test (formats §2).
//!
//! A verdict, its extra lines and its END are one write, so that no reader ever finds a reason of
//! several lines at the end of the file: that would lose the whole job to the original's parser.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use autotest_core::status::{Code, Status, StatusEntry};
use autotest_core::{Event, StatusRecord, TestStart, Verdict};

use super::append_to;
use crate::hub::{Record, Report};
use crate::localtime::LocalTime;

/// Writes the status log.
#[derive(Debug)]
pub struct StatusLog {
    jobdir: PathBuf,
    log: File,
    /// How many STARTs are open.
    depth: usize,
    /// The tests that are on.
    tests: HashMap<u32, OpenTest>,
}

#[derive(Debug)]
struct OpenTest {
    subdir: String,
    operation: String,
    /// The test's own file; a test without directory has none.
    status: Option<File>,
}

impl StatusLog {
    /// The log of the job in `jobdir`.
    ///
    /// # Errors
    /// If the file can not be made.
    pub fn create(jobdir: &Path) -> io::Result<StatusLog> {
        let log = append_to(&jobdir.join("status.log"))?;
        Ok(StatusLog {
            jobdir: jobdir.to_owned(),
            log,
            depth: 0,
            tests: HashMap::new(),
        })
    }

    fn start_job(&mut self, t: f64) -> io::Result<()> {
        let text = line(t, 0, &StatusRecord::message(Code::Start, ""))?;
        self.depth = 1;
        self.log.write_all(text.as_bytes())
    }

    fn end_job(&mut self, t: f64, status: Status, reason: &str) -> io::Result<()> {
        self.depth = 0;
        let text = line(t, 0, &StatusRecord::message(Code::End(status), reason))?;
        self.log.write_all(text.as_bytes())
    }

    fn start_test(&mut self, record: &Record, start: &TestStart) -> io::Result<()> {
        let status = match start.subdir.as_str() {
            "" => None,
            subdir => Some(append_to(&self.jobdir.join(subdir).join("status"))?),
        };
        let (subdir, operation) = (start.subdir.clone(), start.operation.clone());
        let test = OpenTest {
            subdir,
            operation,
            status,
        };
        let mut entry = test.record(Code::Start, "");
        if let Some(timeout) = start.timeout_s {
            entry
                .fields
                .push(("timeout".to_owned(), format!("{}", timeout.ceil())));
        }
        let text = line(record.t, self.depth, &entry)?;
        self.depth += 1;
        self.tests.insert(record.run, test);
        self.write(record.run, &text)
    }

    fn end_test(
        &mut self,
        record: &Record,
        status: Status,
        verdict: Option<&Verdict>,
    ) -> io::Result<()> {
        let Some(test) = self.tests.get(&record.run) else {
            return Ok(());
        };
        let message = match verdict {
            None => "completed successfully".to_owned(),
            Some(verdict) => message(verdict),
        };
        let mut text = line(
            record.t,
            self.depth,
            &test.record(Code::Status(status), &message),
        )?;
        self.depth -= 1;
        text.push_str(&line(
            record.t,
            self.depth,
            &test.record(Code::End(status), ""),
        )?);
        self.write(record.run, &text)?;
        self.tests.remove(&record.run);
        Ok(())
    }

    /// A record goes to the job's log, and to the file of the test whose subdir it names.
    fn other(&mut self, t: f64, entry: &StatusRecord) -> io::Result<()> {
        let depth = match entry.code {
            Code::End(_) => self.depth.saturating_sub(1).max(1),
            Code::Start | Code::Info | Code::Status(_) => self.depth,
        };
        let text = line(t, depth, entry)?;
        self.depth = match entry.code {
            Code::Start => depth + 1,
            _ => depth,
        };
        let owner = self
            .tests
            .iter()
            .find(|(_, test)| entry.subdir.as_ref() == Some(&test.subdir));
        match owner.map(|(run, _)| *run) {
            Some(run) => self.write(run, &text),
            None => self.log.write_all(text.as_bytes()),
        }
    }

    /// Writes to the job's log and to that of the test, with the same indentation.
    fn write(&mut self, run: u32, text: &str) -> io::Result<()> {
        self.log.write_all(text.as_bytes())?;
        match self
            .tests
            .get_mut(&run)
            .and_then(|test| test.status.as_mut())
        {
            Some(status) => status.write_all(text.as_bytes()),
            None => Ok(()),
        }
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
}

/// The reason, then where it came from.
fn message(verdict: &Verdict) -> String {
    let mut message = verdict.reason.clone();
    for more in [&verdict.location, &verdict.backtrace]
        .into_iter()
        .flatten()
    {
        message.push_str("\nat ");
        message.push_str(more);
    }
    message
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

    fn record(&mut self, record: &Record) -> io::Result<()> {
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
            | Event::HookTimer { .. } => Ok(()),
        }
    }
}

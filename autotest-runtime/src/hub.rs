//! The hub: every event passes here, is written to the journal, then told to each report.
//!
//! It must not know what a report does with an event, nor who sends events.

use std::fs::File;
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use autotest_core::Event;
use serde::{Deserialize, Serialize};

use crate::journal::Journal;

/// One line of the journal: an event with its place and time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its number, from 0.
    pub seq: u64,
    /// Which run sent it, from 1; 0 is the job itself.
    pub run: u32,
    /// When: seconds since 1970, UTC.
    pub t: f64,
    /// What happened.
    pub event: Event,
}

/// A fold over the records of a job: a file, a terminal.
///
/// The hub calls [`record`](Report::record) for each record, in order, and [`finish`](Report::finish)
/// once. One that fails as a whole is told nothing more; the job goes on, and its exit code shows it.
pub trait Report {
    /// What it is called when it fails.
    fn name(&self) -> &'static str;

    /// Takes a record. The `match` on the event has no `_` arm, so that a new kind of event is
    /// decided on by each report.
    ///
    /// # Errors
    /// If it can not be written, with what is lost by that.
    fn record(&mut self, record: &Record) -> Result<(), ReportError>;

    /// Whether somebody looks on, who is to see that time passes.
    fn wants_ticks(&self) -> bool {
        false
    }

    /// Time has passed: `t` is now, in seconds since 1970. Called a few times a second as long as a
    /// report of the job [wants it](Report::wants_ticks), else never.
    ///
    /// # Errors
    /// If it can not be written.
    fn tick(&mut self, _t: f64) -> Result<(), ReportError> {
        Ok(())
    }

    /// The last call.
    ///
    /// # Errors
    /// If it can not be written.
    fn finish(&mut self) -> Result<(), ReportError> {
        Ok(())
    }
}

/// What could not be written, and how much is lost by that.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// Nothing more of this report: it is told no further record.
    #[error(transparent)]
    Whole(#[from] io::Error),
    /// Only what one run had to say; other runs go on.
    #[error("`{subdir}`: {error}")]
    OfRun {
        /// The run's directory below the job's.
        subdir: String,
        /// Why.
        error: io::Error,
    },
}

/// Gives each event its number and time, has the journal keep it, and passes it on.
pub(crate) struct Hub {
    seq: u64,
    journal: Journal,
    reports: Reports,
    /// What the journal has and the reports have not been told.
    untold: Vec<Record>,
}

/// Reports that are told the same. One that fails as a whole is told nothing more.
#[derive(Default)]
pub(crate) struct Reports {
    on: Vec<Box<dyn Report>>,
    failures: Vec<String>,
}

impl Reports {
    pub(crate) fn add(&mut self, reports: Vec<Box<dyn Report>>) {
        self.on.extend(reports);
    }

    pub(crate) fn tell(&mut self, record: &Record) {
        self.each(|report| report.record(record));
    }

    /// Ends them. Returns what of them failed, each once.
    pub(crate) fn finish(&mut self) -> Vec<String> {
        self.each(|report| report.finish());
        self.on.clear();
        std::mem::take(&mut self.failures)
    }

    fn each(&mut self, mut f: impl FnMut(&mut dyn Report) -> Result<(), ReportError>) {
        let failures = &mut self.failures;
        self.on.retain_mut(|report| {
            let Err(error) = f(report.as_mut()) else {
                return true;
            };
            failures.push(format!("failed to write the {}: {error}", report.name()));
            matches!(error, ReportError::OfRun { .. })
        });
    }
}

impl Hub {
    /// A hub whose first event has the number `seq`.
    pub(crate) fn new(journal: Journal, seq: u64) -> Hub {
        Hub {
            seq,
            journal,
            reports: Reports::default(),
            untold: Vec::new(),
        }
    }

    /// From here on these reports are told what happens, too.
    pub(crate) fn attach(&mut self, reports: Vec<Box<dyn Report>>) {
        self.reports.add(reports);
    }

    /// Tells what the journal has already.
    pub(crate) fn tell(&mut self, record: &Record) {
        self.reports.tell(record);
    }

    /// The file of the journal.
    pub(crate) fn journal_file(&self) -> io::Result<File> {
        self.journal.file()
    }

    /// Keeps an event, and tells it.
    pub(crate) fn send(&mut self, run: u32, event: Event) {
        self.keep(run, event);
        self.tell_kept();
    }

    /// Has the journal keep an event. Reports are told later, when nobody waits for them.
    pub(crate) fn keep(&mut self, run: u32, event: Event) {
        let record = Record {
            seq: self.seq,
            run,
            t: now(),
            event,
        };
        self.seq += 1;
        self.journal.append(&record);
        self.untold.push(record);
    }

    /// Tells the reports what was kept.
    pub(crate) fn tell_kept(&mut self) {
        for record in self.untold.drain(..) {
            self.reports.tell(&record);
        }
    }

    /// Whether a report is to show that time passes.
    pub(crate) fn wants_ticks(&self) -> bool {
        self.reports.on.iter().any(|report| report.wants_ticks())
    }

    /// Lets the reports show that time passes.
    pub(crate) fn tick(&mut self) {
        self.reports.each(|report| report.tick(now()));
    }

    /// Whether the journal is where it was promised to be.
    pub(crate) fn is_safe(&self) -> bool {
        self.journal.keeps_its_promise()
    }

    /// Something that was to be written is missing.
    pub(crate) fn miss(&mut self, failure: String) {
        self.reports.failures.push(failure);
    }

    /// Ends all reports. Returns what of them failed, each once.
    pub(crate) fn finish(&mut self) -> Vec<String> {
        self.reports.finish()
    }

    /// Ends the journal.
    ///
    /// # Errors
    /// If something is missing in it, with what.
    pub(crate) fn finish_journal(&mut self) -> Result<(), String> {
        self.journal.finish()
    }
}

fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

//! The hub: every event passes here, is written to the journal, then told to each report.
//!
//! It must not know what a report does with an event, nor who sends events.

use std::fs::File;
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use autotest_core::Event;
use autotest_report::{Record, Report, Reports};

use crate::journal::Journal;

/// Gives each event its number and time, has the journal keep it, and passes it on.
pub(crate) struct Hub {
    seq: u64,
    journal: Journal,
    reports: Reports,
    /// What the journal has and the reports have not been told.
    pending: Vec<Record>,
}

impl Hub {
    /// A hub whose first event has the number `seq`.
    pub(crate) fn new(journal: Journal, seq: u64) -> Hub {
        Hub {
            seq,
            journal,
            reports: Reports::default(),
            pending: Vec::new(),
        }
    }

    /// From here on these reports get every record, too.
    pub(crate) fn attach(&mut self, reports: Vec<Box<dyn Report>>) {
        self.reports.add(reports);
    }

    /// Tells what the journal has already.
    pub(crate) fn update(&mut self, record: &Record) {
        self.reports.update(record);
    }

    /// The file of the journal.
    pub(crate) fn journal_file(&self) -> io::Result<File> {
        self.journal.file()
    }

    /// Keeps an event, and tells it.
    pub(crate) fn send(&mut self, run: u32, event: Event) {
        self.record(run, event);
        self.update_reports();
    }

    /// Has the journal keep an event. Reports are updated later, when nobody waits for them.
    pub(crate) fn record(&mut self, run: u32, event: Event) {
        let record = Record {
            seq: self.seq,
            run,
            t: now(),
            event,
        };
        self.seq += 1;
        self.journal.append(&record);
        self.pending.push(record);
    }

    /// Tells the reports what was kept.
    pub(crate) fn update_reports(&mut self) {
        for record in self.pending.drain(..) {
            self.reports.update(&record);
        }
    }

    /// Whether a report is to show that time passes.
    pub(crate) fn wants_ticks(&self) -> bool {
        self.reports.want_ticks()
    }

    /// Lets the reports show that time passes.
    pub(crate) fn tick(&mut self) {
        self.reports.tick(now());
    }

    /// Whether the journal is where it was promised to be.
    pub(crate) fn is_safe(&self) -> bool {
        self.journal.keeps_its_promise()
    }

    /// Something that was to be written is missing.
    pub(crate) fn miss(&mut self, failure: String) {
        self.reports.miss(failure);
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

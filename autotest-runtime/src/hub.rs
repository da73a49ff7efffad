//! The hub: numbers every event, appends it to the journal, then passes it to each report.
//!
//! It must not know what a report does with an event, or who sent it.

use std::fs::File;
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use autotest_core::Event;
use autotest_report::{Record, Report, Reports};

use crate::journal::Journal;

/// Gives each event a number and a time, and passes it to the journal and the reports.
pub(crate) struct Hub {
    seq: u64,
    journal: Journal,
    reports: Reports,
    /// Records that are in the journal but have not been passed to the reports.
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

    /// Adds reports, which receive every record from now on.
    pub(crate) fn attach(&mut self, reports: Vec<Box<dyn Report>>) {
        self.reports.add(reports);
    }

    /// Passes a record from the journal to the reports.
    pub(crate) fn update(&mut self, record: &Record) {
        self.reports.update(record);
    }

    /// The file of the journal.
    pub(crate) fn journal_file(&self) -> io::Result<File> {
        self.journal.file()
    }

    /// Appends an event to the journal and passes it to the reports.
    pub(crate) fn send(&mut self, run: u32, event: Event) {
        self.record(run, event);
        self.update_reports();
    }

    /// Appends an event to the journal. [`update_reports`](Hub::update_reports) passes it to the reports
    /// later, off the critical path.
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

    /// Passes pending records to the reports.
    pub(crate) fn update_reports(&mut self) {
        for record in self.pending.drain(..) {
            self.reports.update(&record);
        }
    }

    /// Whether a report shows the time and wants [`tick`](Hub::tick)s.
    pub(crate) fn wants_ticks(&self) -> bool {
        self.reports.want_ticks()
    }

    /// Lets the reports update the time that they show.
    pub(crate) fn tick(&mut self) {
        self.reports.tick(now());
    }

    /// Whether the journal is as durable as `--sync` demands.
    pub(crate) fn is_durable(&self) -> bool {
        self.journal.is_durable()
    }

    /// Records that something could not be written.
    pub(crate) fn add_failure(&mut self, failure: String) {
        self.reports.miss(failure);
    }

    /// Ends all reports. Returns their failures, each once.
    pub(crate) fn finish(&mut self) -> Vec<String> {
        self.reports.finish()
    }

    /// Ends the journal.
    ///
    /// # Errors
    /// If records are missing in it, with their number.
    pub(crate) fn finish_journal(&mut self) -> Result<(), String> {
        self.journal.finish()
    }
}

fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

//! What a report is, and a set of reports that get the same records.

use std::io;

use crate::record::Record;

/// A fold over the records of a job: a file, a terminal.
///
/// Whoever has the records calls [`record`](Report::record) for each of them, in order, and
/// [`finish`](Report::finish) once. One that fails as a whole gets nothing more; the job goes on, and
/// its exit code shows it.
pub trait Report {
    /// What it is called when it fails.
    fn name(&self) -> &'static str;

    /// Takes a record. The `match` on the event has no `_` arm, so that a new kind of event is
    /// decided on by each report.
    ///
    /// # Errors
    /// If it cannot be written, with what is lost by that.
    fn record(&mut self, record: &Record) -> Result<(), ReportError>;

    /// Whether somebody looks on, who is to see that time passes.
    fn wants_ticks(&self) -> bool {
        false
    }

    /// Time has passed: `t` is now, in seconds since 1970. Called a few times a second as long as a
    /// report of the job [wants it](Report::wants_ticks), else never.
    ///
    /// # Errors
    /// If it cannot be written.
    fn tick(&mut self, _t: f64) -> Result<(), ReportError> {
        Ok(())
    }

    /// The last call.
    ///
    /// # Errors
    /// If it cannot be written.
    fn finish(&mut self) -> Result<(), ReportError> {
        Ok(())
    }
}

/// What could not be written, and how much is lost by that.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// Nothing more of this report: it gets no further record.
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

/// Reports that get the same records. One that fails as a whole gets nothing more.
#[derive(Default)]
pub struct Reports {
    reports: Vec<Box<dyn Report>>,
    failures: Vec<String>,
}

impl Reports {
    /// A set of these.
    pub fn new(reports: Vec<Box<dyn Report>>) -> Reports {
        Reports {
            reports,
            failures: Vec::new(),
        }
    }

    /// From here on these reports get every record, too.
    pub fn add(&mut self, reports: Vec<Box<dyn Report>>) {
        self.reports.extend(reports);
    }

    /// Tells each report a record.
    pub fn update(&mut self, record: &Record) {
        self.each(|report| report.record(record));
    }

    /// Tells each report all records, and ends them. Returns what of them failed, each once.
    pub fn update_all(mut self, records: impl Iterator<Item = Record>) -> Vec<String> {
        records.for_each(|record| self.update(&record));
        self.finish()
    }

    /// Whether a report is to show that time passes.
    pub fn want_ticks(&self) -> bool {
        self.reports.iter().any(|report| report.wants_ticks())
    }

    /// Lets the reports show that time passes: `t` is now, in seconds since 1970.
    pub fn tick(&mut self, t: f64) {
        self.each(|report| report.tick(t));
    }

    /// Something that was to be written is missing.
    pub fn miss(&mut self, failure: String) {
        self.failures.push(failure);
    }

    /// Ends them. Returns what of them failed, each once.
    pub fn finish(&mut self) -> Vec<String> {
        self.each(|report| report.finish());
        self.reports.clear();
        std::mem::take(&mut self.failures)
    }

    fn each(&mut self, mut f: impl FnMut(&mut dyn Report) -> Result<(), ReportError>) {
        let failures = &mut self.failures;
        self.reports.retain_mut(|report| {
            let Err(error) = f(report.as_mut()) else {
                return true;
            };
            failures.push(format!("failed to write the {}: {error}", report.name()));
            matches!(error, ReportError::OfRun { .. })
        });
    }
}

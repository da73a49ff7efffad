//! The trait of reports, and a set of reports that receive the same records.

use std::io;

use crate::record::Record;

/// A report: a fold over the records of a job that writes files or to a terminal.
///
/// The hub or a replay calls [`record`](Report::record) for each record, in order, and
/// [`finish`](Report::finish) once. A report that fails as a whole receives no further records; the job
/// continues, and its exit code shows the failure.
pub trait Report {
    /// The name of the report in error messages.
    fn name(&self) -> &'static str;

    /// Processes a record. The `match` on the event must have no `_` arm, so that each report must handle a
    /// new kind of event.
    ///
    /// # Errors
    /// If something cannot be written; the error says whether the whole report is lost.
    fn record(&mut self, record: &Record) -> Result<(), ReportError>;

    /// Whether the report shows the current time to a person.
    fn wants_ticks(&self) -> bool {
        false
    }

    /// Updates the time that is shown: `t` is now, in seconds since 1970. Called a few times a second while a
    /// report of the job [wants it](Report::wants_ticks), otherwise never.
    ///
    /// # Errors
    /// If it cannot be written.
    fn tick(&mut self, _t: f64) -> Result<(), ReportError> {
        Ok(())
    }

    /// Ends the report. This is the last call.
    ///
    /// # Errors
    /// If it cannot be written.
    fn finish(&mut self) -> Result<(), ReportError> {
        Ok(())
    }
}

/// A failure of a report, and how much of the report is lost.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The whole report: it receives no further records.
    #[error(transparent)]
    Whole(#[from] io::Error),
    /// Only the files of one run.
    #[error("`{subdir}`: {error}")]
    OfRun {
        /// The run's directory, relative to the job's.
        subdir: String,
        /// The cause.
        error: io::Error,
    },
}

/// Reports that receive the same records. One that fails as a whole is removed.
#[derive(Default)]
pub struct Reports {
    reports: Vec<Box<dyn Report>>,
    failures: Vec<String>,
}

impl Reports {
    /// A set of reports.
    pub fn new(reports: Vec<Box<dyn Report>>) -> Reports {
        Reports {
            reports,
            failures: Vec::new(),
        }
    }

    /// Adds reports, which receive every record from now on.
    pub fn add(&mut self, reports: Vec<Box<dyn Report>>) {
        self.reports.extend(reports);
    }

    /// Passes a record to each report.
    pub fn update(&mut self, record: &Record) {
        self.each(|report| report.record(record));
    }

    /// Passes all records to each report, and ends them. Returns the failures, each once.
    pub fn update_all(mut self, records: impl Iterator<Item = Record>) -> Vec<String> {
        records.for_each(|record| self.update(&record));
        self.finish()
    }

    /// Whether a report shows the current time.
    pub fn want_ticks(&self) -> bool {
        self.reports.iter().any(|report| report.wants_ticks())
    }

    /// Lets the reports update the time that they show: `t` is now, in seconds since 1970.
    pub fn tick(&mut self, t: f64) {
        self.each(|report| report.tick(t));
    }

    /// Adds a failure: something could not be written.
    pub fn miss(&mut self, failure: String) {
        self.failures.push(failure);
    }

    /// Ends all reports. Returns the failures, each once.
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

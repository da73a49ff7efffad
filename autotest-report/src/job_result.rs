//! The result of a job.

use autotest_core::status::Status;

use crate::record::Record;
use crate::runs::{Change, Grade, Runs};

/// A fold over the records of a job: the number of failed runs, and whether it was aborted.
#[derive(Debug, Default)]
pub struct JobResult {
    runs: Runs<()>,
    failed: usize,
    is_aborted: bool,
}

impl JobResult {
    /// Processes the next record.
    pub fn record(&mut self, record: &Record) {
        self.apply(record);
    }

    /// The same; also returns the change, for reports that show more of the record.
    pub(crate) fn apply<'r>(&mut self, record: &'r Record) -> Change<'r, ()> {
        let change = self.runs.apply(record);
        match &change {
            Change::JobEnd { status, .. } => self.is_aborted = *status != Status::Good,
            Change::End(run, end) => {
                let counts = run.parent.is_none() && run.grade(end.status) == Grade::Failed;
                self.failed += usize::from(counts);
            }
            Change::JobStart(_)
            | Change::JobResume(_)
            | Change::Start(_)
            | Change::Attempt { .. }
            | Change::GroupStart(_)
            | Change::GroupEnd(..)
            | Change::Parallel(_)
            | Change::Reboot(_)
            | Change::Rebooted(_)
            | Change::Detail(_)
            | Change::Nothing => {}
        }
        change
    }

    /// The number of failed runs, without subtests.
    pub fn failed(&self) -> usize {
        self.failed
    }

    /// Whether a run failed or the job was aborted.
    pub fn has_failed(&self) -> bool {
        self.failed > 0 || self.is_aborted
    }
}

//! What later records change about earlier ones, where a job was interrupted and went on.

use std::fs::File;
use std::io;

use autotest_core::{Event, JobResume, SmallMap};

use crate::journal::{self, Records};
use crate::record::Record;

/// What later records change: the directories of runs, and ends of the job that were revoked.
#[derive(Clone, Debug, Default)]
pub struct Amendments {
    /// The directories of runs that do not count, by run.
    pub moved: SmallMap<u32, String>,
    /// The ends of the job that were none.
    pub(super) revoked_ends: SmallMap<u64, ()>,
    /// The last one, which is none either if the job goes on.
    last_end: Option<u64>,
}

impl Amendments {
    /// Of a whole journal. One in which no line speaks of going on is not parsed for that, which makes
    /// a replay twice as fast.
    pub(super) fn of(journal: File) -> io::Result<Amendments> {
        let mut amendments = Amendments::default();
        if journal::mentions(journal.try_clone()?, "\"job_resume\"")? {
            Records::new(journal).for_each(|record| amendments.note(&record));
        }
        Ok(amendments)
    }

    pub(super) fn note(&mut self, record: &Record) {
        if let Event::JobEnd { .. } = record.event {
            self.last_end = Some(record.seq);
        } else if let Event::JobResume(job) = &record.event {
            self.resume(job);
        }
    }

    /// The job goes on.
    pub fn resume(&mut self, job: &JobResume) {
        self.revoked_ends
            .extend(self.last_end.take().map(|seq| (seq, ())));
        let moved = job.moved.iter();
        self.moved
            .extend(moved.map(|(run, now)| (*run, now.clone())));
    }
}

//! What later records change in earlier ones, in a job that was interrupted and resumed.

use std::fs::File;
use std::io;

use autotest_core::{Event, JobResume, SmallMap};

use crate::journal::{self, Records};
use crate::record::Record;

/// Changes from later records: new directories of runs, and revoked ends of the job.
#[derive(Clone, Debug, Default)]
pub struct Amendments {
    /// The directories of attempts, by number of the run.
    pub moved: SmallMap<u32, String>,
    /// The numbers of records with an end of the job after which it was resumed.
    pub(super) revoked_ends: SmallMap<u64, ()>,
    /// The number of the last end of the job, which is revoked if the job is resumed.
    last_end: Option<u64>,
}

impl Amendments {
    /// The amendments in a journal. It is not parsed if no line mentions a resumed job, which makes a replay
    /// twice as fast.
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

    /// Adds the changes of a resumed job.
    pub fn resume(&mut self, job: &JobResume) {
        self.revoked_ends
            .extend(self.last_end.take().map(|seq| (seq, ())));
        let moved = job.moved.iter();
        self.moved
            .extend(moved.map(|(run, now)| (*run, now.clone())));
    }
}

//! Replay: reads the records of a job from its journal, in the form that reports need.
//!
//! A journal has the events in order; a report shows the final state. If a job was interrupted and resumed,
//! the two differ: an attempt has another directory by now, and the job did not end where it was interrupted.
//! [`Replay`] changes the records accordingly.

mod amendments;
mod missing_ends;
mod summary;

use std::fs::File;
use std::io;
use std::iter::Fuse;

use autotest_core::{Event, INTERRUPTED, Kind, SmallMap, TestStart, Verdict};

use crate::journal::Records;
use crate::record::Record;
use missing_ends::MissingEnds;

pub use amendments::Amendments;
pub use summary::{Earlier, Open, Requests, StartedProcess, Summary, identity};

/// The records of a job for reports. An interrupted job that was not resumed is ended: its unfinished runs
/// are ABORT, never a pass.
pub struct Replay {
    /// The first record, which is read in advance to know whether there is a job.
    first: Option<Record>,
    records: Fuse<Records>,
    amendments: Amendments,
    /// The directories of attempts and of their subtests.
    moved: SmallMap<u32, Moved>,
    /// `None` if the job is being resumed.
    missing_ends: Option<MissingEnds>,
    ending: Vec<Record>,
}

struct Moved {
    before: String,
    now: String,
}

impl Replay {
    /// The records in `journal`.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn new(journal: File) -> io::Result<Replay> {
        let amendments = Amendments::of(journal.try_clone()?)?;
        let missing_ends = Some(MissingEnds::default());
        Ok(Replay {
            missing_ends,
            ..Replay::of_resumed_job(journal, amendments)
        })
    }

    /// The records of a job that is being resumed, without ends for its unfinished runs.
    pub fn of_resumed_job(journal: File, amendments: Amendments) -> Replay {
        let mut records = Records::new(journal).fuse();
        Replay {
            first: records.next(),
            records,
            amendments,
            moved: SmallMap::new(),
            missing_ends: None,
            ending: Vec::new(),
        }
    }

    /// Whether the journal begins with a job.
    pub fn has_job(&self) -> bool {
        let first = self.first.as_ref().map(|record| &record.event);
        matches!(first, Some(Event::JobStart(_)))
    }

    fn next_record(&mut self) -> Option<Record> {
        let record = self.first.take().or_else(|| self.records.next());
        match (&record, &mut self.missing_ends) {
            (Some(record), Some(missing_ends)) => missing_ends.advance(record),
            (None, Some(missing_ends)) => {
                self.ending = missing_ends.ending();
                self.missing_ends = None;
            }
            (_, None) => {}
        }
        record
    }

    fn amended(&mut self, mut record: Record) -> Option<Record> {
        match &mut record.event {
            Event::JobEnd { .. } if self.amendments.revoked_ends.contains_key(&record.seq) => {
                return None;
            }
            // The run is an attempt, which a later record says.
            Event::TestEnd { .. } if self.amendments.moved.contains_key(&record.run) => {
                return None;
            }
            Event::TestEnd { verdict, .. } if verdict.as_ref().is_some_and(is_interrupted) => {
                if let Some(moved) = self.moved.remove(&record.run) {
                    let (subdir, verdict) = (moved.now, verdict.take()?);
                    record.event = Event::Attempt { subdir, verdict };
                }
            }
            Event::TestStart(start) => self.rename(record.run, start),
            _ => {}
        }
        Some(record)
    }

    fn rename(&mut self, run: u32, start: &mut TestStart) {
        let parent = start.parent.and_then(|parent| self.moved.get(&parent));
        let now = match (self.amendments.moved.get(&run), parent) {
            (Some(now), _) => now.clone(),
            (None, Some(parent)) => {
                let below = start.subdir.strip_prefix(parent.before.as_str());
                format!("{}{}", parent.now, below.unwrap_or_default())
            }
            (None, None) => return,
        };
        let before = std::mem::replace(&mut start.subdir, now.clone());
        self.moved.insert(run, Moved { before, now });
    }
}

impl Iterator for Replay {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        while let Some(record) = self.next_record() {
            if let Some(record) = self.amended(record) {
                // A record that is left out ends nothing.
                if let Some(missing_ends) = &mut self.missing_ends {
                    missing_ends.note(&record);
                }
                return Some(record);
            }
        }
        self.ending.pop()
    }
}

/// Whether a signal to the job ended a run.
fn is_interrupted(verdict: &Verdict) -> bool {
    // The reason alone is not enough: a test may give the same one.
    verdict.kind == Kind::CutOff && verdict.reason.starts_with(INTERRUPTED)
}

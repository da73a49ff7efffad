//! A journal read again: what every report is made from when it was not there as things happened.
//!
//! A journal tells what happened in its order; a report tells what became of it. Where a job was cut
//! off and went on, the two differ: a run that does not count has another directory by now, and an
//! end of the job that was not the end is no end. [`Replay`] gives the records as they are to be told.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io;

use autotest_core::{Event, JobStart, Kind, Recovery, Status, TestStart, Verdict};

use crate::exec::INTERRUPTED;
use crate::hub::Record;
use crate::journal::Records;

/// What a journal says of its job as a whole.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    pub(crate) job: Option<JobStart>,
    /// The boot of the target in which it was written last.
    pub(crate) boot_id: String,
    /// The planned runs that have a verdict, by their operation.
    pub(crate) finished: HashMap<String, Status>,
    /// Planned runs whose verdict is that a signal ended the job, by their operation.
    pub(crate) interrupted: HashMap<String, (u32, TestStart)>,
    /// How often a run was cut off with its job, by its operation.
    pub(crate) attempts: HashMap<String, u32>,
    /// The runs that are on, each subtest after its parent.
    pub(crate) open: BTreeMap<u32, Open>,
    /// Whether the job came to its end.
    pub(crate) has_ended: bool,
    /// Where the last whole record ends.
    pub(crate) length: u64,
    pub(crate) next_seq: u64,
    pub(crate) last_run: u32,
    last_t: f64,
    /// The directories of runs that do not count.
    pub(crate) moved: HashMap<u32, String>,
    /// The ends of the job that were none.
    not_ends: HashSet<u64>,
}

/// A run without an end.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    pub(crate) start: TestStart,
    pub(crate) process: Option<StartedProcess>,
    /// What a cleanup after it has to know.
    pub(crate) recovery: Recovery,
}

/// The process of a run.
#[derive(Clone, Debug)]
pub(crate) struct StartedProcess {
    pub(crate) pid: i32,
    pub(crate) since_boot_s: f64,
}

impl Open {
    fn new(start: TestStart) -> Open {
        Open {
            start,
            process: None,
            recovery: Recovery::default(),
        }
    }

    fn note(&mut self, event: Event) {
        match event {
            Event::Process { pid, since_boot_s } => {
                self.process = Some(StartedProcess { pid, since_boot_s });
            }
            Event::Phase(phase) => self.recovery.failed_phase = Some(phase),
            Event::Saved { key, value } => drop(self.recovery.saved.insert(key, value)),
            _ => {}
        }
    }
}

impl Summary {
    pub(crate) fn of(journal: File) -> Summary {
        let mut summary = Summary::default();
        let mut records = Records::new(journal);
        let mut last_end = None;
        for record in &mut records {
            match &record.event {
                Event::JobEnd { .. } => last_end = Some(record.seq),
                Event::JobResume(_) => summary.not_ends.extend(last_end.take()),
                _ => {}
            }
            summary.add(record);
        }
        summary.has_ended = last_end.is_some();
        summary.length = records.length;
        summary
    }

    fn add(&mut self, record: Record) {
        self.next_seq = record.seq + 1;
        self.last_run = self.last_run.max(record.run);
        self.last_t = record.t;
        match record.event {
            Event::JobStart(job) => {
                self.boot_id.clone_from(&job.boot_id);
                self.job = Some(*job);
            }
            Event::JobResume(job) => {
                self.boot_id = job.boot_id;
                self.moved.extend(job.moved);
            }
            Event::TestStart(start) => {
                self.open.insert(record.run, Open::new(start));
            }
            event @ (Event::Process { .. } | Event::Phase(_) | Event::Saved { .. }) => {
                if let Some(open) = self.open.get_mut(&record.run) {
                    open.note(event);
                }
            }
            Event::TestEnd {
                status, verdict, ..
            } => {
                let open = self.open.remove(&record.run);
                if let Some(open) = open.filter(|open| open.start.parent.is_none()) {
                    self.end(record.run, open.start, status, verdict);
                }
            }
            Event::Attempt { .. } => {
                let open = self.open.remove(&record.run);
                if let Some(open) = open.filter(|open| open.start.parent.is_none()) {
                    *self.attempts.entry(open.start.operation).or_default() += 1;
                }
                self.interrupted.retain(|_, (run, _)| *run != record.run);
            }
            Event::JobEnd { .. }
            | Event::Keyval(_)
            | Event::IterationKeyval { .. }
            | Event::Perf(_)
            | Event::Status(_)
            | Event::Suppressed { .. }
            | Event::Progress { .. }
            | Event::Artifact { .. }
            | Event::HookTimer { .. } => {}
        }
    }
}

impl Summary {
    fn end(&mut self, run: u32, start: TestStart, status: Status, verdict: Option<Verdict>) {
        let operation = start.operation.clone();
        if verdict.as_ref().is_some_and(is_interrupted) {
            self.interrupted.insert(operation, (run, start));
        } else {
            self.finished.insert(operation, status);
        }
    }
}

/// The records of a job as reports are to tell them. A job that was cut off and did not go on is
/// ended: its unfinished runs are ABORT, and never a pass.
pub struct Replay {
    records: Option<Records>,
    summary: Summary,
    /// The directories of the runs that are on and do not count, also of their subtests.
    moved: HashMap<u32, Moved>,
    ending: Vec<Record>,
}

struct Moved {
    before: String,
    now: String,
}

impl Replay {
    /// The records in `journal`, a file of lines as the hub writes it.
    ///
    /// # Errors
    /// If the file can not be read.
    pub fn new(journal: File) -> io::Result<Replay> {
        let summary = Summary::of(journal.try_clone()?);
        Ok(Replay {
            records: Some(Records::new(journal)),
            ending: summary.ending(),
            summary,
            moved: HashMap::new(),
        })
    }

    /// Whether there is something to tell.
    pub(crate) fn has_job(&self) -> bool {
        self.summary.job.is_some()
    }

    /// Without an ending of its own: the job goes on.
    #[must_use]
    pub(crate) fn going_on(mut self) -> Replay {
        self.ending.clear();
        self
    }

    fn told(&mut self, mut record: Record) -> Option<Record> {
        match &mut record.event {
            Event::JobEnd { .. } if self.summary.not_ends.contains(&record.seq) => return None,
            // Its end is that it does not count, which is told later.
            Event::TestEnd { .. } if self.summary.moved.contains_key(&record.run) => return None,
            Event::TestEnd { verdict, .. } if verdict.as_ref().is_some_and(is_interrupted) => {
                if let Some(moved) = self.moved.remove(&record.run) {
                    let (subdir, verdict) = (moved.now, verdict.take()?);
                    record.event = Event::Attempt { subdir, verdict };
                }
            }
            Event::TestStart(start) => self.rename(record.run, start),
            Event::TestEnd { .. } | Event::Attempt { .. } => {
                self.moved.remove(&record.run);
            }
            _ => {}
        }
        Some(record)
    }

    fn rename(&mut self, run: u32, start: &mut TestStart) {
        let parent = start.parent.and_then(|parent| self.moved.get(&parent));
        let now = match (self.summary.moved.get(&run), parent) {
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
        while let Some(records) = &mut self.records {
            match records.next() {
                None => self.records = None,
                Some(record) => {
                    if let Some(record) = self.told(record) {
                        return Some(record);
                    }
                }
            }
        }
        self.ending.pop()
    }
}

impl Summary {
    /// What is missing at the end of a job that was cut off, the last first.
    fn ending(&self) -> Vec<Record> {
        if self.has_ended || self.job.is_none() {
            return Vec::new();
        }
        let reason = "the job was cut off".to_owned();
        let mut events: Vec<_> = self
            .open
            .keys()
            .rev()
            .map(|run| (*run, cut_off()))
            .collect();
        let status = Status::Abort;
        events.push((0, Event::JobEnd { status, reason }));
        let records = (self.next_seq..)
            .zip(events)
            .map(|(seq, (run, event))| Record {
                seq,
                run,
                t: self.last_t,
                event,
            });
        let mut records: Vec<_> = records.collect();
        records.reverse();
        records
    }
}

/// Whether a signal to the job ended a run.
fn is_interrupted(verdict: &Verdict) -> bool {
    // A test may give the same reason for a verdict of its own.
    verdict.kind == Kind::CutOff && verdict.reason.starts_with(INTERRUPTED)
}

fn cut_off() -> Event {
    let reason = "was on when the job was cut off";
    Event::TestEnd {
        status: Status::Abort,
        verdict: Some(Verdict::new(Kind::CutOff, reason)),
        elapsed_s: 0.0,
    }
}

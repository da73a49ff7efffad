//! Everything that is known about a job, for reports and databases that show all of it.
//!
//! A [`Digest`] is a fold over the records of a job. Its size grows with the number of runs and their records; other
//! reports keep only what they show.
//!
//! This module must not read any file but the journal.

mod job;
mod metrics;
mod run;

use std::collections::HashMap;
use std::fs::File;
use std::io;

use autotest_core::{GroupStart, JobStart, SmallMap, TestStart};

use crate::plan::Planned;
use crate::record::Record;
use crate::replay::Replay;
use crate::runs::{Change, Detail, Runs};

pub use job::{GroupDigest, JobDigest, RebootDigest};
pub use metrics::{Metric, MetricSource, Point};
pub use run::{Iteration, RunDigest, RunEnd, Timed};

/// A job with its runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Digest {
    /// The job itself.
    pub job: JobDigest,
    /// The groups and branches of a control function, in the order in which they began.
    pub groups: Vec<GroupDigest>,
    /// All runs with subtests and attempts, in the order in which they began.
    pub runs: Vec<RunDigest>,
    /// The operations of planned runs that never began.
    pub not_run: Vec<String>,
}

/// The fold that builds a digest.
#[derive(Debug, Default)]
struct Folding {
    digest: Digest,
    runs: Runs<Index>,
    /// The index of each run among the digest's, by its number.
    indices: HashMap<u32, usize>,
    /// The index of each group.
    groups: SmallMap<u32, usize>,
    planned: Planned<String>,
    last_t: f64,
}

/// The index of a run in the digest.
#[derive(Debug, Default)]
struct Index(usize);

impl Digest {
    /// The digest of a journal. An interrupted job is shown as aborted, as by every replay.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn of(journal: File) -> io::Result<Digest> {
        Ok(Digest::of_records(Replay::new(journal)?))
    }

    /// The digest of the records of a job, in the form in which a [`Replay`] returns them.
    pub fn of_records(records: impl Iterator<Item = Record>) -> Digest {
        let mut folding = Folding::default();
        records.for_each(|record| folding.add(&record));
        folding.finish()
    }

    /// The final runs: neither subtests nor attempts. Each planned or requested run that began has exactly one.
    pub fn tests(&self) -> impl Iterator<Item = &RunDigest> {
        let runs = self.runs.iter();
        runs.filter(|run| run.parent.is_none() && !run.is_attempt())
    }

    /// The subtests of a run, by its index in [`runs`](Digest::runs).
    pub fn subtests(&self, parent: usize) -> impl Iterator<Item = (usize, &RunDigest)> {
        let runs = self.runs.iter().enumerate();
        runs.filter(move |(_, run)| run.parent == Some(parent))
    }

    /// The names of the groups and branches around a run, outermost first.
    pub fn groups_around(&self, run: &RunDigest) -> Vec<&str> {
        let outer = |group: &&GroupDigest| self.groups.get(group.group?);
        let innermost = run.group.and_then(|group| self.groups.get(group));
        let around = std::iter::successors(innermost, outer);
        let mut names: Vec<_> = around.map(|group| group.name.as_str()).collect();
        names.reverse();
        names
    }
}

impl Folding {
    fn add(&mut self, record: &Record) {
        self.last_t = record.t;
        match self.runs.apply(record) {
            Change::JobStart(job) => self.start_job(record.t, job),
            Change::JobResume(_) => self.digest.job.resumed.push(record.t),
            Change::JobEnd { status, reason } => self.digest.job.end(record.t, status, reason),
            Change::Start(start) => self.start(record, start),
            Change::End(ended, end) => {
                if ended.parent.is_none() {
                    self.planned.take(&ended.operation);
                }
                let run = &mut self.digest.runs[ended.state.0];
                run.end(&ended, RunEnd::Final(end.status), end.verdict);
                run.elapsed_s = end.elapsed_s;
            }
            Change::Attempt {
                run: ended,
                subdir,
                verdict,
            } => {
                let run = &mut self.digest.runs[ended.state.0];
                run.end(&ended, RunEnd::Attempt, Some(verdict));
                run.elapsed_s = (record.t - run.started_t).max(0.0);
                run.subdir = subdir.to_owned();
            }
            Change::GroupStart(group) => self.start_group(record, group),
            Change::GroupEnd(_, end) => {
                if let Some(index) = self.groups.get(&record.run) {
                    self.digest.groups[*index].end(record.t, end);
                }
            }
            Change::Reboot(_) => self.digest.job.reboot(record.t),
            Change::Rebooted(rebooted) => self.digest.job.rebooted(record.t, rebooted),
            Change::Detail(detail) => self.detail(record, detail),
            Change::Parallel(_) | Change::Nothing => {}
        }
    }

    fn start_job(&mut self, t: f64, job: &JobStart) {
        self.digest.job = JobDigest::new(t, job);
        for planned in &job.plan {
            let operation = &planned.operation;
            self.planned.add(operation, operation.clone());
        }
    }

    fn start(&mut self, record: &Record, start: &TestStart) {
        let index = self.digest.runs.len();
        let mut run = RunDigest::new(record.t, start);
        run.parent = start.parent.and_then(|run| self.indices.get(&run).copied());
        if let Some(open) = self.runs.get_mut(record.run) {
            open.state = Index(index);
            run.name = open.name();
            let group = open.group.and_then(|group| self.groups.get(&group));
            run.group = group.copied();
            run.has_files = open.has_files();
        }
        self.indices.insert(record.run, index);
        self.digest.runs.push(run);
    }

    fn start_group(&mut self, record: &Record, start: &GroupStart) {
        let outer = start.group.and_then(|group| self.groups.get(&group));
        let group = GroupDigest::new(record.t, start, outer.copied());
        self.groups.insert(record.run, self.digest.groups.len());
        self.digest.groups.push(group);
    }

    fn detail(&mut self, record: &Record, detail: Detail<'_>) {
        match (self.runs.state(record.run), detail) {
            (Some(Index(index)), detail) => self.digest.runs[*index].add(record.t, detail),
            (None, Detail::Status(entry)) => {
                let entry = Timed::new(record.t, entry.clone());
                self.digest.job.status_lines.push(entry);
            }
            (None, _) => {}
        }
    }

    fn finish(mut self) -> Digest {
        self.digest.not_run = self.planned.take_rest();
        let ended_t = self.digest.job.ended_t.max(self.last_t);
        self.digest.job.ended_t = ended_t;
        self.digest
    }
}

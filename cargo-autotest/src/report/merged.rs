//! Merges several jobs into one: a sequence of records that every report can read.
//!
//! A merged job with several units has a branch for each. Its records do not say that a job was interrupted and
//! resumed: they have the attempts already.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, BufWriter, Write};

use autotest_core::status::Status;
use autotest_core::{
    Answer, Answered, CallId, ControlStart, Event, GroupKind, GroupStart, JobStart, JournalVersion,
    PlannedTest, Request,
};
use autotest_report::{Digest, Record, Replay};

use super::places::{Layout, Places};
use super::records::{Branch, Renumbered};
use super::source::{self, SourceError};
use super::units::{Part, Unit};

/// The control function that the records of a merged job name as the source of its branches.
pub(super) const CONTROL: &str = "cargo autotest report";

/// An error when merging jobs.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MergeError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("failed to merge the journals: {0}")]
    Io(#[from] io::Error),
}

/// A merged job.
#[derive(Debug)]
pub(super) struct Merged {
    pub(super) units: Vec<Unit>,
    /// Whether WARN is a failure even if the jobs say otherwise.
    pub(super) is_strict: bool,
}

/// Receives the merged records.
type Sink<'s> = dyn FnMut(Record) -> io::Result<()> + 's;

/// Numbers records and runs, and sends the records on.
struct Numbering<'s> {
    seq: u64,
    last_run: u32,
    sink: &'s mut Sink<'s>,
}

impl Numbering<'_> {
    fn send(&mut self, mut record: Record) -> io::Result<()> {
        record.seq = self.seq;
        self.seq += 1;
        (self.sink)(record)
    }

    fn event(&mut self, run: u32, t: f64, event: Event) -> io::Result<()> {
        let seq = 0;
        self.send(Record { seq, run, t, event })
    }
}

impl Merged {
    /// Writes the journal of the merged job. Returns the places of runs.
    ///
    /// # Errors
    /// If a journal cannot be read any more, or the records cannot be written.
    pub(super) fn write<'l>(
        &self,
        layout: &'l Layout,
        journal: &File,
    ) -> Result<Places<'l>, MergeError> {
        let mut out = BufWriter::new(journal);
        let mut line = Vec::new();
        let mut sink = |record: Record| {
            line.clear();
            record.write_to(&mut line)?;
            out.write_all(&line)
        };
        let mut places = Places::new(layout);
        let all: Vec<_> = self.units.iter().collect();
        self.send_job(&all, &mut places, &mut sink)?;
        out.flush()?;
        Ok(places)
    }

    /// The digest of each unit.
    ///
    /// # Errors
    /// If a journal cannot be read any more.
    pub(super) fn digests(&self, layout: &Layout) -> Result<Vec<Digest>, MergeError> {
        let mut places = Places::new(layout);
        let mut digests = Vec::new();
        for unit in &self.units {
            let mut records = Vec::new();
            let mut sink = |record| {
                records.push(record);
                Ok(())
            };
            let below = self.below(&mut places, unit);
            self.send_unit(unit, &below, &mut places, &mut sink)?;
            digests.push(Digest::of_records(records.into_iter()));
        }
        Ok(digests)
    }

    /// The directory of a unit in a merged tree; empty for the only unit.
    fn below(&self, places: &mut Places<'_>, unit: &Unit) -> String {
        match self.units.len() {
            1 => String::new(),
            _ => places.of_unit(&self.name(unit)),
        }
    }

    /// The name of a unit among the others: the target, the suite, or both.
    pub(super) fn name(&self, unit: &Unit) -> String {
        let is_only = |of: fn(&Unit) -> &str| self.units.iter().all(|other| of(other) == of(unit));
        match (is_only(|unit| &unit.target), is_only(|unit| &unit.label)) {
            (_, true) => unit.target.clone(),
            (true, false) => unit.label.clone(),
            (false, false) => format!("{}: {}", unit.target, unit.label),
        }
    }

    /// Sends the job with all units, each in a branch if there are several.
    fn send_job(
        &self,
        units: &[&Unit],
        places: &mut Places<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), MergeError> {
        if let [unit] = units {
            return self.send_unit(unit, "", places, sink);
        }
        let mut numbering = Numbering {
            seq: 0,
            last_run: 0,
            sink,
        };
        let (began, ended) = time(units);
        let start = Box::new(self.start(units));
        numbering.event(0, began, Event::JobStart(start))?;
        let parallel = CallId::new("", 0);
        let branches = (0..units.len()).map(|at| at.to_string()).collect();
        let answered = Answered {
            call: parallel.clone(),
            request: Request::Parallel { branches },
            answer: Answer::Done,
        };
        numbering.event(0, began, Event::Answered(Box::new(answered)))?;
        for (at, unit) in units.iter().enumerate() {
            let path = parallel.branch(&at.to_string());
            let number = numbering.last_run + 1;
            numbering.last_run = number;
            let (unit_began, unit_ended) = time(&[unit]);
            let start = GroupStart {
                name: self.name(unit),
                kind: GroupKind::Branch,
                group: None,
                call: CallId::new(&path, 0),
            };
            numbering.event(number, unit_began, Event::GroupStart(start))?;
            let below = self.below(places, unit);
            let branch = Branch { number, path };
            send_runs(unit, &below, Some(&branch), places, &mut numbering)?;
            let end = Event::GroupEnd {
                status: Status::Good,
                reason: String::new(),
                call: CallId::new(&branch.path, u64::MAX),
            };
            numbering.event(number, unit_ended, end)?;
        }
        Ok(numbering.event(0, ended, self.end(units))?)
    }

    /// Sends the job of one unit.
    fn send_unit(
        &self,
        unit: &Unit,
        below: &str,
        places: &mut Places<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), MergeError> {
        let mut numbering = Numbering {
            seq: 0,
            last_run: 0,
            sink,
        };
        let (began, ended) = time(&[unit]);
        let start = Box::new(self.start(&[unit]));
        numbering.event(0, began, Event::JobStart(start))?;
        send_runs(unit, below, None, places, &mut numbering)?;
        Ok(numbering.event(0, ended, self.end(&[unit]))?)
    }

    fn start(&self, units: &[&Unit]) -> JobStart {
        let jobs: Vec<_> = parts(units).map(|part| &part.source.start).collect();
        let merged: BTreeSet<_> = jobs.iter().flat_map(|job| made_of(job)).collect();
        let plan: Vec<_> = units.iter().flat_map(|unit| plan(unit)).collect();
        let ignored: Vec<_> = units.iter().flat_map(|unit| ignored(unit)).collect();
        let all_tests = units.iter().map(|unit| all_tests(unit)).sum::<usize>();
        JobStart {
            version: JournalVersion::CURRENT,
            id: id_of(&merged),
            label: joined(units.iter().map(|unit| unit.label.as_str())),
            argv: in_common(&jobs, |job| &job.argv),
            user: in_common(&jobs, |job| &job.user),
            hostname: joined(units.iter().map(|unit| unit.target.as_str())),
            kernel: in_common(&jobs, |job| &job.kernel),
            machine: in_common(&jobs, |job| &job.machine),
            cpu_count: in_common(&jobs, |job| &job.cpu_count),
            build_id: in_common(&jobs, |job| &job.build_id),
            filtered_out: all_tests.saturating_sub(plan.len() + ignored.len()),
            shuffle_seed: in_common(&jobs, |job| &job.shuffle_seed),
            control: control(units, &jobs),
            is_strict: self.is_strict || jobs.iter().any(|job| job.is_strict),
            is_parallel: jobs.iter().any(|job| job.is_parallel),
            plan,
            ignored,
            merged: merged.into_iter().collect(),
            ..JobStart::default()
        }
    }

    /// The end of the merged job: ABORT if one of the jobs was aborted or is missing.
    fn end(&self, units: &[&Unit]) -> Event {
        let mut of_all = parts(units);
        let aborted = of_all.find(|part| part.source.end.0 != Status::Good && !part.is_completed);
        let aborted = aborted.map(|part| match parts(units).count() {
            1 => part.source.end.1.clone(),
            _ => part.aborted(),
        });
        let missing = units.iter().flat_map(|unit| unit.missing.first()).next();
        match aborted.or_else(|| missing.cloned()) {
            Some(reason) => Event::JobEnd {
                status: Status::Abort,
                reason,
            },
            None => Event::JobEnd {
                status: Status::Good,
                reason: String::new(),
            },
        }
    }
}

fn send_runs(
    unit: &Unit,
    below: &str,
    branch: Option<&Branch>,
    places: &mut Places<'_>,
    numbering: &mut Numbering<'_>,
) -> Result<(), MergeError> {
    for part in &unit.parts {
        let journal = source::open(&part.source.dir)?;
        let mut renumbered = Renumbered::new(part, places, below, branch, numbering.last_run);
        for record in Replay::new(journal)? {
            if let Some(record) = renumbered.record(record) {
                numbering.send(record)?;
            }
        }
        numbering.last_run = renumbered.last;
    }
    Ok(())
}

fn parts<'u>(units: &'u [&Unit]) -> impl Iterator<Item = &'u Part> {
    units.iter().flat_map(|unit| &unit.parts)
}

/// The times at which the units began and ended, in seconds since 1970.
fn time(units: &[&Unit]) -> (f64, f64) {
    let times = parts(units).map(|part| part.source.time);
    let both = times.reduce(|(began, ended), (b, e)| (began.min(b), ended.max(e)));
    both.unwrap_or((0.0, 0.0))
}

/// The planned runs of a unit. Each is taken from the job that has its final verdict, otherwise from the first job that
/// planned it. Runs that a control function requested count as planned, too, once they are known.
fn plan(unit: &Unit) -> Vec<PlannedTest> {
    let mut owners: HashMap<&str, usize> = HashMap::new();
    for (at, part) in unit.parts.iter().enumerate() {
        let is_final =
            |number: &u32| !part.attempts.contains_key(number) && !part.left_out.contains(number);
        let runs = part.source.runs.iter().filter(|run| is_final(&run.number));
        owners.extend(runs.map(|run| (run.operation.as_str(), at)));
    }
    let mut plan = Vec::new();
    for (at, part) in unit.parts.iter().enumerate() {
        for planned in planned(part) {
            let (operation, args) = (planned.operation.clone(), planned.args.clone());
            let known = owners.get(operation.as_str()).copied();
            if known.is_none_or(|owner| owner == at) {
                plan.push(PlannedTest {
                    test: planned.test.clone(),
                    operation,
                    args,
                });
            }
        }
        let mine = part
            .source
            .start
            .plan
            .iter()
            .map(|planned| planned.operation.as_str());
        for operation in mine {
            owners.entry(operation).or_insert(at);
        }
    }
    plan
}

/// The planned runs of a job.
fn planned(part: &Part) -> Vec<PlannedTest> {
    let start = &part.source.start;
    if start.is_planned() {
        return start.plan.clone();
    }
    let runs = part.source.runs.iter();
    runs.map(|run| PlannedTest {
        test: run.test.clone(),
        operation: run.operation.clone(),
        ..PlannedTest::default()
    })
    .collect()
}

/// The ignored tests of a unit, each once: every attempt of a runner may have them.
fn ignored(unit: &Unit) -> Vec<(String, String)> {
    let parts = unit.parts.iter();
    let mut ignored: Vec<_> = Vec::new();
    let mut known = BTreeSet::new();
    for test in parts.flat_map(|part| &part.source.start.ignored) {
        if known.insert(test) {
            ignored.push(test.clone());
        }
    }
    ignored
}

/// The number of tests of a unit's binary, whether selected or not.
fn all_tests(unit: &Unit) -> usize {
    let all = unit.parts.iter().map(|part| part.source.all_tests());
    all.max().unwrap_or(0)
}

/// The control function of the merged job: branches need one; the job of one unit has that of its jobs, if any.
fn control(units: &[&Unit], jobs: &[&JobStart]) -> Option<ControlStart> {
    match units {
        [_] => jobs.iter().find_map(|job| job.control.clone()),
        _ => Some(ControlStart {
            name: CONTROL.to_owned(),
            ..ControlStart::default()
        }),
    }
}

/// The value that all jobs have in common, or the default.
fn in_common<T: Clone + Default + PartialEq>(jobs: &[&JobStart], of: fn(&JobStart) -> &T) -> T {
    match jobs {
        [first, rest @ ..] if rest.iter().all(|job| of(job) == of(first)) => of(first).clone(),
        _ => T::default(),
    }
}

/// The job itself, or the jobs that were merged into it: each with its host and its id.
fn made_of(job: &JobStart) -> Vec<(String, String)> {
    match job.is_merged() {
        true => job.merged.clone(),
        false => vec![(job.hostname.clone(), job.id.clone())],
    }
}

/// The names, each once, sorted and separated by commas.
fn joined<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: BTreeSet<_> = names.collect();
    names.into_iter().collect::<Vec<_>>().join(",")
}

/// An id that is the same whenever the same jobs are merged.
fn id_of(merged: &BTreeSet<(String, String)>) -> String {
    let text = merged
        .iter()
        .map(|(host, id)| format!("{host}\0{id}\0"))
        .collect::<String>();
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let hash = text.as_bytes().iter().fold(0xcbf2_9ce4_8422_2325, mix);
    format!("merged-{hash:016x}")
}

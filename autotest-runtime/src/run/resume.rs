//! `--resume DIR`: a job that was cut off goes on.
//!
//! What has a verdict is kept. A run that was on is an attempt: its directory gets another name, and
//! the test runs again, unless it has brought the job down too often.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use autotest_core::{Directories, Event, JobResume, JobStart, Kind, Phase, Recovery, Verdict};

use super::MainError;
use super::job::{Opened, planned};
use super::reports;
use crate::cli::{self, Options, UsageError};
use crate::engine::Variables;
use crate::exec::{self, INTERRUPTED, Shown, Unfinished, Work};
use crate::host::Places;
use crate::hub::Hub;
use crate::identity;
use crate::journal::{Journal, Sync};
use crate::plan::{Plan, PlannedRun};
use crate::registry::Registry;
use crate::replay::{Open, Replay, Summary};
use crate::report::Tree;
use crate::results::ResultsTree;

/// How often a test may bring the job down, unless the command line says.
const ATTEMPTS: u32 = 2;

/// What may be said of a job that goes on; all else is as it was begun.
const ALLOWED: &[&str] = &[
    "resume",
    "attempts",
    "sync",
    "nocapture",
    "no-capture",
    "show-output",
    "format",
    "quiet",
    "color",
];

/// A job that can not go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResumeError {
    #[error("`{0}` has no job in its journal: start it anew with `--results`")]
    NoJob(PathBuf),
    #[error(
        "the job was begun by another build of this binary ({there}, this is {here}): \
         resume it with that one, or start a new job"
    )]
    OtherBuild { there: String, here: String },
    #[error("the tests that the job was begun with are not those of this binary; start a new job")]
    OtherPlan,
    #[error("`{0}` can not be given with `--resume`: a job goes on as it was begun")]
    Given(String),
}

/// Takes the job up where its journal ends.
pub(super) fn open(
    registry: &'static Registry,
    given: Options,
    args: &[OsString],
    dir: &Path,
    shown: Shown,
) -> Result<Opened, MainError> {
    refuse_changes(&given)?;
    let mut journal = Journal::reopen(dir)?;
    let summary = Summary::of(journal.file()?);
    let job = summary.job.as_ref();
    let job = job.ok_or_else(|| ResumeError::NoJob(dir.to_owned()))?;
    check_build(job)?;
    let options = as_begun(job, args)?;
    let plan = Plan::new(registry, &options)?;
    if planned(&plan) != job.plan {
        return Err(ResumeError::OtherPlan.into());
    }
    let jobdir = std::path::absolute(dir)?;
    journal.go_on(summary.length, options.sync.unwrap_or_else(Sync::from_env))?;
    let mut hub = Hub::new(journal, summary.next_seq);
    let cut_off = CutOff::new(&summary, &jobdir, attempts(&options));
    if summary.boot_id == identity::boot_id() {
        let leaders = summary
            .open
            .values()
            .filter_map(|open| open.process.as_ref());
        exec::end_processes_of(&job.id, leaders.map(|p| (p.pid, p.since_boot_s)));
    }
    hub.send(0, Event::JobResume(cut_off.job_resume()));
    cut_off.rename(&jobdir)?;
    let tree = Tree::staged(&jobdir)?;
    let file = hub.journal_file()?;
    hub.attach(reports::in_files(&tree, &file, &options)?);
    let out = shown.stdout.clone();
    hub.attach(vec![reports::shown(out, &jobdir, &file, &options)?]);
    hub.attach(reports::logfile(&options)?.into_iter().collect());
    let records = Replay::new(file)?.going_on();
    records.for_each(|record| hub.tell(&record));
    if let Err(error) = tree.settle() {
        // A test put something in a report's place, which costs the job that report and not its tests.
        hub.miss(format!("failed to put reports in place: {error}"));
    }
    cut_off.end_interrupted(&mut hub);
    let results = ResultsTree {
        jobdir,
        installed: job.installed.clone(),
    };
    let work = cut_off.work(registry, &plan, (job, &results.jobdir));
    Ok(Opened {
        work,
        results,
        tree,
        hub,
        shown,
        id: job.id.clone(),
        tmp: job.tmp.clone(),
        options,
        plan,
    })
}

fn attempts(options: &Options) -> u32 {
    options.attempts.map_or(ATTEMPTS, |attempts| attempts.get())
}

fn refuse_changes(given: &Options) -> Result<(), ResumeError> {
    let mut flags = given.given.iter();
    if let Some(flag) = flags.find(|flag| !ALLOWED.contains(flag)) {
        return Err(ResumeError::Given(format!("--{flag}")));
    }
    match given.filters.first() {
        Some(filter) => Err(ResumeError::Given(filter.clone())),
        None => Ok(()),
    }
}

fn check_build(job: &JobStart) -> Result<(), ResumeError> {
    let (there, here) = (job.build_id.clone(), identity::build_id());
    if there == here {
        Ok(())
    } else {
        Err(ResumeError::OtherBuild { there, here })
    }
}

/// The options that the job was begun with, and behind them those of how it is shown now. Which part
/// of the tests it has, and their order, may have come from variables or the clock: they are as they
/// were.
fn as_begun(job: &JobStart, args: &[OsString]) -> Result<Options, UsageError> {
    let begun = job.argv.iter().map(OsString::from);
    let args = begun.chain(args.iter().cloned());
    let mut options = cli::parse(args, Variables::of_process())?;
    options.shuffle_seed = job.shuffle_seed;
    options.shard = job.shard.as_ref().and_then(|shard| shard.parse().ok());
    Ok(options)
}

/// What a crash or a signal left without a verdict.
struct CutOff<'a> {
    summary: &'a Summary,
    reason: &'static str,
    most_attempts: u32,
    /// The directories of runs that do not count, by run.
    moved: BTreeMap<u32, String>,
}

impl<'a> CutOff<'a> {
    fn new(summary: &'a Summary, jobdir: &Path, most_attempts: u32) -> CutOff<'a> {
        let reason = match summary.boot_id == identity::boot_id() {
            true => "crashed: the job was cut off while this test was on",
            false => "rebooted: the target was booted again while this test was on",
        };
        let mut cut_off = CutOff {
            summary,
            reason,
            most_attempts,
            moved: BTreeMap::new(),
        };
        let on = summary.open.iter().map(|(run, open)| (*run, &open.start));
        let on = on.filter(|(_, start)| start.parent.is_none());
        let on = on.filter(|(_, start)| !cut_off.is_final(&start.operation));
        let interrupted = summary.interrupted.values();
        let interrupted = interrupted.map(|(run, start)| (*run, start));
        let mut names: HashSet<String> = summary.moved.values().cloned().collect();
        let moved = on.chain(interrupted).map(|(run, start)| {
            let known = summary.moved.get(&run).cloned();
            let name = known.unwrap_or_else(|| free_name(&start.subdir, jobdir, &names));
            names.insert(name.clone());
            (run, name)
        });
        cut_off.moved = moved.collect();
        cut_off
    }

    /// Whether the run that is on is the last try.
    fn is_final(&self, operation: &str) -> bool {
        let before = self.summary.attempts.get(operation).copied().unwrap_or(0);
        before + 1 >= self.most_attempts
    }

    fn job_resume(&self) -> JobResume {
        JobResume {
            pid: std::process::id(),
            boot_id: identity::boot_id(),
            moved: self.moved.clone(),
        }
    }

    /// Gives the directories their names. Done again, it does nothing: we may have been killed here.
    fn rename(&self, jobdir: &Path) -> std::io::Result<()> {
        for (run, name) in &self.moved {
            let before = self.subdir_of(*run).map(|subdir| jobdir.join(subdir));
            let now = jobdir.join(name);
            if let Some(before) = before.filter(|before| before.exists() && !now.exists()) {
                std::fs::rename(before, now)?;
            }
        }
        self.clear(jobdir)
    }

    /// The same for the directory of a run that the journal does not know: it was killed in between, or
    /// the power went before the disk had the journal.
    fn clear(&self, jobdir: &Path) -> std::io::Result<()> {
        let job = self.summary.job.iter();
        for planned in job.flat_map(|job| &job.plan) {
            let is_known = self.summary.finished.contains_key(&planned.operation)
                || self.summary.open.values().any(|open| {
                    open.start.operation == planned.operation && open.start.parent.is_none()
                });
            let dir = jobdir.join(&planned.operation);
            if !is_known && dir.exists() {
                let name = free_name(&planned.operation, jobdir, &HashSet::new());
                std::fs::rename(dir, jobdir.join(name))?;
            }
        }
        Ok(())
    }

    fn subdir_of(&self, run: u32) -> Option<&str> {
        let open = self.summary.open.get(&run).map(|open| &open.start);
        let mut interrupted = self.summary.interrupted.values();
        let start = open.or_else(|| {
            interrupted
                .find(|(of, _)| *of == run)
                .map(|(_, start)| start)
        });
        start.map(|start| start.subdir.as_str())
    }

    /// Runs that a signal ended have been cleaned up after; they only do not count.
    fn end_interrupted(&self, hub: &mut Hub) {
        for (run, _) in self.summary.interrupted.values() {
            if let Some(subdir) = self.moved.get(run).cloned() {
                let reason = format!("{INTERRUPTED}a signal to the job");
                let verdict = Verdict::new(Kind::AbortJob, reason);
                hub.send(*run, Event::Attempt { subdir, verdict });
            }
        }
    }

    fn work(&self, registry: &'static Registry, plan: &Plan, job: (&JobStart, &Path)) -> Work {
        let summary = self.summary;
        let gives_up = |operation: &String| {
            let mut on = summary.open.iter();
            on.any(|(run, open)| {
                open.start.operation == *operation
                    && open.start.parent.is_none()
                    && !self.moved.contains_key(run)
            })
        };
        let mut runs = plan.runs.clone();
        runs.retain(|run| {
            let operation = &run.name.tagged_testname;
            !summary.finished.contains_key(operation) && !gives_up(operation)
        });
        let on = summary.open.iter().rev();
        let is_strict = summary.job.as_ref().is_some_and(|job| job.is_strict);
        let mut finished = summary.finished.values();
        let unfinished = on.filter_map(|(run, open)| self.unfinished(registry, job, *run, open));
        Work {
            unfinished: unfinished.collect(),
            runs,
            runs_before: summary.last_run,
            has_failures: finished.any(|status| status.fails(is_strict)),
        }
    }

    fn unfinished(
        &self,
        registry: &'static Registry,
        (job, jobdir): (&JobStart, &Path),
        number: u32,
        open: &Open,
    ) -> Option<Unfinished> {
        let start = &open.start;
        let mut run = PlannedRun::new(registry.get(&start.test)?, None, "", start.args.clone());
        run.name.tagged_testname.clone_from(&start.operation);
        run.name.subdir = self.directory(number, open);
        let is_final = !self.is_attempt(number);
        let mut verdict = Verdict::new(Kind::AbortJob, self.reason);
        if is_final && start.parent.is_none() {
            let times = self.most_attempts;
            verdict.reason = format!("{}; given up after {times} attempts", self.reason);
        }
        Some(Unfinished {
            number,
            parent: start.parent,
            verdict,
            is_final,
            directories: directories(&run, number, job, jobdir),
            recovery: recovery(open),
            run,
        })
    }

    /// Whether a run does not count, as it or the run that waits for it is to be done again.
    fn is_attempt(&self, run: u32) -> bool {
        let open = self.summary.open.get(&run);
        let parent = open.and_then(|open| open.start.parent);
        self.moved.contains_key(&run) || parent.is_some_and(|parent| self.is_attempt(parent))
    }

    /// Where a run's results are now: a subtest's moved with its parent's.
    fn directory(&self, run: u32, open: &Open) -> String {
        if let Some(name) = self.moved.get(&run) {
            return name.clone();
        }
        let parent = open
            .start
            .parent
            .and_then(|parent| Some((parent, self.summary.open.get(&parent)?)));
        match parent {
            None => open.start.subdir.clone(),
            Some((number, parent)) => {
                let below = open.start.subdir.strip_prefix(parent.start.subdir.as_str());
                format!(
                    "{}{}",
                    self.directory(number, parent),
                    below.unwrap_or_default()
                )
            }
        }
    }
}

/// What a cleanup must know; nothing before `initialize`, and nothing twice.
fn recovery(open: &Open) -> Option<Recovery> {
    let phase = open.recovery.failed_phase?;
    (phase != Phase::Cleanup).then(|| open.recovery.clone())
}

/// The directories of a run, as it left them.
fn directories(run: &PlannedRun, number: u32, job: &JobStart, jobdir: &Path) -> Directories {
    let places = Places {
        jobdir: jobdir.to_owned(),
        outputdir: jobdir.join(&run.name.subdir),
        bindir: job.installed.join(run.test.directory()),
        tmp: job.tmp.clone(),
        tmp_prefix: exec::tmp_prefix(&job.id, number),
        tagged_testname: run.name.tagged_testname.clone(),
        ..Places::default()
    };
    places.made(places.tmpdir())
}

/// The first `<subdir>.attempt-N` that nothing is called.
fn free_name(subdir: &str, jobdir: &Path, taken: &HashSet<String>) -> String {
    let names = (1_u32..).map(|number| format!("{subdir}.attempt-{number}"));
    let mut free = names.filter(|name| !taken.contains(name) && !jobdir.join(name).exists());
    free.next().unwrap_or_else(|| format!("{subdir}.attempt"))
}

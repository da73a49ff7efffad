//! `--resume DIR`: continues an interrupted job.
//!
//! Tests that have a verdict keep it. A run that was in progress becomes an attempt: its directory is renamed, and the
//! test is run again, unless it has been interrupted too often.

mod cut_off;
#[cfg(feature = "sysinfo")]
mod kernel_crash;

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::Path;

use autotest_core::{Answer, Event, JobStart, Request, RunResult};
use autotest_report::{JournalError, Replay, Summary, Tree};

use super::MainError;
use super::control::{self, ControlJob};
use super::opened::{Opened, planned, sync};
use super::{params, reports, rerun};
use crate::cli::{self, Options};
use crate::engine::Variables;
use crate::exec::{self, ControlWork, Recorded, Streams, Unfinished};
use crate::hub::Hub;
use crate::identity;
use crate::journal::Journal;
use crate::plan::Plan;
use crate::registry::{Registry, variable_of};
use crate::results::ResultsTree;
use cut_off::CutOff;
#[cfg(feature = "sysinfo")]
use kernel_crash::KernelCrash;

/// The default of `--attempts`.
const ATTEMPTS: u32 = 2;

/// The flags that are allowed with `--resume`; the others are taken from the original command line.
const ALLOWED: &[&str] = &[
    "resume",
    "attempts",
    // Only for secrets.
    "param",
    "sync",
    "nocapture",
    "no-capture",
    "show-output",
    "format",
    "quiet",
    "color",
    #[cfg(feature = "html")]
    "html",
    "junit",
    "tap",
    "logfile",
];

/// Why a job cannot be resumed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResumeError {
    #[error(
        "the job was started by another build of this binary ({there}; this is {here}): \
         resume it with that build, or start a new job"
    )]
    OtherBuild { there: String, here: String },
    #[error("the command line that started the job is not UTF-8; start a new job")]
    NotText,
    #[error(
        "the job was started with the parameter `{name}`, which is secret and not on record: give it \
         again, with `--param {name}=…` or in `{variable}`"
    )]
    Secret { name: String, variable: String },
    #[error("these results were merged of several jobs: resume the one that was interrupted")]
    Merged,
    #[error("the job's tests are not those of this binary; start a new job")]
    OtherPlan,
}

impl ResumeError {
    /// The error for a secret parameter whose value is missing.
    pub(super) fn secret(name: &str) -> ResumeError {
        ResumeError::Secret {
            name: name.to_owned(),
            variable: variable_of(name),
        }
    }
}

/// Opens a job and prepares it to continue at the end of its journal.
pub(super) fn open(
    registry: &'static Registry,
    given: Options,
    args: &[OsString],
    dir: &Path,
    streams: Streams,
) -> Result<Opened, MainError> {
    given.check_only(ALLOWED, "resume", "a resumed job keeps its options")?;
    let mut journal = Journal::reopen(dir)?;
    let summary = Summary::of(journal.file()?);
    let job = summary.job.as_ref();
    let job = job.ok_or_else(|| JournalError::NoJob(dir.to_owned()))?;
    if job.is_merged() {
        return Err(ResumeError::Merged.into());
    }
    check_build(job)?;
    let mut options = as_begun(job, args)?;
    let variables = Variables::of_process();
    params::complete_resumed(registry, &mut options, &given, job, variables)?;
    let control = control::open(registry, &mut options, job.control.as_ref())?;
    let plan = match &control {
        Some(_) => Plan::without_runs(&options.plan),
        None if !job.rerun_of.is_empty() => rerun::plan_on_record(registry, &options, job)?,
        None => Plan::new(registry, &options.plan)?,
    };
    if job.control.is_none() && !is_planned(job, &plan) {
        return Err(ResumeError::OtherPlan.into());
    }
    let jobdir = std::path::absolute(dir)?;
    // Opened before anything is recorded or moved, so that a wrong path changes nothing.
    let logfile = reports::logfile(&options)?;
    journal.resume(summary.length, sync(&options))?;
    let mut hub = Hub::new(journal, summary.next_seq);
    let secrets = options.plan.given.by_source().secrets();
    let cut_off = CutOff::new(&summary, &jobdir, attempts(&options), secrets);
    end_processes(&summary, job);
    #[cfg(feature = "sysinfo")]
    let kernel_crash = KernelCrash::copied(&summary, &jobdir);
    #[cfg(feature = "sysinfo")]
    let cut_off = cut_off.with_kernel_crash(kernel_crash.line.clone());
    let job_resume = cut_off.job_resume();
    #[cfg(feature = "sysinfo")]
    let job_resume = kernel_crash.describe(job_resume);
    let mut amendments = summary.amendments.clone();
    amendments.resume(&job_resume);
    hub.send(0, Event::JobResume(job_resume));
    cut_off.rename(&jobdir)?;
    let tree = Tree::resumed(&jobdir)?;
    let file = hub.journal_file()?;
    hub.attach(reports::in_files(&tree, &jobdir, &file, &options)?);
    let out = streams.stdout.clone();
    hub.attach(vec![reports::on_stdout(out, &jobdir, &file, &options)?]);
    hub.attach(logfile.into_iter().collect());
    let records = Replay::of_resumed_job(file, amendments);
    make_reports(&mut hub, records, &tree, &streams);
    #[cfg(feature = "sysinfo")]
    kernel_crash.finish(&mut hub);
    cut_off.end_interrupted(&mut hub);
    cut_off.give_up_cleanups(&mut hub);
    let results = ResultsTree {
        jobdir,
        installed: job.installed.clone(),
    };
    let mut work = cut_off.work(registry, plan.runs, (job, &results.jobdir));
    work.control = control.map(|ControlJob { work: control, .. }| ControlWork {
        is_repeated: !summary.requests.is_empty(),
        requests: control.requests.resumed(with_given_up(
            Recorded::new(summary.requests, summary.sequences),
            &work.unfinished,
        )),
        ..control
    });
    Ok(Opened {
        work,
        results,
        tree,
        hub,
        streams,
        id: job.id.clone(),
        tmp: job.tmp.clone(),
        options,
        settings: plan.settings,
    })
}

/// Makes the reports of what has been recorded.
fn make_reports(hub: &mut Hub, records: Replay, tree: &Tree, streams: &Streams) {
    streams.stdout.hold();
    records.for_each(|record| hub.update(&record));
    streams.stdout.release();
    if let Err(error) = tree.commit() {
        // A test replaced a report by something else. The report is lost, but the tests can be run.
        hub.add_failure(format!("failed to put reports in place: {error}"));
    }
}

/// Kills the remaining processes of the interrupted job.
fn end_processes(summary: &Summary, job: &JobStart) {
    // In another boot or pid namespace, the ids belong to other processes.
    #[cfg(feature = "crash-handler")]
    exec::forget_killed_jobs();
    let is_here = summary.boot_id == identity::boot_id()
        && summary.pid_namespace == identity::pid_namespace();
    if is_here {
        let processes = summary
            .open
            .values()
            .filter_map(|open| open.process.as_ref());
        exec::end_processes_of(&job.id, processes.map(|p| (p.pid, p.since_boot_s)));
        #[cfg(feature = "profilers")]
        crate::built_in::remove_left();
    }
}

/// Adds the answers for runs that are given up, which are recorded once their `cleanup` has ended.
fn with_given_up(mut recorded: Recorded, unfinished: &[Unfinished]) -> Recorded {
    for unfinished in unfinished.iter().filter(|unfinished| unfinished.is_final) {
        if let Some(requested) = &unfinished.run.requested {
            let verdict = Some(unfinished.verdict.clone());
            let answer = Answer::Ran(RunResult::new(verdict, &unfinished.run.name.subdir));
            let request = Request::Run(requested.request.clone());
            recorded.add(requested.call.clone(), request, answer);
        }
    }
    recorded
}

fn attempts(options: &Options) -> u32 {
    options.attempts.map_or(ATTEMPTS, |attempts| attempts.get())
}

fn check_build(job: &JobStart) -> Result<(), ResumeError> {
    let (there, here) = (job.build_id.clone(), identity::build_id());
    if there == here {
        Ok(())
    } else {
        Err(ResumeError::OtherBuild { there, here })
    }
}

/// `true` if the job began with this plan.
fn is_planned(job: &JobStart, plan: &Plan) -> bool {
    let mut both = planned(&plan.runs).zip(&job.plan);
    plan.runs.len() == job.plan.len() && both.all(|(here, there)| here == *there)
}

/// The options with which the job began, followed by those of this command line. The shard and the order of tests may
/// have come from variables or the clock, so they are taken from the journal.
fn as_begun(job: &JobStart, args: &[OsString]) -> Result<Options, MainError> {
    if job
        .argv
        .iter()
        .chain(&job.options)
        .any(|arg| arg.contains('\u{fffd}'))
    {
        return Err(ResumeError::NotText.into());
    }
    let words = |words: &[String]| words.iter().map(OsString::from).collect::<Vec<_>>();
    let lines = [words(&job.argv), args.to_vec()];
    let preset = words(&job.options);
    let mut options = cli::parse_recorded(preset, &lines, Variables::of_process())?;
    options.plan.shuffle_seed = job.shuffle_seed;
    if !job.is_parallel {
        // Its status log does not keep the lines of each run together.
        options.exec.slots = NonZeroUsize::MIN;
    }
    options.plan.selection.shard = job.shard.as_ref().and_then(|shard| shard.parse().ok());
    Ok(options)
}

//! `--rerun DIR`: a new job with the tests of an earlier job that failed or have no verdict.
//!
//! Runs keep their names, arguments and order. The job keeps the flags of the earlier command line; the flags of this
//! one take precedence. The binary may be another build, since the tests are run again to check a fix.

mod earlier;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

use autotest_core::{Args, JobStart, Known};

use super::new_job::{self, New};
use super::opened::Opened;
use super::resume::ResumeError;
use super::{MainError, params};
use crate::cli::{self, Options, RerunOnly};
use crate::engine::Variables;
use crate::exec::Streams;
use crate::plan::{ListedRun, Plan, args_for, is_selected};
use crate::registry::{Registry, Test};
use crate::results;
use earlier::{Earlier, Run, State};

/// The flags that are not taken from the earlier job, besides those that select tests: the place of its results, and
/// what decided which tests were run, in which order.
const DROPPED: &[&str] = &[
    "results",
    "logfile",
    "attempts",
    "continue",
    "job",
    "rerun",
    "rerun-only",
    "shuffle",
    "shuffle-seed",
];

/// Why tests cannot be run again.
#[derive(Debug, thiserror::Error)]
pub(super) enum RerunError {
    #[error("these results were merged of several jobs: name one of those jobs")]
    Merged,
    #[error(
        "not in this binary, but in the earlier job: {0}; leave out such tests with `--skip`, or use a binary that \
         has them"
    )]
    NoSuchTests(String),
}

/// Opens a job that repeats runs of the job in `dir`. If there is nothing to repeat, prints that and returns `None`.
pub(super) fn open(
    registry: &'static Registry,
    mut given: Options,
    args: &[OsString],
    dir: &Path,
    streams: Streams,
) -> Result<Option<Opened>, MainError> {
    let dir = &results::of_job(dir);
    let earlier = Earlier::of(dir)?;
    if earlier.job.is_merged() {
        return Err(RerunError::Merged.into());
    }
    let runs: Vec<&Run> = earlier
        .runs
        .iter()
        .filter(|run| is_wanted(run, &given))
        .collect();
    if runs.is_empty() {
        let _ = writeln!(io::stdout(), "{}", nothing(dir, given.existing.rerun_only));
        return Ok(None);
    }
    tell_of_control(&earlier.job, dir);
    let words = words(&earlier.job, args)?;
    let mut options = options(&earlier.job, &words, &given)?;
    let variables = Variables::of_process();
    let job = &earlier.job;
    let secrets = params::complete_rerun(registry, &mut options, &mut given, job, variables)?;
    let known = options.plan.settings.known_params;
    let listed = listed(registry, &runs, (&given, known), &secrets)?;
    let plan = Plan::listed(registry, &narrowed(&options, given), listed)?;
    refuse_unknown_secrets(&plan)?;
    let new = New {
        plan,
        control: None,
        args: &words,
        rerun_of: Some(&earlier.job),
    };
    new_job::create(registry, options, new, streams).map(Some)
}

/// The runs of a resumed job that repeats another job's runs: those in its journal.
pub(super) fn plan_on_record(
    registry: &'static Registry,
    options: &Options,
    job: &JobStart,
) -> Result<Plan, MainError> {
    let secrets = options.plan.given.by_source().secrets();
    let listed = job.plan.iter().map(|planned| {
        let test = registry.get(&planned.test).ok_or(ResumeError::OtherPlan)?;
        Ok(ListedRun {
            test,
            operation: planned.operation.clone(),
            args: planned.args.with_secrets(&secrets),
        })
    });
    let listed: Result<Vec<_>, ResumeError> = listed.collect();
    let mut plan = options.plan.clone();
    plan.shuffle_seed = None;
    plan.given = Default::default();
    Ok(Plan::listed(registry, &plan, listed?)?)
}

fn is_wanted(run: &Run, given: &Options) -> bool {
    match (run.state, given.existing.rerun_only) {
        (State::Passed, _) => false,
        (State::Failed, only) => only != Some(RerunOnly::Unfinished),
        (State::Unfinished, only) => only != Some(RerunOnly::Failed),
    }
}

fn nothing(dir: &Path, only: Option<RerunOnly>) -> String {
    let what = match only {
        None => "every test passed",
        Some(RerunOnly::Failed) => "no test failed",
        Some(RerunOnly::Unfinished) => "every test has a verdict",
    };
    format!(
        "nothing to run again: {what} in the job in `{}`",
        dir.display()
    )
}

/// Prints a note about what is lost if a control function requested the runs.
fn tell_of_control(job: &JobStart, dir: &Path) {
    let Some(control) = &job.control else {
        return;
    };
    let what = match control.file {
        Some(_) => "job file",
        None => "control function",
    };
    let _ = writeln!(
        io::stderr(),
        "note: the job in `{}` had the {what} `{}`: its runs are repeated one after another with their arguments and \
         tags, without its groups and settings",
        dir.display(),
        control.name
    );
}

/// The command line of the new job, which is complete without the earlier one: the earlier flags, then those of this
/// one.
fn words(job: &JobStart, args: &[OsString]) -> Result<Vec<OsString>, MainError> {
    let is_text = |arg: &String| !arg.contains('\u{fffd}');
    if !job.argv.iter().chain(&job.options).all(is_text) {
        return Err(ResumeError::NotText.into());
    }
    let earlier: Vec<OsString> = job.argv.iter().map(OsString::from).collect();
    let mut words = cli::flags_of(&earlier, &|flag, is_selection| {
        !is_selection.0 && !DROPPED.contains(&flag)
    })?;
    words.extend(cli::flags_of(args, &|flag, _| {
        !["rerun", "rerun-only"].contains(&flag)
    })?);
    Ok(words)
}

fn options(job: &JobStart, words: &[OsString], given: &Options) -> Result<Options, MainError> {
    let preset = job.options.iter().map(OsString::from).collect();
    let variables = Variables::of_process();
    let mut options = cli::parse_recorded(preset, &[words.to_vec()], variables)?;
    options.plan.shuffle_seed = given.plan.shuffle_seed;
    options.plan.selection = given.plan.selection.clone();
    Ok(options)
}

/// The plan's options, in which only this command line selects tests and gives arguments: the runs have the others
/// already.
fn narrowed(options: &Options, given: Options) -> crate::plan::PlanOptions {
    let mut plan = options.plan.clone();
    plan.given = given.plan.given;
    plan.given.environment = Args::new();
    plan
}

/// The runs with their secrets.
///
/// # Errors
/// If this binary lacks some of their tests.
fn listed(
    registry: &'static Registry,
    runs: &[&Run],
    (given, known): (&Options, Known),
    secrets: &Args,
) -> Result<Vec<ListedRun>, RerunError> {
    let selection = &given.plan.selection;
    let mut found: Vec<(&'static Test, &Run)> = Vec::new();
    let mut missing = Vec::new();
    for run in runs {
        match registry.get(&run.test) {
            Some(test) if is_selected(registry, test, selection) => found.push((test, run)),
            None if !is_skipped(&run.test, given) => missing.push(format!("`{}`", run.test)),
            Some(_) | None => {}
        }
    }
    missing.dedup();
    if !missing.is_empty() {
        return Err(RerunError::NoSuchTests(missing.join(", ")));
    }
    let found = found.into_iter();
    let listed = found.map(|(test, run)| ListedRun {
        test,
        operation: run.operation.clone(),
        args: declared(test, run, known).with_secrets(secrets),
    });
    Ok(listed.collect())
}

/// The arguments of a run that its test still takes.
fn declared(test: &Test, run: &Run, known: Known) -> Args {
    let declared = args_for(test, &run.args, known);
    for (name, _) in run.args.iter() {
        if declared.arg(name).is_none() {
            let _ = writeln!(
                io::stderr(),
                "note: `{}` does not take the argument `{name}` any more, which it had in the earlier job",
                run.test
            );
        }
    }
    declared
}

/// `true` if a test that the binary lacks is not selected anyway.
fn is_skipped(id: &str, given: &Options) -> bool {
    let selection = &given.plan.selection;
    let matches = |filter: &String| match selection.exact {
        true => id == filter,
        false => id.contains(filter.as_str()),
    };
    let is_named = selection.filters.is_empty() || selection.filters.iter().any(matches);
    !is_named || selection.skip.iter().any(matches)
}

fn refuse_unknown_secrets(plan: &Plan) -> Result<(), ResumeError> {
    for run in plan.runs.iter() {
        if let Some(name) = run.args.unknown_secret() {
            return Err(ResumeError::secret(name));
        }
    }
    Ok(())
}

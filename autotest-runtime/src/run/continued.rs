//! `--results DIR --continue`: one command line that begins a job, continues it, and then tells how it ended.
//!
//! For whatever starts a command again until it has ended: a service, an init script. An engine that starts a job again
//! says so by a variable, as Slurm of a job that it requeued; then the flag is not needed. One that only repeats a
//! command (nextest, a retry of CI) says nothing, and wants the tests to run again.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use autotest_core::{Arg, Args, JobStart, excerpt};
use autotest_report::{JobResult, Replay, Summary, journal};

use super::{MainError, params};
use crate::cli::{self, Options};
use crate::engine::Variables;
use crate::exec;
use crate::exit::Exit;
use crate::registry::{Registry, variable_of};
use crate::results;

/// Flags that may be added to the command line, or spelled in another way, without making it another.
const WITHOUT_MEANING: &[&str] = &["continue", "results"];

/// Why a job cannot be continued.
#[derive(Debug, thiserror::Error)]
pub(super) enum ContinueError {
    #[error(
        "the job in `{dir}` was started with {there}, and this command line has {here}: give the same arguments, or \
         another directory"
    )]
    OtherArguments {
        dir: String,
        there: String,
        here: String,
    },
}

/// What there is to do for a directory of results.
pub(super) enum Found {
    /// There is no job in it.
    New,
    /// It has a job that is not finished.
    Unfinished {
        dir: PathBuf,
        /// The words of the secrets, which are not on record.
        secrets: Vec<OsString>,
    },
    /// It has a job that ended so.
    Ended(Exit),
}

/// Looks for the job in `dir`.
///
/// # Errors
/// If another process writes it, or it has other arguments.
pub(super) fn find(
    registry: &Registry,
    options: &Options,
    args: &[OsString],
    dir: &Path,
) -> Result<Found, MainError> {
    let given = dir;
    let dir = &results::of_job(dir);
    if !dir.join(journal::NAME).exists() {
        return Ok(Found::New);
    }
    let journal = journal::read(dir)?;
    let summary = Summary::of(journal.try_clone()?);
    let Some(job) = &summary.job else {
        remove_begun(dir, &journal)?;
        return Ok(Found::New);
    };
    check_same(registry, options, args, given, job)?;
    let is_over = summary
        .ended
        .is_some_and(|(_, reason)| !exec::is_to_be_continued(&reason));
    tell(given, is_over, options);
    match is_over {
        true => Ok(Found::Ended(exit_of(&journal)?)),
        false => Ok(Found::Unfinished {
            dir: dir.clone(),
            secrets: secrets(registry, args)?,
        }),
    }
}

/// A note of what becomes of the job, if that is not what a new job would do, and of the variable that decides it.
fn tell(dir: &Path, is_over: bool, options: &Options) {
    let variable = options.engine.restarted_by;
    let what = match (is_over, variable) {
        (true, _) => "has ended, so nothing runs",
        (false, Some(_)) => "is continued",
        (false, None) => return,
    };
    let why = variable.map(|variable| format!(", since `{variable}` is set"));
    let (dir, why) = (dir.display(), why.unwrap_or_default());
    let _ = writeln!(io::stderr(), "note: the job in `{dir}` {what}{why}");
}

/// Removes a journal without a record: its supervisor was killed before anything had happened.
fn remove_begun(dir: &Path, journal: &File) -> io::Result<()> {
    let path = dir.join(journal::NAME);
    // Another process may have done so, and begun the job.
    let is_same = fs::metadata(&path)?.ino() == journal.metadata()?.ino();
    match is_same {
        true => fs::remove_file(path),
        false => Ok(()),
    }
}

/// How the binary exits whose job has this journal.
fn exit_of(journal: &File) -> io::Result<Exit> {
    let mut result = JobResult::default();
    Replay::new(journal.try_clone()?)?.for_each(|record| result.record(&record));
    Ok(match result.has_failed() {
        true => Exit::Failed,
        false => Exit::Passed,
    })
}

/// Refuses a command line that is not the job's.
fn check_same(
    registry: &Registry,
    options: &Options,
    args: &[OsString],
    dir: &Path,
    job: &JobStart,
) -> Result<(), MainError> {
    let environment = params::environment(registry, Variables::of_process())?;
    let (there, here) = (
        meaning(&job.argv, &job.options, &job.environment)?,
        meaning(
            &params::recorded(registry, args),
            &params::recorded(registry, &options.preset),
            &environment,
        )?,
    );
    if there == here {
        return Ok(());
    }
    Err(ContinueError::OtherArguments {
        dir: dir.display().to_string(),
        there: shown(&there, &here),
        here: shown(&here, &there),
    }
    .into())
}

/// A command line with its variables, in a form that does not depend on how flags are spelled.
fn meaning(
    line: &[String],
    preset: &[String],
    environment: &Args,
) -> Result<Vec<String>, MainError> {
    let line: Vec<OsString> = line.iter().map(OsString::from).collect();
    let mut words = cli::flags_of(&line, &|flag, _| !WITHOUT_MEANING.contains(&flag))?;
    words.extend(cli::filters_of(&line)?);
    let words = words
        .into_iter()
        .map(|word| word.to_string_lossy().into_owned());
    let variables = environment.iter().map(|(name, arg)| match arg {
        Arg::Text(text) => format!("{}={text}", variable_of(name)),
        Arg::Json(_) | Arg::Secret(_) => variable_of(name),
    });
    Ok(words
        .chain(preset.iter().cloned())
        .chain(variables)
        .collect())
}

/// The words of a command line that another does not have; all if only their order is another.
fn shown(words: &[String], other: &[String]) -> String {
    let only: Vec<&str> = words
        .iter()
        .filter(|word| !other.contains(word))
        .map(String::as_str)
        .collect();
    let is_same = words.len() == other.len() && only.is_empty();
    let shown = match is_same {
        true => words.join(" "),
        false => only.join(" "),
    };
    match shown.is_empty() {
        true => "no other arguments".to_owned(),
        false => format!("`{}`", excerpt(&shown)),
    }
}

/// The words of the secrets, which are not on record.
fn secrets(registry: &Registry, args: &[OsString]) -> Result<Vec<OsString>, MainError> {
    let params = cli::flags_of(args, &|flag, _| flag == "param")?;
    let is_secret = |word: &OsString| {
        let param = word.to_str().and_then(|word| word.strip_prefix("--param="));
        let name = param.and_then(|param| param.split_once('='));
        name.is_some_and(|(name, _)| registry.is_secret(name))
    };
    Ok(params.into_iter().filter(is_secret).collect())
}

//! `--results DIR --continue`: the same command line begins a job, continues it, and finally reports how it ended.
//!
//! It is meant for programs that start a command again until it has ended, such as a service or an init script. An
//! engine that restarts a job sets a variable, like Slurm for a requeued job; then the flag is not needed. Programs
//! that only repeat a command (nextest, a retry of CI) set none, and expect the tests to run again.

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

/// Flags that may be added to the command line or spelled differently.
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

/// The state of a results directory.
pub(super) enum Found {
    /// It contains no job.
    New,
    /// It contains an unfinished job.
    Unfinished {
        dir: PathBuf,
        /// The arguments with secrets, which are not recorded.
        secrets: Vec<OsString>,
    },
    /// It contains a job that ended with this exit code.
    Ended(Exit),
}

/// Looks for the job in `dir`.
///
/// # Errors
/// If another process is writing the job, or it was started with other arguments.
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
            secrets: secrets(registry, &options.preset, args)?,
        }),
    }
}

/// Prints a note about the job, unless it does what a new job would do, and about the variable that decides it.
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

/// Removes a journal without records: its supervisor was killed before anything happened.
fn remove_begun(dir: &Path, journal: &File) -> io::Result<()> {
    let path = dir.join(journal::NAME);
    // Another process may have removed it, and begun the job.
    let is_same = fs::metadata(&path)?.ino() == journal.metadata()?.ino();
    match is_same {
        true => fs::remove_file(path),
        false => Ok(()),
    }
}

/// The exit code of the job with this journal.
fn exit_of(journal: &File) -> io::Result<Exit> {
    let mut result = JobResult::default();
    Replay::new(journal.try_clone()?)?.for_each(|record| result.record(&record));
    Ok(match result.has_failed() {
        true => Exit::Failed,
        false => Exit::Passed,
    })
}

/// Refuses a command line that differs from the job's.
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

/// Normalises a command line with its variables, independently of the spelling of flags.
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

/// The words of a command line that the other lacks; all words if only their order differs.
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

/// The arguments with secrets, which are not recorded: those of `AUTOTEST_OPTIONS`, then those of the command line.
fn secrets(
    registry: &Registry,
    preset: &[OsString],
    args: &[OsString],
) -> Result<Vec<OsString>, MainError> {
    let mut params = cli::flags_of(preset, &|flag, _| flag == "param")?;
    params.extend(cli::flags_of(args, &|flag, _| flag == "param")?);
    let is_secret = |word: &OsString| {
        let param = word.to_str().and_then(|word| word.strip_prefix("--param="));
        let name = param.and_then(|param| param.split_once('='));
        name.is_some_and(|(name, _)| registry.is_secret(name))
    };
    Ok(params.into_iter().filter(is_secret).collect())
}

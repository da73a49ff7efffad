//! The state that a host needs to take up a run again, in a file beside its results.

use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::write_private::write_private;

/// The name of the file.
const NAME: &str = ".autotest-run.json";

/// The name of the file that the process which follows the run keeps locked.
const LOCK: &str = ".autotest-run.lock";

/// The directory with the results of each job, if a run has several.
pub(crate) const TARGETS: &str = ".targets";

/// The version of the file's format.
const VERSION: u32 = 1;

/// A run on one or more targets.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RunState {
    version: u32,
    /// The suite, package or binary, as the command line named it.
    pub(crate) what: String,
    /// Whether the targets share the tests, rather than each running all.
    pub(crate) is_sharded: bool,
    pub(crate) jobs: Vec<TargetJob>,
}

/// The job of a target.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TargetJob {
    /// The name of the target.
    pub(crate) target: String,
    /// The name or address by which the target can be found again.
    pub(crate) on: String,
    /// The directory of its results, if there are several.
    pub(crate) dir: String,
    /// The flags with which the suite is started.
    pub(crate) args: Vec<String>,
    /// The journal of an earlier job, of which some tests run again.
    pub(crate) earlier: Option<PathBuf>,
    /// The directory of the lost job whose tests this one has taken over.
    pub(crate) instead_of: Option<String>,
    pub(crate) job: RemoteJob,
    pub(crate) progress: Progress,
}

/// A job on a target.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RemoteJob {
    pub(crate) id: String,
    /// The directory on the target for all files of autotest.
    pub(crate) directory: String,
    /// The directory of the suite, below `suites`.
    pub(crate) suite: String,
    /// The path of the executable below that.
    pub(crate) executable: String,
    /// The number of times that the job was resumed.
    pub(crate) life: u32,
}

/// The progress of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Progress {
    /// It has been started, or will be.
    Running,
    /// It ended, and its results are here.
    Ended { code: i32 },
    /// Its target is lost.
    Lost { reason: String },
}

/// An error about the state of a run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateError {
    #[error(
        "`{path}` is no run on a target: name the results directory of `cargo autotest run`",
        path = .0.display()
    )]
    NoRun(PathBuf),
    #[error("failed to read `{path}`: {error}", path = .0.display(), error = .1)]
    Unreadable(PathBuf, String),
    #[error("`{path}` is of a newer version of cargo-autotest; use that", path = .0.display())]
    Newer(PathBuf),
    #[error("another process follows this run; end it first, or wait")]
    Locked,
    #[error("failed to write `{path}`: {error}", path = .0.display(), error = .1)]
    Write(PathBuf, io::Error),
}

impl RunState {
    pub(super) fn new(what: &str, is_sharded: bool) -> RunState {
        RunState {
            version: VERSION,
            what: what.to_owned(),
            is_sharded,
            jobs: Vec::new(),
        }
    }

    /// Checks that a directory has a run.
    ///
    /// # Errors
    /// If it has none.
    pub(super) fn check(dir: &Path) -> Result<(), StateError> {
        match dir.join(NAME).is_file() {
            true => Ok(()),
            false => Err(StateError::NoRun(dir.to_owned())),
        }
    }

    /// Whether a job needs no session any more: it has ended, or another has taken over its tests.
    pub(super) fn is_over(&self, index: usize) -> bool {
        let has_ended = matches!(self.jobs[index].progress, Progress::Ended { .. });
        has_ended || self.is_taken_over(index)
    }

    /// Reads the state of a run.
    ///
    /// # Errors
    /// If the directory has none, or it cannot be read.
    pub(crate) fn read(dir: &Path) -> Result<RunState, StateError> {
        let path = dir.join(NAME);
        let text = match fs_err::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(StateError::NoRun(dir.to_owned()));
            }
            read => read.map_err(|e| StateError::Unreadable(path.clone(), e.to_string()))?,
        };
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let unreadable = |e: serde_json::Error| StateError::Unreadable(path.clone(), e.to_string());
        let Versioned { version } = serde_json::from_str(&text).map_err(unreadable)?;
        if version > VERSION {
            return Err(StateError::Newer(path));
        }
        serde_json::from_str(&text).map_err(unreadable)
    }

    /// Writes the state, whole or not at all, and readable only by its owner, since flags may contain secrets.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn write(&self, dir: &Path) -> Result<(), StateError> {
        let path = dir.join(NAME);
        let json = serde_json::to_string_pretty(self).unwrap_or_default() + "\n";
        write_private(&path, json.as_bytes()).map_err(|error| StateError::Write(path, error))
    }

    /// The names of the targets, in the order of the jobs.
    pub(super) fn names(&self) -> Vec<String> {
        self.jobs.iter().map(|job| job.target.clone()).collect()
    }

    /// Whether another job has taken over the tests of this one.
    pub(super) fn is_taken_over(&self, index: usize) -> bool {
        let dir = &self.jobs[index].dir;
        let mut jobs = self.jobs.iter();
        jobs.any(|job| job.instead_of.as_ref() == Some(dir))
    }

    /// The target whose tests a job ran: its own, or the one whose tests it took over.
    pub(super) fn target_of_tests(&self, index: usize) -> &str {
        let mut job = &self.jobs[index];
        while let Some(lost) = &job.instead_of {
            match self.jobs.iter().find(|other| other.dir == *lost) {
                Some(lost) => job = lost,
                None => break,
            }
        }
        &job.target
    }

    /// An unused name for the directory of a new job on a target.
    pub(super) fn new_dir(&self, target: &str) -> String {
        let is_free = |dir: &String| self.jobs.iter().all(|job| job.dir != *dir);
        let further = (2..).map(|number| format!("{target}-{number}"));
        let mut names = std::iter::once(target.to_owned()).chain(further);
        names.find(is_free).unwrap_or_default()
    }

    /// The directory with the results of a job.
    pub(crate) fn jobdir(&self, dir: &Path, index: usize) -> PathBuf {
        match self.jobs.as_slice() {
            [_] => dir.to_owned(),
            jobs => dir.join(TARGETS).join(&jobs[index].dir),
        }
    }
}

/// Keeps other processes from following the run, as long as the file is open.
///
/// # Errors
/// If another process follows it, or the file cannot be made.
pub(super) fn lock(dir: &Path) -> Result<File, StateError> {
    let path = dir.join(LOCK);
    let failed = |error| StateError::Write(path.clone(), error);
    let mut options = File::options();
    let file = options.create(true).truncate(false).write(true).open(&path);
    let mut file = file.map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {
            let _ = writeln!(file, "{}", std::process::id());
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => Err(StateError::Locked),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

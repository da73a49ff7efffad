//! What runners and lab engines say through variables: Bazel, Slurm and nextest.
//!
//! Their variables are known here and nowhere else. An engine counts only where its own mark is set:
//! names like `TEST_TMPDIR` are anybody's.

mod bazel;
mod nextest;
mod slurm;
mod variables;

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;
use std::{fs, io};

use crate::plan::Shard;
pub(crate) use nextest::{Nextest, is_under_nextest};
pub(crate) use variables::Variables;

/// What the engine that started this process says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Engine {
    /// A part of the names of the tests to run; narrows what the command line selects.
    pub(crate) filter: Option<String>,
    /// The variable that says which part of the tests this is, if one of an engine's does.
    pub(crate) sharded_by: Option<&'static str>,
    pub(crate) fail_fast: bool,
    /// When the engine ends the job, with time left before that for the reports.
    pub(crate) job_timeout: Option<Duration>,
    /// What is kept of the job: its results go there.
    pub(crate) outputs: Option<PathBuf>,
    /// Where JUnit's document goes.
    pub(crate) junit: Option<PathBuf>,
    /// Where temporary directories are made.
    pub(crate) tmp: Option<PathBuf>,
    /// A file to touch, which says that this binary knows shards.
    shard_status_file: Option<PathBuf>,
    /// A file that is there as long as the job is not over.
    premature_exit_file: Option<PathBuf>,
    /// This process is one test of a run of nextest.
    pub(crate) nextest: Option<Nextest>,
}

/// An engine's variable that cannot be meant so.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EngineError {
    #[error("`{variable}` is `{}`, but an engine gives {expected} there; unset it", autotest_core::excerpt(.given))]
    Value {
        variable: &'static str,
        given: String,
        expected: &'static str,
    },
    #[error(
        "the tasks of this Slurm array can not be told by position ({}): say which part of the \
         tests this is with `--shard i/n`, or `--shard 1/1` for all of them",
        autotest_core::excerpt_ends(.said)
    )]
    SlurmArray { said: String },
    #[error("failed to create `{path}`, which `{variable}` names: {error}", path = path.display())]
    Create {
        variable: &'static str,
        path: PathBuf,
        error: io::Error,
    },
}

impl Engine {
    /// # Errors
    /// If a variable has a value that its engine would not give.
    pub(crate) fn read(variables: Variables<'_>) -> Result<Engine, EngineError> {
        let mut engine = Engine {
            nextest: nextest::read(variables),
            ..Engine::default()
        };
        bazel::read(&mut engine, variables)?;
        Ok(engine)
    }

    /// Leaves the files that the engine wants to see while the job is on.
    ///
    /// # Errors
    /// If one of them cannot be made.
    pub(crate) fn sign_on(&self) -> Result<(), EngineError> {
        let files = [
            (bazel::SHARD_STATUS_FILE, &self.shard_status_file),
            (bazel::PREMATURE_EXIT_FILE, &self.premature_exit_file),
        ];
        for (variable, path) in files {
            if let Some(path) = path {
                File::create(path).map_err(|error| EngineError::Create {
                    variable,
                    path: path.clone(),
                    error,
                })?;
            }
        }
        Ok(())
    }

    /// The job came to an orderly end, whatever its tests said.
    pub(crate) fn sign_off(&self) {
        if let Some(path) = &self.premature_exit_file {
            let _ = fs::remove_file(path);
        }
    }
}

/// Which part of the tests this is, and the variable that says so: of several engines the innermost.
///
/// # Errors
/// If an engine has parts, and which one this is cannot be told.
pub(crate) fn shard(
    variables: Variables<'_>,
) -> Result<Option<(Shard, &'static str)>, EngineError> {
    match bazel::shard(variables)? {
        Some(shard) => Ok(Some(shard)),
        None => slurm::shard(variables),
    }
}

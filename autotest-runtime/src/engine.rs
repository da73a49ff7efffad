//! The environment variables of runners and lab engines: Bazel, Slurm, Kubernetes, GNU parallel, Avocado and nextest.
//! docs/engines.md tells their users about the effects.
//!
//! Only this module knows them. An engine's variables count only if its marker variable is set, since any program may
//! use names like `TEST_TMPDIR`.

mod avocado;
mod bazel;
mod commit;
mod counted;
mod nextest;
mod slurm;
mod variables;

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;
use std::{fs, io};

use crate::plan::Shard;
pub(crate) use commit::commit;
pub(crate) use counted::unsharded;
pub(crate) use nextest::{Nextest, is_under_nextest};
pub(crate) use slurm::is_under_slurm;
pub(crate) use variables::Variables;

/// The settings from the engine that started this process.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Engine {
    /// Only tests whose name contains this text are run; it narrows the selection of the command line.
    pub(crate) filter: Option<String>,
    /// The engine's variable that chose the shard, if one did.
    pub(crate) sharded_by: Option<&'static str>,
    pub(crate) fail_fast: bool,
    /// The engine's time limit for the job, less some time to write the reports.
    pub(crate) job_timeout: Option<Duration>,
    /// The directory for results, which the engine keeps.
    pub(crate) outputs: Option<PathBuf>,
    /// The path of the JUnit document.
    pub(crate) junit: Option<PathBuf>,
    /// The directory for temporary directories.
    pub(crate) tmp: Option<PathBuf>,
    /// `true` if this process must end when its parent ends, since that is how the engine ends it.
    pub(crate) ends_with_parent: bool,
    /// The variable by which the engine says that it restarted this job, if it did.
    pub(crate) restarted_by: Option<&'static str>,
    /// A file to create; it tells the engine that this binary supports shards.
    shard_status_file: Option<PathBuf>,
    /// A file that must exist while the job is running.
    premature_exit_file: Option<PathBuf>,
    /// Set if nextest started this process for one test.
    pub(crate) nextest: Option<Nextest>,
}

/// An engine's variable with an impossible value, or an engine's file that cannot be created.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EngineError {
    #[error("`{variable}` is `{}`, but its engine sets it to {expected}; unset it", autotest_core::excerpt(.given))]
    Value {
        variable: &'static str,
        given: String,
        expected: &'static str,
    },
    #[error(
        "the position of this task in its Slurm array is unknown ({}): choose a part of the tests \
         with `--shard i/n`, or all of them with `--shard 1/1`",
        autotest_core::excerpt_ends(.values)
    )]
    SlurmArray { values: String },
    #[error("`AUTOTEST_SHARDS` takes a number of shards from 1, not `{}`", autotest_core::excerpt(.0))]
    Shards(String),
    #[error(
        "`AUTOTEST_SHARDS` takes effect with one of `JOB_COMPLETION_INDEX` and `PARALLEL_SEQ`, which Kubernetes' \
         Indexed Jobs and GNU parallel set: give `--shard i/n`"
    )]
    Unnumbered,
    #[error("failed to create `{path}`, which `{variable}` names: {error}", path = path.display())]
    Create {
        variable: &'static str,
        path: PathBuf,
        error: io::Error,
    },
}

impl Engine {
    /// # Errors
    /// If a variable has a value that its engine would not set.
    pub(crate) fn read(variables: Variables<'_>) -> Result<Engine, EngineError> {
        let mut engine = Engine {
            nextest: nextest::read(variables),
            ..Engine::default()
        };
        bazel::read(&mut engine, variables)?;
        slurm::read(&mut engine, variables)?;
        avocado::read(&mut engine, variables);
        Ok(engine)
    }

    /// Creates the files that the engine expects while the job runs.
    ///
    /// # Errors
    /// If one of them cannot be created.
    pub(crate) fn create_marker_files(&self) -> Result<(), EngineError> {
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

    /// Removes the premature exit file, since the job ended in an orderly way, whether or not its tests passed.
    pub(crate) fn remove_exit_file(&self) {
        if let Some(path) = &self.premature_exit_file {
            let _ = fs::remove_file(path);
        }
    }
}

/// The shard of this process, and the variable that chose it. If there are several engines, the one whose number of
/// shards the user gave takes precedence, then the innermost.
///
/// # Errors
/// If an engine runs the tests in shards, but its variables do not determine which one this is.
pub(crate) fn shard(
    variables: Variables<'_>,
) -> Result<Option<(Shard, &'static str)>, EngineError> {
    for shard in [counted::shard, bazel::shard] {
        if let Some(shard) = shard(variables)? {
            return Ok(Some(shard));
        }
    }
    slurm::shard(variables)
}

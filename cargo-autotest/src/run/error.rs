//! Errors of a target.

use std::io;
use std::path::PathBuf;

use super::copy::CopyError;
use super::job::Exited;
use crate::target::{ConnectError, ShellError};

/// An error in a target's part of a run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TargetError {
    #[error(transparent)]
    Shell(#[from] ShellError),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("no directory on the target can be written{}; name one with `directory` in autotest.toml", of(.0))]
    NoRoom(String),
    #[error("the target is a machine `{machine}` ({system}), and `{label}` is for {architecture}")]
    Architecture {
        machine: String,
        system: String,
        label: String,
        architecture: String,
    },
    #[error(
        "it is not known for which Rust target to build for a machine `{0}`: say it with `triple` in autotest.toml"
    )]
    UnknownMachine(String),
    #[error("failed to read `{path}`: {error}", path = .0.display(), error = .1)]
    Unreadable(PathBuf, io::Error),
    #[error("failed to copy `{path}` to the target{said}", path = .0, said = of(.1))]
    Copy(String, String),
    #[error("`{0}` arrives damaged on the target, however often it is copied")]
    Damaged(String),
    #[error("the target refuses{}", of(.0))]
    Failed(String),
    #[error("failed to start a program: {0}")]
    Start(io::Error),
    #[error("`{command}` failed{said}", command = .0, said = of(.1))]
    HostCommand(String, String),
    /// The user stopped the run.
    #[error("it was ended before it had begun")]
    Stopped,
    #[error("the job cannot be resumed (exit code {}){}", .0.code, of_output(.0))]
    NotResumed(Exited),
    #[error("the job was resumed {0} times without any progress")]
    Stuck(u32),
    #[error(
        "the suite is not on the target any more, so that the job cannot be resumed; run it again"
    )]
    SuiteGone,
    #[error(
        "the job asks for a restart of the target: say how with `reboot` in `[targets.{0}]` of autotest.toml, \
         then attach"
    )]
    NoReboot(String),
    /// The connection broke.
    #[error("{0}")]
    Cut(String),
    #[error("the target does not come back: {0}")]
    Away(String),
    #[error(transparent)]
    Results(#[from] CopyError),
}

impl TargetError {
    /// Whether connecting again can help.
    pub(super) fn is_of_connection(&self) -> bool {
        match self {
            TargetError::Shell(ShellError::Connect(error)) | TargetError::Connect(error) => {
                !error.is_final
            }
            TargetError::Shell(ShellError::Silent(_)) | TargetError::Cut(_) => true,
            _ => false,
        }
    }

    /// The message about a binary that ended without a job.
    pub(super) fn not_begun(exited: &Exited) -> String {
        let (code, output) = (exited.code, of_output(exited));
        format!("the suite did not begin (exit code {code}){output}")
    }

    /// Whether the target is gone, so that others may take over its tests.
    pub(super) fn is_away(&self) -> bool {
        matches!(self, TargetError::Away(_)) || self.is_of_connection()
    }
}

fn of(said: &str) -> String {
    match said {
        "" => String::new(),
        said => format!(": {said}"),
    }
}

fn of_output(exited: &Exited) -> String {
    match exited.output.as_str() {
        "" => String::new(),
        output => format!(":\n{output}"),
    }
}

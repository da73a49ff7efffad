//! Targets: machines on which suites run, each reached through nothing but a POSIX shell.
//!
//! This module must not know what a job is.

mod adb;
mod address;
mod choose;
mod kept;
mod local;
mod qemu;
mod shell;
mod ssh;
mod watchdog;

use std::fmt::Debug;
use std::io;
use std::path::Path;
use std::process::Command;

pub(crate) use choose::{ChooseError, Target, choose};
pub(crate) use qemu::Home;
pub(crate) use shell::{Answer, Running, Shell, ShellError, quoted};

/// Why there is no connection.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct ConnectError {
    pub(crate) reason: String,
    /// Whether the same will happen again, however often it is tried: a wrong key, an unknown host.
    pub(crate) is_final: bool,
}

/// A way to a shell on a target.
pub(crate) trait Transport: Debug + Send {
    /// Establishes what commands need. Called before the first one and whenever one has failed to come through.
    ///
    /// # Errors
    /// If the target cannot be reached.
    fn connect(&mut self) -> Result<(), ConnectError>;

    /// A program whose standard streams are those of `line`, a command line that the target's shell runs. It leads a
    /// process group of its own: `^C` does not reach it, and it is ended with all that it starts.
    fn command(&self, line: &str) -> Command;

    /// Moves what the transport itself keeps into the directory of the run's results, once there is one.
    ///
    /// # Errors
    /// If it cannot be moved.
    fn settle(&mut self, _results: &Path) -> io::Result<()> {
        Ok(())
    }

    /// Switches a machine off that the transport runs, so that the next `connect` boots it. Returns `false` if it
    /// runs none.
    fn switch_off(&mut self) -> bool {
        false
    }

    /// Called before the last use of the transport, if a machine that it runs shall not just end with it.
    fn part(&mut self, _parting: Parting) {}
}

/// What becomes of a machine that a transport runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parting {
    /// It runs on, and another process finds it.
    Leave,
    /// It ends, and what was written to its disk is not needed any more.
    Discard,
}

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

/// An error when connecting to a target.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct ConnectError {
    pub(crate) reason: String,
    /// Whether another attempt would fail, too, as with a wrong key or an unknown host.
    pub(crate) is_final: bool,
}

/// A way to a shell on a target.
pub(crate) trait Transport: Debug + Send {
    /// Establishes the connection that commands need. Called before the first command, and whenever one has failed to
    /// get through.
    ///
    /// # Errors
    /// If the target cannot be reached.
    fn connect(&mut self) -> Result<(), ConnectError>;

    /// A program that lets the target's shell run the command line `line`, and passes its standard streams on. It leads
    /// its own process group: `^C` does not reach it, and it can be killed with everything that it starts.
    fn command(&self, line: &str) -> Command;

    /// Moves the transport's own files into the directory of the run's results, once there is one.
    ///
    /// # Errors
    /// If it cannot be moved.
    fn settle(&mut self, _results: &Path) -> io::Result<()> {
        Ok(())
    }

    /// Switches off the machine that the transport runs, so that the next `connect` boots it. Returns `false` if it
    /// runs none.
    fn switch_off(&mut self) -> bool {
        false
    }

    /// Called before the last use of the transport, unless a machine that it runs is simply to end with it.
    fn part(&mut self, _parting: Parting) {}
}

/// The fate of a machine that a transport runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parting {
    /// It runs on, and another process can find it.
    Leave,
    /// It ends, and its changes to the disk are not needed any more.
    Discard,
}

//! This machine as a target.

use std::os::unix::process::CommandExt;
use std::process::Command;

use super::{ConnectError, Transport};

/// Runs commands on this machine, in their own process group, so that `^C` does not reach them.
#[derive(Debug)]
pub(super) struct Local;

impl Transport for Local {
    fn connect(&mut self) -> Result<(), ConnectError> {
        Ok(())
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", line]).process_group(0);
        command
    }
}

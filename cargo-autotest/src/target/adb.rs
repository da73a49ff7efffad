//! Android devices, through the Android Debug Bridge.

use std::os::unix::process::CommandExt;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use super::watchdog::Watchdog;
use super::{ConnectError, Transport};

/// Runs commands by `adb shell`.
#[derive(Debug)]
pub(super) struct Adb {
    pub(super) serial: String,
    /// The time for which `adb` may be silent.
    pub(super) silence: Duration,
}

impl Adb {
    fn adb(&self) -> Command {
        let mut command = Command::new("adb");
        command.args(["-s", &self.serial]).process_group(0);
        command
    }

    fn state(&self) -> Result<Output, ConnectError> {
        let failed = |error| ConnectError {
            reason: format!("failed to start `adb`: {error}; is it installed?"),
            is_final: true,
        };
        let mut command = self.adb();
        command.arg("get-state").stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().map_err(failed)?;
        let watchdog = Watchdog::new(&child, self.silence);
        let output = child.wait_with_output().map_err(failed)?;
        match watchdog.said() {
            None => Ok(output),
            Some(said) => Err(ConnectError {
                reason: format!("`adb get-state` does not end: {said}"),
                is_final: false,
            }),
        }
    }
}

impl Transport for Adb {
    fn connect(&mut self) -> Result<(), ConnectError> {
        let output = self.state()?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(ConnectError {
            reason: said.trim().trim_start_matches("error: ").to_owned(),
            // A device that is missing may be restarting, so only this is final.
            is_final: said.contains("unauthorized"),
        })
    }

    fn command(&self, line: &str) -> Command {
        let mut command = self.adb();
        // No terminal, since its line discipline would change the data.
        command.args(["shell", "-T", line]);
        command
    }
}

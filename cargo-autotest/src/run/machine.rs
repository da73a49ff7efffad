//! Runs commands of the host that restart a target.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::TargetError;
use super::order::{Order, Orders};
use crate::target::Target;

/// The time limit for a command. One that logs in to the machine that it restarts may never end.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a configured shell command, with the target's name and address in its environment. A command that does not end
/// in time is left behind.
///
/// # Errors
/// If it fails.
pub(super) fn run(command: &str, target: &Target, orders: &Orders) -> Result<(), TargetError> {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).process_group(0);
    shell
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    shell.env("AUTOTEST_TARGET", target.name());
    shell.env("AUTOTEST_ADDRESS", target.address.to_string());
    let mut child = shell.spawn().map_err(TargetError::Start)?;
    let start = Instant::now();
    while start.elapsed() < PATIENCE && orders.get() == Order::None {
        match child.try_wait().map_err(TargetError::Start)? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => {
                return Err(TargetError::HostCommand(
                    command.to_owned(),
                    status.to_string(),
                ));
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    }
    Ok(())
}

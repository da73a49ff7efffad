//! Commands of the user.

use std::ffi::CString;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// Calls `sh -c command` and waits for its end. `std::process::Command` would add 30 KB of code.
///
/// # Errors
/// If the command contains a NUL, or no process can be created.
pub(crate) fn shell(command: &str) -> io::Result<ExitStatus> {
    let command = CString::new(command)?;
    // SAFETY: the command ends with a NUL.
    let status = super::check(unsafe { libc::system(command.as_ptr()) })?;
    Ok(ExitStatus::from_raw(status))
}

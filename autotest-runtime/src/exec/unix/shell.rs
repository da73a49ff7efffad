//! Runs shell commands of the user.

use std::ffi::CString;
use std::io;
#[cfg(feature = "sysinfo")]
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

#[cfg(feature = "sysinfo")]
use super::{ChildPid, Forked};

/// Calls `sh -c command` and waits until it ends. `std::process::Command` would add 30 KB of code.
///
/// # Errors
/// If the command contains a NUL, or no process can be created.
pub(crate) fn shell(command: &str) -> io::Result<ExitStatus> {
    let command = CString::new(command)?;
    // SAFETY: the command ends with a NUL.
    let status = super::check(unsafe { libc::system(command.as_ptr()) })?;
    Ok(ExitStatus::from_raw(status))
}

/// Starts `sh -c command` in its own process group. It dies with this process; its standard input and error are `null`.
///
/// # Errors
/// If no process can be created.
#[cfg(feature = "sysinfo")]
pub(in crate::exec) fn start_shell(
    command: &std::ffi::CStr,
    null: &OwnedFd,
    stdout: &OwnedFd,
) -> io::Result<ChildPid> {
    let parent = std::process::id().cast_signed();
    let args = [
        c"sh".as_ptr(),
        c"-c".as_ptr(),
        command.as_ptr(),
        std::ptr::null(),
    ];
    match super::fork()? {
        Forked::Parent(pid) => {
            super::make_group_leader(Some(pid));
            Ok(pid)
        }
        Forked::Child => {
            super::make_group_leader(None);
            let is_ready = super::die_with(parent)
                && super::redirect(null, 0).is_ok()
                && super::redirect(stdout, 1).is_ok()
                && super::redirect(null, 2).is_ok();
            if is_ready {
                // SAFETY: the path and the arguments end with NULs, and their array with a null pointer.
                unsafe { libc::execv(c"/bin/sh".as_ptr(), args.as_ptr()) };
            }
            super::exit_now(127)
        }
    }
}

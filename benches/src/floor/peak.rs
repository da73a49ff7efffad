//! A small process that starts another one and says how much memory that had at its peak.
//!
//! The kernel counts the memory of whoever starts a program as the program's, so that a large process
//! cannot measure a small one.

#![expect(unsafe_code, reason = "wait4 is not in std")]

use std::io;
use std::process::{Command, Stdio};

/// Runs a program with arguments, its output going nowhere. Its peak is in bytes.
pub(crate) fn peak(program: &str, args: &[&str]) -> io::Result<u64> {
    let child = Command::new(program)
        .args(args)
        .stdout(Stdio::null())
        .spawn()?;
    let mut status = 0;
    // SAFETY: rusage is plain old data; wait4 fills both.
    let (waited, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        let pid = child.id().cast_signed();
        (libc::wait4(pid, &raw mut status, 0, &raw mut usage), usage)
    };
    match (waited, status) {
        (-1, _) => Err(io::Error::last_os_error()),
        (_, 0) => {
            let kilobytes = u64::try_from(usage.ru_maxrss).map_err(io::Error::other)?;
            Ok(kilobytes * 1024)
        }
        (_, status) => Err(io::Error::other(format!("it ended with status {status}"))),
    }
}

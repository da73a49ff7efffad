//! The descriptors that the process of a test inherits.

#![expect(unsafe_code, reason = "the calls that std does not have")]

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use super::check;

/// Closes all descriptors from 3 on except `kept`, which become 3, 4 and so on and stay open across exec.
///
/// Allocates nothing: it runs between a fork and an exec.
pub(in crate::exec) fn keep_only<const N: usize>(kept: [OwnedFd; N]) -> io::Result<[OwnedFd; N]> {
    let above = FIRST_KEPT + N as RawFd;
    let mut high = [0; N];
    for (high, fd) in high.iter_mut().zip(&kept) {
        *high = fd.as_raw_fd();
        if *high < above {
            // SAFETY: F_DUPFD takes a descriptor and the least number of the new one.
            *high = check(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_DUPFD, above) })?;
        }
    }
    // From here on other descriptors may have their numbers, so they must not be dropped.
    std::mem::forget(kept);
    for (i, high) in high.into_iter().enumerate() {
        // SAFETY: dup2 takes two descriptors; it closes the second on purpose.
        check(unsafe { libc::dup2(high, FIRST_KEPT + i as RawFd) })?;
    }
    close_range(above.unsigned_abs(), u32::MAX);
    // SAFETY: these descriptors were just made and have no other owner.
    Ok(std::array::from_fn(|i| unsafe {
        OwnedFd::from_raw_fd(FIRST_KEPT + i as RawFd)
    }))
}

/// The first descriptor after standard input, output and error.
const FIRST_KEPT: RawFd = 3;

/// In a process that was executed after [`keep_only`]: takes the kept descriptors, and marks them to be
/// closed on exec. Fails if there are none.
pub(in crate::exec) fn inherited<const N: usize>() -> io::Result<[OwnedFd; N]> {
    for i in 0..N as RawFd {
        // SAFETY: F_SETFD takes a descriptor and a flag, and fails if there is no such descriptor.
        check(unsafe { libc::fcntl(FIRST_KEPT + i, libc::F_SETFD, libc::FD_CLOEXEC) })?;
    }
    // SAFETY: the descriptors were left open for this process; nothing has opened or closed any yet.
    Ok(std::array::from_fn(|i| unsafe {
        OwnedFd::from_raw_fd(FIRST_KEPT + i as RawFd)
    }))
}

/// Marks a descriptor to be closed on exec.
pub(in crate::exec) fn close_on_exec(fd: &OwnedFd) {
    // SAFETY: F_SETFD takes a descriptor and a flag.
    unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) };
}

fn close_range(first: u32, last: u32) {
    if first > last {
        return;
    }
    // SAFETY: the owners of these descriptors never run again in the child, which ends with _exit.
    let closed = unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
    if closed == -1 {
        for fd in first..=last.min(1 << 16) {
            // SAFETY: as above.
            unsafe { libc::close(fd.cast_signed()) };
        }
    }
}

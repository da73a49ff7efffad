//! A process between its fork and its run: it waits until it may begin. Each process does, also one that
//! begins at once.

use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use crate::exec::leaks;
use crate::exec::unix::{self, ChildPid, Gate};

/// What the supervisor has of what connects it with a run's process.
#[derive(Debug)]
pub(super) struct Ours {
    pub(super) channel: OwnedFd,
    pub(super) stdout: OwnedFd,
    pub(super) stderr: OwnedFd,
}

/// A process that waits until its run begins.
#[derive(Debug)]
pub(super) struct Waiting {
    /// The run's.
    pub(super) number: u32,
    pub(super) pid: ChildPid,
    /// When it was made.
    pub(super) since_boot: Duration,
    /// It waits here.
    pub(super) gate: Gate,
    pub(super) ours: Ours,
}

impl Waiting {
    /// Lets it begin.
    pub(super) fn begin(self) -> io::Result<Waiting> {
        match self.gate.open() {
            Ok(()) => Ok(self),
            Err(error) => {
                self.discard();
                Err(error)
            }
        }
    }

    /// Ends it without a run. One that somebody traces may end later, and is reaped then.
    pub(super) fn discard(self) {
        unix::signal_group(self.pid, libc::SIGKILL);
        unix::signal_process(self.pid, libc::SIGKILL);
        leaks::wait_for(self.pid, Instant::now());
        unix::reap(self.pid);
    }
}

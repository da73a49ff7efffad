//! A process between its fork and its run: it waits at its gate. Every process does, even one whose gate
//! opens at once.

use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use crate::exec::leaks;
use crate::exec::unix::{self, ChildPid, Gate};

/// The supervisor's side of its connection with a test's process.
#[derive(Debug)]
pub(super) struct SupervisorSide {
    pub(super) channel: OwnedFd,
    pub(super) stdout: OwnedFd,
    pub(super) stderr: OwnedFd,
}

/// A process that waits at its gate until its run begins.
#[derive(Debug)]
pub(super) struct WaitingProcess {
    /// The number of the run; `None` if it learns that, and its test, when its run begins.
    pub(super) number: Option<u32>,
    pub(super) pid: ChildPid,
    /// When it was forked, as time since boot.
    pub(super) since_boot: Duration,
    /// The gate at which it waits.
    pub(super) gate: Gate,
    pub(super) ours: SupervisorSide,
}

impl WaitingProcess {
    /// Opens the gate.
    pub(super) fn begin(self) -> io::Result<WaitingProcess> {
        match self.gate.open() {
            Ok(()) => Ok(self),
            Err(error) => {
                self.discard();
                Err(error)
            }
        }
    }

    /// Ends the process without a run. A traced process may end later; it is reaped then.
    pub(super) fn discard(self) {
        unix::signal_group(self.pid, libc::SIGKILL);
        unix::signal_process(self.pid, libc::SIGKILL);
        leaks::wait_for(self.pid, Instant::now());
        unix::reap(self.pid);
    }
}

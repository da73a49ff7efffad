//! What a process waits at until it may go on.

#![expect(unsafe_code, reason = "the calls that std does not have")]

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use super::check;

/// So many reads it takes to pass. A signal that comes while the first one waits takes effect behind it,
/// and before the second.
const STEPS: u64 = 2;

/// A gate that one process waits at and another opens, closed on exec.
///
/// Not a pipe or a socket: whoever writes to these is taken to go to sleep, and the reader is woken on the
/// writer's processor, where it takes the writer's time.
#[derive(Debug)]
pub(in crate::exec) struct Gate(File);

impl Gate {
    pub(in crate::exec) fn new() -> io::Result<Gate> {
        let flags = libc::EFD_CLOEXEC | libc::EFD_SEMAPHORE;
        // SAFETY: eventfd takes a number and flags; the new descriptor is ours alone.
        let fd = unsafe { OwnedFd::from_raw_fd(check(libc::eventfd(0, flags))?) };
        Ok(Gate::from(fd))
    }

    pub(in crate::exec) fn open(&self) -> io::Result<()> {
        (&self.0).write_all(&STEPS.to_ne_bytes())
    }

    /// Whether somebody has gone through since it was opened: it is shut behind them. Who was sent a
    /// signal before that, which ends or stops them, has not.
    pub(in crate::exec) fn is_passed(&self) -> bool {
        let mut polled = libc::pollfd {
            fd: self.0.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: poll reads and writes the one entry.
        unsafe { libc::poll(&raw mut polled, 1, 0) == 0 }
    }

    /// Waits until it is open, however long.
    pub(in crate::exec) fn pass(mut self) -> io::Result<()> {
        let mut one = [0; size_of::<u64>()];
        (0..STEPS).try_for_each(|_| self.0.read_exact(&mut one))
    }
}

impl From<OwnedFd> for Gate {
    fn from(fd: OwnedFd) -> Gate {
        Gate(File::from(fd))
    }
}

impl From<Gate> for OwnedFd {
    fn from(gate: Gate) -> OwnedFd {
        gate.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_shut_behind_whoever_passes() {
        let gate = Gate::new().unwrap();
        gate.open().unwrap();
        assert!(!gate.is_passed());
        let same = gate.0.try_clone().unwrap();
        Gate(same).pass().unwrap();
        assert!(gate.is_passed());
    }
}

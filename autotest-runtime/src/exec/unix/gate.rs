//! A gate at which a process waits until another opens it.

#![expect(unsafe_code, reason = "the calls that std does not have")]

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use super::check;

/// How many reads it takes to pass. A signal that arrives during the first read is delivered before the
/// second.
const STEPS: u64 = 2;

/// A gate, closed on exec.
///
/// An eventfd, not a pipe or socket: the kernel expects the writer of a pipe to sleep soon, and wakes the
/// reader on the writer's processor, where they compete.
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

    /// Whether a process has passed since the gate was opened; it is closed after that. A process that was
    /// ended or stopped by a signal before it passed has not passed.
    pub(in crate::exec) fn is_passed(&self) -> bool {
        let mut polled = libc::pollfd {
            fd: self.0.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: poll reads and writes the one entry.
        unsafe { libc::poll(&raw mut polled, 1, 0) == 0 }
    }

    /// Waits until the gate is open, without a timeout.
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

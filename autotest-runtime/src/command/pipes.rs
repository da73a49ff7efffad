//! The pipes from a program's standard output and standard error.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::ioctl_fionbio;

use super::capture::{Capture, Stream};

/// How much is read before somebody else gets a turn, so that a program that never stops writing stops nobody.
const TURN_BYTES: usize = 1 << 20;

/// The pipes that the program, or what it left behind, has not closed.
#[derive(Debug)]
pub(super) struct Pipes(Vec<(Stream, File)>);

impl Pipes {
    /// # Errors
    /// If they cannot be made non-blocking.
    pub(super) fn new(pipes: impl IntoIterator<Item = (Stream, OwnedFd)>) -> io::Result<Pipes> {
        let pipes = pipes.into_iter().map(|(stream, pipe)| {
            ioctl_fionbio(&pipe, true)?;
            Ok((stream, File::from(pipe)))
        });
        pipes.collect::<io::Result<_>>().map(Pipes)
    }

    pub(super) fn are_open(&self) -> bool {
        !self.0.is_empty()
    }

    /// Waits until there is something to read, or `other` is ready, or the time is over. Returns whether `other`
    /// is ready.
    pub(super) fn wait(&self, other: Option<BorrowedFd<'_>>, timeout: Option<Duration>) -> bool {
        let pipes = self.0.iter().map(|(_, pipe)| pipe.as_fd());
        let fds = other.into_iter().chain(pipes);
        let mut fds: Vec<_> = fds
            .map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN))
            .collect();
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        // An error is an interruption by a signal; the caller looks again.
        let ready = poll(&mut fds, timeout.as_ref()).is_ok();
        ready && other.is_some() && !fds[0].revents().is_empty()
    }

    /// Reads what is there.
    pub(super) fn read(&mut self, capture: &mut Capture) {
        let mut buffer = [0; 16 << 10];
        self.0.retain_mut(|(stream, pipe)| {
            let mut left = TURN_BYTES;
            while left > 0 {
                match pipe.read(&mut buffer) {
                    Ok(0) => return false,
                    Ok(count) => {
                        capture.add(*stream, &buffer[..count]);
                        left = left.saturating_sub(count);
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
                }
            }
            true
        });
    }
}

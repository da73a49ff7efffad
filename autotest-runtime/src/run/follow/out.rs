//! Standard output as an unbuffered stream of bytes, which is written completely even if it is non-blocking.

use std::io::{self, Stdout, Write};
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

/// Standard output.
pub(super) struct Out(Stdout);

impl Default for Out {
    fn default() -> Out {
        Out(io::stdout())
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match rustix::io::write(&self.0, bytes) {
                Err(Errno::INTR) => {}
                // Another process that shares standard output has made it non-blocking.
                Err(Errno::AGAIN) => {
                    let mut polled = [PollFd::new(&self.0, PollFlags::OUT)];
                    let _ = poll(&mut polled, None);
                }
                written => return Ok(written?),
            }
        }
    }

    /// Does nothing: there is no buffer.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// `true` if the reader of standard output is gone.
pub(super) fn has_reader_gone(events: PollFlags) -> bool {
    events.intersects(PollFlags::ERR | PollFlags::HUP)
}

/// Standard output, to be polled for the end of its reader.
pub(super) fn polled(stdout: &Stdout) -> PollFd<'_> {
    PollFd::from_borrowed_fd(stdout.as_fd(), PollFlags::empty())
}

//! Standard output and standard error of this process, written without waiting for the reader. A stopped
//! terminal, or a pager that shows its first page, must not delay timeouts or tests.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::rc::Rc;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// How much output of tests may be queued.
const MAX_TEED_BYTES: usize = 1 << 20;

/// How much of the reports' own lines may be queued.
const MAX_BYTES: usize = 16 << 20;

/// How much is collected while lines are held.
const HELD_BYTES: usize = 64 << 10;

/// How much a writable pipe accepts without blocking: PIPE_BUF on Linux.
const PIECE_BYTES: usize = 4096;

/// How much a writable terminal accepts without blocking: Linux calls one writable that has room for 256 bytes, and a
/// line break takes two.
const TERMINAL_PIECE_BYTES: usize = 128;

/// Standard output or standard error. Clones are the same stream.
#[derive(Clone, Debug)]
pub(crate) struct Stream(Rc<RefCell<Queue>>);

#[derive(Debug)]
struct Queue {
    fd: OwnedFd,
    is_terminal: bool,
    /// How much is written at once.
    piece_bytes: usize,
    waiting: VecDeque<u8>,
    /// The number of bytes dropped since the last byte that was queued.
    dropped: u64,
    /// False once the reader has gone away.
    is_read: bool,
    /// Whether lines are collected and written together.
    is_held: bool,
}

impl Stream {
    /// Standard output, without std's buffer: a fork would inherit its unwritten content.
    ///
    /// # Errors
    /// If it is closed.
    pub(crate) fn stdout() -> io::Result<Stream> {
        let stdout = io::stdout();
        Stream::new(stdout.as_fd(), stdout.is_terminal())
    }

    /// Standard error.
    ///
    /// # Errors
    /// If it is closed.
    pub(crate) fn stderr() -> io::Result<Stream> {
        let stderr = io::stderr();
        Stream::new(stderr.as_fd(), stderr.is_terminal())
    }

    fn new(fd: BorrowedFd<'_>, is_terminal: bool) -> io::Result<Stream> {
        let opened_again = is_terminal.then(|| opened_again(fd).ok()).flatten();
        let is_blocking_terminal = is_terminal && opened_again.is_none();
        let fd = match opened_again {
            Some(fd) => fd,
            None => fd.try_clone_to_owned()?,
        };
        let mode = rustix::fs::fstat(&fd)?.st_mode;
        // A file accepts everything at once.
        let is_file = rustix::fs::FileType::from_raw_mode(mode).is_file();
        let piece_bytes = match is_blocking_terminal {
            true => TERMINAL_PIECE_BYTES,
            false if is_file => MAX_BYTES,
            false => PIECE_BYTES,
        };
        Ok(Stream(Rc::new(RefCell::new(Queue {
            fd,
            is_terminal,
            piece_bytes,
            waiting: VecDeque::new(),
            dropped: 0,
            is_read: true,
            is_held: false,
        }))))
    }

    /// Whether this is a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.0.borrow().is_terminal
    }

    /// Writes the output of a test. If the reader is too slow, some is dropped.
    pub(crate) fn tee(&self, bytes: &[u8]) {
        self.0.borrow_mut().add(bytes, MAX_TEED_BYTES);
    }

    /// The descriptor to poll while something is queued.
    pub(crate) fn waits_for(&self) -> Option<i32> {
        use std::os::fd::AsRawFd;
        let queue = self.0.borrow();
        (!queue.waiting.is_empty()).then(|| queue.fd.as_raw_fd())
    }

    /// Collects lines until [`release`](Stream::release), or until there are many. A replayed report has all
    /// its lines at once, which take fewer writes this way.
    pub(crate) fn hold(&self) {
        self.0.borrow_mut().is_held = true;
    }

    /// Ends [`hold`](Stream::hold), and writes what can be written now.
    pub(crate) fn release(&self) {
        self.0.borrow_mut().is_held = false;
        self.pump();
    }

    /// Writes what can be written now.
    pub(crate) fn pump(&self) {
        self.0.borrow_mut().pump(Wait::No);
    }

    /// Writes everything, waiting for the reader.
    pub(crate) fn drain(&self) {
        self.0.borrow_mut().pump(Wait::ForReader);
    }
}

/// The terminal, opened anew so that writing never blocks: a terminal is writable as soon as there is some room, and a
/// longer write would wait for the rest. The descriptor that this process inherited belongs to others, too, who may not
/// expect another mode. Fails if the terminal belongs to another user, as after `su`.
fn opened_again(terminal: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    use rustix::fs::{Mode, OFlags};
    use std::os::fd::AsRawFd;
    let path = format!("/proc/self/fd/{}", terminal.as_raw_fd());
    let how = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, how, Mode::empty())?)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wait {
    No,
    ForReader,
}

impl Queue {
    fn add(&mut self, bytes: &[u8], most: usize) {
        if !self.is_read {
            return;
        }
        if self.waiting.len() + bytes.len() > most {
            self.dropped += bytes.len() as u64;
        } else {
            if self.dropped > 0 {
                let note = format!("\n[{} bytes were not shown]\n", self.dropped);
                self.waiting.extend(note.as_bytes());
                self.dropped = 0;
            }
            self.waiting.extend(bytes);
        }
        if !self.is_held || self.waiting.len() > HELD_BYTES {
            self.pump(Wait::No);
        }
    }

    fn pump(&mut self, wait: Wait) {
        while !self.waiting.is_empty() && self.is_ready(wait) {
            let (front, _) = self.waiting.as_slices();
            let piece = &front[..front.len().min(self.piece_bytes)];
            match rustix::io::write(&self.fd, piece) {
                Ok(written) => drop(self.waiting.drain(..written)),
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) if wait == Wait::No => return,
                Err(rustix::io::Errno::AGAIN) => {}
                Err(_) => {
                    self.is_read = false;
                    self.waiting = VecDeque::new();
                }
            }
        }
        if self.waiting.is_empty() && self.waiting.capacity() > MAX_TEED_BYTES {
            self.waiting = VecDeque::new();
        }
    }

    fn is_ready(&self, wait: Wait) -> bool {
        let mut fds = [PollFd::new(&self.fd, PollFlags::OUT)];
        let now = Timespec::default();
        let timeout = (wait == Wait::No).then_some(&now);
        match poll(&mut fds, timeout) {
            Ok(count) => count > 0,
            Err(error) => wait == Wait::ForReader && error == rustix::io::Errno::INTR,
        }
    }
}

/// A slow reader is not an error: what exceeds the queue is dropped. Fails only once the reader has gone
/// away.
impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut queue = self.0.borrow_mut();
        if !queue.is_read {
            return Err(ErrorKind::BrokenPipe.into());
        }
        queue.add(bytes, MAX_BYTES);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream into a pipe that is not read yet.
    fn unread() -> (io::PipeReader, Stream) {
        let (reader, writer) = io::pipe().unwrap();
        (reader, Stream::new(writer.as_fd(), false).unwrap())
    }

    #[test]
    fn what_is_not_read_is_dropped_and_told() {
        use std::io::Read;
        let (mut reader, stream) = unread();
        let block = vec![b'x'; MAX_TEED_BYTES / 4];
        (0..8).for_each(|_| stream.tee(&block));
        let mut taken = vec![0; 1 << 19];
        let reading = std::thread::spawn(move || {
            let mut all = Vec::new();
            loop {
                match reader.read(&mut taken).unwrap() {
                    0 => return all,
                    count => all.extend_from_slice(&taken[..count]),
                }
            }
        });
        stream.drain();
        stream.tee(b"end\n");
        stream.drain();
        drop(stream);
        let shown = reading.join().unwrap();
        let shown = String::from_utf8(shown).unwrap();
        assert!(shown.contains(" bytes were not shown]\nend\n"));
        assert!(shown.len() < 6 * block.len(), "{}", shown.len());
    }

    #[test]
    fn a_reader_that_went_away_is_an_error_of_the_next_write() {
        let (reader, mut stream) = unread();
        drop(reader);
        assert!(stream.write(b"lost\n").is_ok());
        assert_eq!(
            stream.write(b"told\n").unwrap_err().kind(),
            ErrorKind::BrokenPipe
        );
    }
}

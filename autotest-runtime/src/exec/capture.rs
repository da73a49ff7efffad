//! Writes the output of a test and its child processes to a file of bounded size.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use autotest_report::Tree;
use rustix::fs::OFlags;

use super::unix;
use crate::screen::Stream;

/// How many bytes are kept of the beginning, and as many of the end.
const HALF: u64 = 4 << 20;

/// Standard output or standard error of a test.
///
/// The file is created with the first byte. Its second half is a ring buffer: if the output is longer than
/// both halves, the middle is dropped, and a line in the file says so.
#[derive(Debug)]
pub(super) struct Capture {
    /// `None` once the other side is closed.
    pipe: Option<OwnedFd>,
    tree: Tree,
    /// Relative to the job's directory.
    path: PathBuf,
    file: Option<File>,
    /// The offset in the file where this output begins, after that of an earlier process of the run.
    base: u64,
    total: u64,
    /// The stream to which the bytes are copied under `--nocapture`.
    tee: Option<Stream>,
    error: Option<io::Error>,
}

impl Capture {
    pub(super) fn new(pipe: OwnedFd, tree: &Tree, path: PathBuf, tee: Option<Stream>) -> Capture {
        Capture {
            pipe: Some(pipe),
            tree: tree.clone(),
            path,
            file: None,
            base: 0,
            total: 0,
            tee,
            error: None,
        }
    }

    /// The descriptor to poll; `None` once the pipe is closed.
    pub(super) fn fd(&self) -> Option<RawFd> {
        self.pipe.as_ref().map(AsRawFd::as_raw_fd)
    }

    /// Reads what is available, at most one buffer. Returns the number of bytes.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> usize {
        let Some(pipe) = &self.pipe else { return 0 };
        match unix::read(pipe.as_fd(), buffer) {
            Ok(Some(0)) | Err(_) => {
                self.pipe = None;
                0
            }
            Ok(None) => 0,
            Ok(Some(count)) => {
                self.keep(&buffer[..count]);
                count
            }
        }
    }

    /// Called after the end of the test: reads what is available. It does not wait for the end of the file,
    /// which a leaked process could delay forever.
    pub(super) fn finish(mut self, buffer: &mut [u8]) -> Option<io::Error> {
        let mut left = self
            .pipe
            .as_ref()
            .map_or(0, |pipe| unix::readable_bytes(pipe.as_fd()));
        while left > 0 {
            let most = buffer.len().min(left);
            match self.read(&mut buffer[..most]) {
                0 => break,
                count => left -= count,
            }
        }
        if self.total > 2 * HALF {
            let unrolled = self.unroll();
            self.error = self.error.or(unrolled.err());
        }
        self.error
    }

    fn keep(&mut self, bytes: &[u8]) {
        if let Some(tee) = &self.tee {
            tee.tee(bytes);
        }
        if self.error.is_none() {
            self.error = self.write(bytes).err();
        }
    }

    fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        if self.file.is_none() {
            let file = self.tree.open_file(&self.path, OFlags::RDWR)?;
            self.base = file.metadata()?.len();
            self.file = Some(file);
        }
        let Some(file) = &self.file else {
            return Ok(());
        };
        while !bytes.is_empty() {
            let (place, room) = place(self.total);
            let most = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
            file.write_all_at(&bytes[..most], self.base + place)?;
            self.total += most as u64;
            bytes = &bytes[most..];
        }
        Ok(())
    }

    /// Puts the ring in order, after a line that says how many bytes are missing.
    fn unroll(&self) -> io::Result<()> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let mut ring = vec![0; usize::try_from(HALF).unwrap_or(0)];
        let ring_at = self.base + HALF;
        file.read_exact_at(&mut ring, ring_at)?;
        let (place, _) = place(self.total);
        let oldest = usize::try_from(place - HALF).unwrap_or(0);
        ring.rotate_left(oldest);
        let note = format!("\n[{} bytes are left out here]\n", self.total - 2 * HALF);
        file.write_all_at(note.as_bytes(), ring_at)?;
        file.write_all_at(&ring, ring_at + note.len() as u64)
    }
}

/// The offset in the file for the byte number `total`, and how many bytes fit there without a gap.
fn place(total: u64) -> (u64, u64) {
    if total < HALF {
        return (total, HALF - total);
    }
    let in_ring = (total - HALF) % HALF;
    (HALF + in_ring, HALF - in_ring)
}

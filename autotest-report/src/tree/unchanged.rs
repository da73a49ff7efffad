//! Files that are in place already, where reports are told everything again: what says the same stays.
//!
//! Nothing but its bytes speaks for a file: not that it is there, not its time, not the boot in which it
//! was written. So whatever a crash, a full disk or a test did to one, it is made again.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

use rustix::fs::{Mode, OFlags};

use super::open_dir;

/// A file in its place, as far as it says what is told.
#[derive(Debug)]
pub(super) struct Unchanged {
    /// Where appended bytes go to its end; it is read by position alone.
    file: File,
    length: u64,
    /// How much of it is the same.
    same: u64,
}

impl Unchanged {
    /// The file at `path` below `job`; one that is missing, or that could not be written as one's own, is
    /// made again.
    pub(super) fn open(job: &OwnedFd, path: &Path) -> Option<Unchanged> {
        let mut dir: Option<OwnedFd> = None;
        for part in path.parent()?.iter() {
            let above = dir.as_ref().unwrap_or(job);
            dir = Some(open_dir(above, part).ok()?);
        }
        let dir = dir.as_ref().unwrap_or(job).as_fd();
        let how = OFlags::RDWR | OFlags::APPEND | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let how = how | OFlags::CLOEXEC;
        let file = rustix::fs::openat(dir, path.file_name()?, how, Mode::empty()).ok()?;
        let file = File::from(file);
        let found = file.metadata().ok()?;
        let is_alone = found.is_file() && found.nlink() == 1;
        is_alone.then(|| Unchanged {
            file,
            length: found.len(),
            same: 0,
        })
    }

    /// Whether it goes on with these bytes.
    pub(super) fn has(&mut self, bytes: &[u8]) -> bool {
        let mut there = vec![0; bytes.len()];
        let is_read = self.file.read_exact_at(&mut there, self.same).is_ok();
        let is_same = is_read && there == bytes;
        if is_same {
            self.same += bytes.len() as u64;
        }
        is_same
    }

    /// Whether there is more than was told.
    pub(super) fn has_more(&self) -> bool {
        self.length > self.same
    }

    /// Copies what is the same.
    pub(super) fn copy_to(&self, mut file: &File) -> io::Result<()> {
        io::copy(&mut (&self.file).take(self.same), &mut file)?;
        Ok(())
    }

    /// The file, to append to; what was not told is cut off.
    pub(super) fn into_file(self) -> io::Result<File> {
        if self.has_more() {
            self.file.set_len(self.same)?;
        }
        Ok(self.file)
    }
}

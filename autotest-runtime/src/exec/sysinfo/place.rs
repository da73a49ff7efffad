//! A directory for collected files.
//!
//! A test may remove it or replace it with a link while it runs. So it is reached through descriptors opened before the
//! test began, no link is followed, and it is created again if it is gone.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags};
use rustix::io::Errno;

const DIRECTORY: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// A directory and its parent.
#[derive(Debug)]
pub(super) struct Place {
    parent: OwnedFd,
    name: String,
    dir: OwnedFd,
}

impl Place {
    /// Opens or creates the directory `name` in the directory `subdir` of a job. All of `subdir` must exist.
    ///
    /// # Errors
    /// If it cannot be opened or created.
    pub(super) fn of(jobdir: &Path, subdir: &str, name: &str) -> io::Result<Place> {
        let mut parent = rustix::fs::openat(CWD, jobdir, DIRECTORY, Mode::empty())?;
        for part in subdir.split('/').filter(|part| !part.is_empty()) {
            parent = rustix::fs::openat(&parent, part, DIRECTORY, Mode::empty())?;
        }
        Place::within(parent, name)
    }

    fn within(parent: OwnedFd, name: &str) -> io::Result<Place> {
        let dir = open_or_make(&parent, name)?;
        let name = name.to_owned();
        Ok(Place { parent, name, dir })
    }

    /// Opens or creates the directory `name` in this one.
    ///
    /// # Errors
    /// If it cannot be opened or created.
    pub(super) fn below(&mut self, name: &str) -> io::Result<Place> {
        self.restore()?;
        Place::within(self.dir.try_clone()?, name)
    }

    /// Creates the directory again if it is no longer in its place.
    fn restore(&mut self) -> io::Result<()> {
        let ours = rustix::fs::fstat(&self.dir)?;
        let there = rustix::fs::statat(&self.parent, &self.name, AtFlags::SYMLINK_NOFOLLOW);
        let is_ours =
            |there: rustix::fs::Stat| (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino);
        if !there.is_ok_and(is_ours) {
            self.dir = open_or_make(&self.parent, &self.name)?;
        }
        Ok(())
    }

    /// Creates a file, replacing any file of this name.
    ///
    /// # Errors
    /// If that is not possible.
    pub(super) fn create(&mut self, name: &str) -> io::Result<File> {
        self.restore()?;
        match self.create_once(name) {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                rustix::fs::fchmod(&self.dir, Mode::from_raw_mode(0o755))?;
                self.create_once(name)
            }
            created => created,
        }
    }

    fn create_once(&self, name: &str) -> io::Result<File> {
        remove(&self.dir, name)?;
        let how =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.dir, name, how, Mode::from_raw_mode(0o644))?;
        Ok(file.into())
    }

    /// Creates a file with this content.
    ///
    /// # Errors
    /// If that is not possible.
    pub(super) fn write(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        io::Write::write_all(&mut self.create(name)?, content)
    }

    /// Waits until the directory's entries and its own name are on disk.
    ///
    /// # Errors
    /// If that is not possible.
    pub(super) fn sync(&self) -> io::Result<()> {
        rustix::fs::fsync(&self.dir)?;
        Ok(rustix::fs::fsync(&self.parent)?)
    }

    /// Creates a symbolic link, replacing any file of this name.
    ///
    /// # Errors
    /// If that is not possible.
    pub(super) fn link(&mut self, name: &str, to: &str) -> io::Result<()> {
        self.restore()?;
        remove(&self.dir, name)?;
        Ok(rustix::fs::symlinkat(to, &self.dir, name)?)
    }

    /// `true` if the directory has an entry of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        rustix::fs::statat(&self.dir, name, AtFlags::SYMLINK_NOFOLLOW).is_ok()
    }
}

/// Opens a directory; creates it if it does not exist, or if it is not a directory.
fn open_or_make(parent: &OwnedFd, name: &str) -> io::Result<OwnedFd> {
    let open = || rustix::fs::openat(parent, name, DIRECTORY, Mode::empty());
    match open() {
        Ok(dir) => return Ok(dir),
        Err(Errno::NOENT) => {}
        Err(Errno::LOOP | Errno::NOTDIR) => remove(parent, name)?,
        Err(error) => return Err(error.into()),
    }
    rustix::fs::mkdirat(parent, name, Mode::from_raw_mode(0o755))?;
    Ok(open()?)
}

/// Removes the entry of this name, unless it is a directory. No file is collected under the name of a directory, so a
/// test created it.
fn remove(dir: &OwnedFd, name: &str) -> io::Result<()> {
    let found = rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW);
    match found.map(|found| FileType::from_raw_mode(found.st_mode)) {
        Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
        Ok(FileType::Directory) => Err(io::Error::other("a directory has its name")),
        Ok(_) => Ok(rustix::fs::unlinkat(dir, name, AtFlags::empty())?),
    }
}

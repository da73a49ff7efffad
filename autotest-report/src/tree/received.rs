//! Files of a job that another machine sends. Their paths are trusted as little as the actions of a test.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, Mode, OFlags};

use super::Tree;
use super::dirs::{make_dir, open_dir};

/// The bits of a mode that are kept: a received file is never set-user-ID.
const PERMISSIONS: u32 = 0o777;

impl Tree {
    /// Creates an empty file, in place of another one or a link. `path` is relative to the job's directory, and
    /// its directories are created.
    ///
    /// # Errors
    /// If it cannot be created, or a link is where a directory should be.
    pub fn receive_file(&self, path: &Path, mode: u32) -> io::Result<File> {
        let (dir, name) = self.receiving(path)?;
        let how = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let file = rustix::fs::openat(dir, name, how, Mode::from_raw_mode(0o600))?;
        // The umask must not change the sender's mode.
        rustix::fs::fchmod(&file, permissions(mode))?;
        Ok(File::from(file))
    }

    /// Creates a symbolic link, in place of another one or a file. It may lead anywhere; a [`Tree`] never follows it.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn receive_link(&self, path: &Path, to: &Path) -> io::Result<()> {
        let (dir, name) = self.receiving(path)?;
        Ok(rustix::fs::symlinkat(to, dir, name)?)
    }

    /// Creates a directory, unless it exists.
    ///
    /// # Errors
    /// If it cannot be created, or a link is in its place.
    pub fn receive_dir(&self, path: &Path) -> io::Result<()> {
        self.open_received(path).map(drop)
    }

    /// Sets the permissions of a directory. Call it once everything in the directory has been received.
    ///
    /// # Errors
    /// If they cannot be changed.
    pub fn set_received_mode(&self, path: &Path, mode: u32) -> io::Result<()> {
        let dir = self.open_received(path)?;
        Ok(rustix::fs::fchmod(dir, permissions(mode))?)
    }

    /// The parent directory of a received entry, with any old entry of that name removed, and the name.
    fn receiving<'p>(&self, path: &'p Path) -> io::Result<(OwnedFd, &'p Path)> {
        let name = path.file_name().map(Path::new);
        let name = name.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        let dir = self.open_received(path.parent().unwrap_or(Path::new("")))?;
        match rustix::fs::unlinkat(&dir, name, AtFlags::empty()) {
            Err(error) if error != rustix::io::Errno::NOENT => Err(error.into()),
            _ => Ok((dir, name)),
        }
    }

    fn open_received(&self, path: &Path) -> io::Result<OwnedFd> {
        let mut dir = self.root()?;
        for part in path.iter() {
            make_dir(&dir, part)?;
            dir = open_dir(&dir, part)?;
        }
        Ok(dir)
    }
}

fn permissions(mode: u32) -> Mode {
    Mode::from_raw_mode(mode & PERMISSIONS)
}

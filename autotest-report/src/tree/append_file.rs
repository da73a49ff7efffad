//! A file of the results tree that is written line by line.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use rustix::fs::OFlags;

use super::Tree;
use super::unchanged::Unchanged;

/// A file of a [`Tree`] to append to.
#[derive(Debug)]
pub struct AppendFile {
    tree: Tree,
    path: PathBuf,
    file: Option<File>,
    /// The file in place, as long as its content matches the replayed bytes.
    unchanged: Option<Unchanged>,
    /// Whether bytes are missing or the file is skipped: nothing is written until it is rebuilt.
    is_lost: bool,
}

impl AppendFile {
    pub(super) fn new(tree: Tree, path: PathBuf, is_owed: bool) -> AppendFile {
        AppendFile {
            tree,
            path,
            file: None,
            unchanged: None,
            is_lost: is_owed,
        }
    }

    /// Appends all bytes or none. Creates the file again if it was removed. After an error, later bytes are
    /// dropped, since readers could not recognise the gap.
    ///
    /// # Errors
    /// If the bytes cannot be written; only the first time.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.is_lost {
            return Ok(());
        }
        let written = self.write_all(bytes);
        self.is_lost = written.is_err();
        written
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.file.is_none() && self.is_unchanged(bytes)? {
            return Ok(());
        }
        let metadata = self.file.as_ref().and_then(|file| file.metadata().ok());
        let is_there = metadata.as_ref().is_some_and(|found| found.nlink() > 0);
        if !is_there {
            if self.file.is_some() {
                self.tree.root.borrow_mut().needs_rebuild = true;
            }
            let how = OFlags::APPEND | OFlags::WRONLY;
            self.file = Some(self.tree.open_file(&self.path, how)?);
        }
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let written = file.write_all(bytes);
        if written.is_err() {
            // Remove a partial line, which could make the whole file unreadable.
            let length = metadata.filter(|_| is_there).map_or(0, |found| found.len());
            let _ = file.set_len(length);
        }
        written
    }

    /// Whether the file in place has these bytes already. Otherwise opens the file to write, with the bytes
    /// that match so far.
    fn is_unchanged(&mut self, bytes: &[u8]) -> io::Result<bool> {
        if !self.tree.is_staged() {
            self.file = self
                .unchanged
                .take()
                .map(Unchanged::into_file)
                .transpose()?;
            return Ok(false);
        }
        let unchanged = self
            .unchanged
            .take()
            .or_else(|| self.tree.unchanged(&self.path));
        let Some(mut unchanged) = unchanged else {
            return Ok(false);
        };
        if unchanged.has(bytes) {
            self.unchanged = Some(unchanged);
            return Ok(true);
        }
        self.file = Some(self.stage(&unchanged)?);
        Ok(false)
    }

    /// Creates a staged file with the bytes that match so far.
    fn stage(&self, unchanged: &Unchanged) -> io::Result<File> {
        let how = OFlags::APPEND | OFlags::WRONLY;
        let file = self.tree.open_file(&self.path, how)?;
        unchanged.copy_to(&file)?;
        Ok(file)
    }
}

impl Drop for AppendFile {
    /// The file in place may have more bytes than were replayed; they are cut off.
    fn drop(&mut self) {
        let unchanged = self.unchanged.take();
        let Some(unchanged) = unchanged.and_then(|mut file| file.has_more().then_some(file)) else {
            return;
        };
        let cut = match self.tree.is_staged() {
            true => self.stage(&unchanged),
            false => unchanged.into_file(),
        };
        if let Err(error) = cut {
            let mut root = self.tree.root.borrow_mut();
            root.needs_rebuild = true;
            root.error.get_or_insert(error);
        }
    }
}

impl Write for AppendFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.append(bytes).map(|()| bytes.len())
    }

    /// Does nothing: there is no buffer.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

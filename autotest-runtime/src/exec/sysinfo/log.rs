//! The additions to a log since a test began, even if the log was rotated meanwhile.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;

use super::file;
use super::place::Place;

/// The end of a log at some time. The file stays open, since rotation may rename or remove it.
#[derive(Debug)]
pub(super) struct Mark {
    file: File,
    end: u64,
}

impl Mark {
    /// The current end of a log. `None` if the log does not exist.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn of(path: &str) -> io::Result<Option<Mark>> {
        match file::open(path) {
            Ok(file) => {
                let end = file.metadata()?.len();
                Ok(Some(Mark { file, end }))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The additions to a log: parts of one or two files.
#[derive(Debug, Default)]
pub(super) struct Added {
    parts: Vec<(File, u64, u64)>,
    /// `true` if the log neither exists nor existed before.
    pub(super) is_missing: bool,
    /// `true` if the file became shorter, so that its earlier content is lost.
    pub(super) is_truncated: bool,
}

impl Added {
    /// The additions to a log since `mark`; the whole log without a mark.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub(super) fn since(mark: Option<Mark>, path: &str) -> io::Result<Added> {
        let mut added = Added::default();
        let now = Mark::of(path)?;
        added.is_missing = mark.is_none() && now.is_none();
        if let Some(before) = mark {
            let there = before.file.metadata()?;
            let is_same = match &now {
                Some(now) => same(&now.file, &before.file)?,
                None => false,
            };
            added.is_truncated = there.len() < before.end;
            let start = if added.is_truncated { 0 } else { before.end };
            added.add(before.file, start, there.len());
            if is_same {
                return Ok(added);
            }
        }
        if let Some(now) = now {
            added.add(now.file, 0, now.end);
        }
        Ok(added)
    }

    fn add(&mut self, file: File, start: u64, end: u64) {
        if start < end {
            self.parts.push((file, start, end));
        }
    }

    fn len(&self) -> u64 {
        self.parts.iter().map(|(_, start, end)| end - start).sum()
    }

    /// `true` if there is anything to write or report.
    pub(super) fn is_news(&self) -> bool {
        self.is_truncated || !self.is_empty()
    }

    /// `true` if nothing was added.
    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Writes the last `most` bytes to a file, after a line with the number of bytes left out, if any. Returns that
    /// number.
    ///
    /// # Errors
    /// If a file cannot be read or written.
    pub(super) fn write(&self, place: &mut Place, name: &str, most: u64) -> io::Result<u64> {
        let mut to = place.create(name)?;
        let left_out = self.len().saturating_sub(most);
        if left_out > 0 {
            writeln!(to, "[cut: the first {left_out} bytes are left out]")?;
        }
        let mut skip = left_out;
        for (from, start, end) in &self.parts {
            let skipped = skip.min(end - start);
            skip -= skipped;
            file::copy(from, start + skipped, *end, &mut to)?;
        }
        Ok(left_out)
    }
}

fn same(one: &File, other: &File) -> io::Result<bool> {
    let id = |file: &File| file.metadata().map(|found| (found.dev(), found.ino()));
    Ok(id(one)? == id(other)?)
}

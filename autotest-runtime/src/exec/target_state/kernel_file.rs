//! Files below `/proc` and `/sys`, whose text the kernel generates when they are read.

use std::fs::{self, DirEntry, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use rustix::fs::{Mode, OFlags, openat};

/// Enough for most of the longer files.
const USUAL_BYTES: usize = 16 << 10;

/// Larger than any value: the longest ones are paths.
const VALUE_BYTES: usize = 4096;

/// The text of a file; what is not UTF-8, such as a part of a path, is replaced.
///
/// The kernel may generate the whole text again for every read, so few long reads are faster than many short ones.
pub(super) fn text(path: &str) -> io::Result<String> {
    let mut text = Vec::with_capacity(USUAL_BYTES);
    File::open(path)?.read_to_end(&mut text)?;
    let lossy = |error: std::string::FromUtf8Error| {
        let text = String::from_utf8_lossy(error.as_bytes());
        text.into_owned()
    };
    Ok(String::from_utf8(text).unwrap_or_else(lossy))
}

/// What was read; `None` if it does not exist on this target, or this user may not read it.
pub(super) fn if_any<T>(read: io::Result<T>) -> io::Result<Option<T>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) => match error.kind() {
            ErrorKind::NotFound | ErrorKind::PermissionDenied => Ok(None),
            _ => Err(error),
        },
    }
}

/// The entries of a directory, at most `most`; none if it does not exist, or this user may not read it.
pub(super) fn entries(dir: impl AsRef<Path>, most: usize) -> io::Result<Vec<DirEntry>> {
    let entries = fs::read_dir(dir).and_then(|entries| entries.take(most).collect());
    Ok(if_any(entries)?.unwrap_or_default())
}

/// A directory of values. They are opened relative to it, which saves the kernel the path lookup from the root.
#[derive(Debug)]
pub(super) struct Values(File);

impl Values {
    pub(super) fn below(dir: &str) -> io::Result<Values> {
        File::open(dir).map(Values)
    }

    /// The value of a file, trimmed; `None` if there is no such file, or this user may not read it.
    pub(super) fn get(&self, name: &str) -> io::Result<Option<String>> {
        if_any(self.read(name))
    }

    /// A single read returns all of a value.
    fn read(&self, name: &str) -> io::Result<String> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let file = openat(&self.0, name, flags, Mode::empty())?;
        let mut buffer = [0; VALUE_BYTES];
        let len = rustix::io::read(file, &mut buffer)?;
        let value = String::from_utf8_lossy(&buffer[..len]);
        Ok(value.trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_read_is_an_error_and_other_bytes_are_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file").display().to_string();
        assert!(text(&path).is_err());
        assert_eq!(if_any(text(&path)).unwrap(), None);
        fs::write(&path, "a\n".repeat(USUAL_BYTES)).unwrap();
        assert_eq!(text(&path).unwrap().lines().count(), USUAL_BYTES);
        fs::write(&path, b"a\xff\nb").unwrap();
        assert_eq!(text(&path).unwrap(), "a\u{fffd}\nb");
        let below = format!("{path}/below");
        assert!(if_any(text(&below)).is_err());
        assert!(entries(&below, 1).is_err());
        assert_eq!(entries(dir.path().join("absent"), 1).unwrap().len(), 0);
        assert_eq!(entries(dir.path(), 1).unwrap().len(), 1);
    }

    #[test]
    fn a_value_has_no_blanks_around_it() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("below")).unwrap();
        fs::write(dir.path().join("below/value"), "4\t8\n").unwrap();
        let values = Values::below(&dir.path().display().to_string()).unwrap();
        let value = values.get("below/value").unwrap();
        assert_eq!(value.as_deref(), Some("4\t8"));
        assert!(values.get("below").is_err());
        assert_eq!(values.get("other").unwrap(), None);
    }
}

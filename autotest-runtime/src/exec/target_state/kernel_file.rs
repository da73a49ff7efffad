//! Files below `/proc` and `/sys`, whose text the kernel generates when they are read.

use std::fs::File;
use std::io::Read;

use rustix::fs::{Mode, OFlags, openat};

/// Enough for most of the longer files.
const USUAL_BYTES: usize = 16 << 10;

/// Larger than any value: the longest ones are paths.
const VALUE_BYTES: usize = 4096;

/// The text of a file; empty if it cannot be read.
///
/// The kernel may generate the whole text again for every read, so few long reads are faster than many short ones.
pub(super) fn text(path: &str) -> String {
    let mut text = String::with_capacity(USUAL_BYTES);
    let read = File::open(path).and_then(|mut file| file.read_to_string(&mut text));
    read.map_or_else(|_| String::new(), |_| text)
}

/// A directory of values. They are opened relative to it, which saves the kernel the path lookup from the root.
#[derive(Debug)]
pub(super) struct Values(File);

impl Values {
    pub(super) fn below(dir: &str) -> Option<Values> {
        File::open(dir).ok().map(Values)
    }

    /// The value of a file, trimmed. A single read returns all of it.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let file = openat(&self.0, name, flags, Mode::empty()).ok()?;
        let mut buffer = [0; VALUE_BYTES];
        let len = rustix::io::read(file, &mut buffer).ok()?;
        let value = str::from_utf8(&buffer[..len]).ok()?;
        Some(value.trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_that_cannot_be_read_is_empty() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file").display().to_string();
        assert_eq!(text(&path), "");
        fs::write(&path, "a\n".repeat(USUAL_BYTES)).unwrap();
        assert_eq!(text(&path).lines().count(), USUAL_BYTES);
        fs::write(&path, b"a\xff").unwrap();
        assert_eq!(text(&path), "");
    }

    #[test]
    fn a_value_has_no_blanks_around_it() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("below")).unwrap();
        fs::write(dir.path().join("below/value"), "4\t8\n").unwrap();
        let values = Values::below(&dir.path().display().to_string()).unwrap();
        assert_eq!(values.get("below/value").as_deref(), Some("4\t8"));
        assert_eq!(values.get("below"), None);
        assert_eq!(values.get("other"), None);
    }
}

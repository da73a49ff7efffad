//! A file of `/proc` or `/sys` that stays open: the kernel generates its text again whenever it is read from the
//! beginning.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// The limit on the length of a text.
const MAX_BYTES: usize = 4 << 20;

/// An open file and a buffer for its text.
#[derive(Debug)]
pub(super) struct Reread {
    file: File,
    text: Vec<u8>,
}

impl Reread {
    pub(super) fn open(path: impl AsRef<Path>) -> io::Result<Reread> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {error}", path.display()))
        })?;
        let text = vec![0; 4096];
        Ok(Reread { file, text })
    }

    /// The current text of the file. `None` if it can no longer be read.
    pub(super) fn read(&mut self) -> Option<&[u8]> {
        let length = read_whole(&self.file, &mut self.text).ok()?;
        Some(&self.text[..length])
    }
}

/// Reads a file from the beginning into a buffer, which grows as needed. Returns the length of the text.
pub(super) fn read_whole(file: &File, text: &mut Vec<u8>) -> io::Result<usize> {
    let mut length = 0;
    loop {
        if length == text.len() {
            text.resize((2 * text.len()).max(1024), 0);
        }
        match file.read_at(&mut text[length..], length as u64) {
            Ok(0) => return Ok(length),
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if length >= MAX_BYTES {
            return Ok(length);
        }
    }
}

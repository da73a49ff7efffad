//! Reads files whose paths may turn out to be anything.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

/// The number of bytes to copy at once.
const PIECE_BYTES: usize = 64 << 10;

/// Opens a regular file. Never waits for the writer of a pipe, or opens a device.
///
/// # Errors
/// If there is no such file, or it cannot be read.
pub(super) fn open(path: &str) -> io::Result<File> {
    let refused = || io::Error::other("it is not a regular file");
    if !fs::metadata(path)?.is_file() {
        return Err(refused());
    }
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(refused()),
    }
}

/// `true` if the kernel generates the file when it is read, so that it has no size and does not grow.
pub(super) fn is_made_by_kernel(path: &str) -> bool {
    let real = fs::canonicalize(path);
    let real = real.as_deref().unwrap_or(Path::new(path));
    real.starts_with("/proc") || real.starts_with("/sys")
}

/// Reads a file from the beginning, at most `most` bytes. Returns `true` beside the content if that is complete.
///
/// # Errors
/// If it cannot be read.
pub(super) fn read(path: &str, most: u64) -> io::Result<(Vec<u8>, bool)> {
    let mut content = Vec::new();
    open(path)?.take(most + 1).read_to_end(&mut content)?;
    let is_all = content.len() as u64 <= most;
    content.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok((content, is_all))
}

/// Copies the bytes between two offsets of a file.
///
/// # Errors
/// If it cannot be read or written.
pub(super) fn copy(from: &File, mut start: u64, end: u64, to: &mut File) -> io::Result<()> {
    let mut piece = vec![0; PIECE_BYTES];
    while start < end {
        let most = usize::try_from(end - start).unwrap_or(PIECE_BYTES);
        let most = most.min(PIECE_BYTES);
        let count = from.read_at(&mut piece[..most], start)?;
        if count == 0 {
            break;
        }
        to.write_all(&piece[..count])?;
        start += count as u64;
    }
    Ok(())
}

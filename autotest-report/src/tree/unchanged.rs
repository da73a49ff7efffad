//! Compares files in place with replayed bytes, so that unchanged files are not written again.
//!
//! Only the bytes count, not the existence of a file, its time, or the boot in which it was written. So a
//! file is written again whatever a crash, a full disk or a test did to it.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::path::Path;

use rustix::fs::{Mode, OFlags, ResolveFlags};

use super::{alone, open_dir};

/// How much of a file is read at once; most files are shorter and need one call.
const PIECE_BYTES: usize = 4096;

/// A file in place, and how many of its bytes match the replay.
#[derive(Debug)]
pub(super) struct Unchanged {
    /// Only read by position.
    file: File,
    /// Bytes of the file, starting at `read_at`.
    piece: Vec<u8>,
    read_at: u64,
    /// The number of bytes that match, from the beginning.
    same: u64,
}

impl Unchanged {
    /// Opens the file at `path` below `job`. `None` if it is missing, is not a regular file with one link, or
    /// cannot be opened without following a link.
    pub(super) fn open(job: &OwnedFd, path: &Path) -> Option<Unchanged> {
        let how = OFlags::RDWR | OFlags::APPEND | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let mut unchanged = Unchanged {
            file: alone(File::from(open(job, path, how).ok()?)).ok()?,
            piece: Vec::new(),
            read_at: 0,
            same: 0,
        };
        unchanged.read().ok()?;
        Some(unchanged)
    }

    /// Whether the file continues with these bytes.
    pub(super) fn has(&mut self, bytes: &[u8]) -> bool {
        let before = self.same;
        let mut left = bytes;
        while !left.is_empty() {
            let Ok(there) = self.next() else {
                break;
            };
            let count = there.len().min(left.len());
            if count == 0 || there[..count] != left[..count] {
                break;
            }
            left = &left[count..];
            self.same += count as u64;
        }
        if !left.is_empty() {
            self.same = before;
        }
        left.is_empty()
    }

    /// Whether the file has more bytes than were replayed.
    pub(super) fn has_more(&mut self) -> bool {
        self.next().is_ok_and(|there| !there.is_empty())
    }

    /// Copies the bytes that match.
    pub(super) fn copy_to(&self, mut file: &File) -> io::Result<()> {
        let mut at = 0;
        let mut piece = vec![0; PIECE_BYTES];
        while at < self.same {
            let count = self.file.read_at(&mut piece, at)?;
            let count = count.min(usize::try_from(self.same - at).unwrap_or(count));
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            file.write_all(&piece[..count])?;
            at += count as u64;
        }
        Ok(())
    }

    /// The file, to append to, after cutting off bytes that were not replayed.
    ///
    /// # Errors
    /// If it cannot be truncated.
    pub(super) fn into_file(mut self) -> io::Result<File> {
        if self.has_more() {
            self.file.set_len(self.same)?;
        }
        Ok(self.file)
    }

    /// The bytes after those that match; empty at the end of the file.
    fn next(&mut self) -> io::Result<&[u8]> {
        let end = self.read_at + self.piece.len() as u64;
        // A piece that is not full is the last one.
        if self.same < self.read_at || (self.same >= end && self.piece.len() == PIECE_BYTES) {
            self.read()?;
        }
        let from = usize::try_from(self.same - self.read_at).unwrap_or(usize::MAX);
        Ok(self.piece.get(from..).unwrap_or_default())
    }

    fn read(&mut self) -> io::Result<()> {
        self.piece.resize(PIECE_BYTES, 0);
        let count = self.file.read_at(&mut self.piece, self.same)?;
        self.piece.truncate(count);
        self.read_at = self.same;
        Ok(())
    }
}

/// Opens a file without following any link: with `openat2`, or directory by directory if the kernel or an
/// emulator does not support it.
fn open(job: &OwnedFd, path: &Path, how: OFlags) -> io::Result<OwnedFd> {
    let resolve = ResolveFlags::NO_SYMLINKS | ResolveFlags::BENEATH;
    match rustix::fs::openat2(job, path, how, Mode::empty(), resolve) {
        Err(rustix::io::Errno::NOSYS | rustix::io::Errno::PERM) => walk(job, path, how),
        opened => Ok(opened?),
    }
}

fn walk(job: &OwnedFd, path: &Path, how: OFlags) -> io::Result<OwnedFd> {
    let mut dir: Option<OwnedFd> = None;
    for part in path.parent().into_iter().flat_map(Path::iter) {
        let above = dir.as_ref().unwrap_or(job);
        dir = Some(open_dir(above, part)?);
    }
    let dir = dir.as_ref().unwrap_or(job).as_fd();
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    Ok(rustix::fs::openat(
        dir,
        name,
        how | OFlags::NOFOLLOW,
        Mode::empty(),
    )?)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use rustix::fs::CWD;

    use super::*;

    #[test]
    fn bytes_that_do_not_match_take_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let bytes: Vec<u8> = (0..3 * PIECE_BYTES).map(|i| (i / 7 % 251) as u8).collect();
        fs::write(dir.path().join("log"), &bytes).unwrap();
        let job = open_dir(CWD, dir.path()).unwrap();
        let mut unchanged = Unchanged::open(&job, Path::new("log")).unwrap();
        let (first, rest) = bytes.split_at(10);
        assert!(unchanged.has(first));
        // They differ in a later piece of the file.
        let mut other = rest.to_vec();
        *other.last_mut().unwrap() ^= 1;
        assert!(!unchanged.has(&other));
        assert!(unchanged.has_more());
        assert!(unchanged.has(rest));
        assert!(!unchanged.has_more());
        assert!(unchanged.has(b""));
    }

    /// Both ways to open a file.
    #[test]
    fn no_part_of_a_path_is_a_link() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("a/b")).unwrap();
        fs::write(dir.path().join("a/b/log"), "").unwrap();
        symlink("b", dir.path().join("a/link")).unwrap();
        symlink("log", dir.path().join("a/b/link")).unwrap();
        let job = open_dir(CWD, dir.path()).unwrap();
        for open in [open, walk] {
            let opens = |path| open(&job, Path::new(path), OFlags::RDWR).is_ok();
            assert!(opens("a/b/log"));
            assert!(!opens("a/link/log"));
            assert!(!opens("a/b/link"));
            assert!(!opens("a/b/missing"));
        }
    }
}

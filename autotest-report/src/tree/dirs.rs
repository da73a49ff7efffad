//! Operations on directories by descriptor, without following links.
//!
//! This module must not know their content.

use std::ffi::{CStr, OsStr};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Dir, Mode, OFlags};

pub(super) fn open_dir(dir: impl AsFd, path: impl AsRef<Path>) -> io::Result<OwnedFd> {
    let how = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(dir, path.as_ref(), how, Mode::empty())?)
}

pub(super) fn make_dir(dir: impl AsFd, name: impl AsRef<Path>) -> io::Result<()> {
    let made = rustix::fs::mkdirat(dir, name.as_ref(), Mode::from_raw_mode(0o755));
    match made {
        Err(rustix::io::Errno::EXIST) => Ok(()),
        made => Ok(made?),
    }
}

/// Creates a file with a unique name in the same directory.
pub(super) fn create_beside(dir: &OwnedFd, name: &Path) -> io::Result<(File, PathBuf)> {
    const TRIED: u32 = 1000;
    // A new file is never behind a link.
    let how = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let mut number = 0;
    loop {
        let temporary = PathBuf::from(format!(".{}.{number}", name.display()));
        match rustix::fs::openat(dir, &temporary, how, Mode::from_raw_mode(0o644)) {
            Err(rustix::io::Errno::EXIST) if number < TRIED => number += 1,
            opened => return Ok((File::from(opened?), temporary)),
        }
    }
}

/// Moves each file below `from` to the same relative path below `to`.
pub(super) fn move_files(from: impl AsFd, to: &OwnedFd) -> io::Result<()> {
    let mut first_error = Ok(());
    for entry in Dir::read_from(&from)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        let moved = move_entry(from.as_fd(), to, name);
        first_error = first_error.and(moved);
    }
    first_error
}

fn move_entry(from: impl AsFd, to: &OwnedFd, name: &CStr) -> io::Result<()> {
    let path = Path::new(OsStr::from_bytes(name.to_bytes()));
    match open_dir(&from, path) {
        Ok(below) => {
            make_dir(to, path)?;
            move_files(below, &open_dir(to, path)?).map_err(|error| {
                let shown = error.to_string();
                let (kind, path) = (error.kind(), path.display());
                match shown.strip_prefix('`') {
                    Some(rest) => io::Error::new(kind, format!("`{path}/{rest}")),
                    None => io::Error::new(kind, format!("`{path}`: {shown}")),
                }
            })
        }
        Err(_) => rustix::fs::renameat(from, path, to, path).map_err(|error| {
            let (error, path) = (io::Error::from(error), path.display());
            io::Error::new(error.kind(), format!("`{path}`: {error}"))
        }),
    }
}

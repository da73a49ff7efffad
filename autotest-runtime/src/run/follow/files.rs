//! Sends the files of a job, each once, unless it changes.
//!
//! A test may have put anything into the results, and may change them while they are read. So everything is opened
//! relative to a descriptor of the job's directory, without following links, and only regular files are read.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::hash::{Hash, Hasher};
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use autotest_report::wire::{FrameWriter, MAX_PATH_BYTES};
use autotest_report::{STAGED, journal};
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

/// The limit on the nesting of directories; each level takes a descriptor.
const MAX_DEPTH: usize = 200;

/// The longest name of a file, in bytes.
const MAX_NAME_BYTES: usize = 255;

/// The resolution of file times, which the kernel updates once per tick.
const TICK_S: f64 = 0.01;

/// The entries of the job's directory that are not results.
const NO_RESULTS: [&str; 2] = [journal::NAME, STAGED];

/// The job's directory, and the state of the files that were sent.
pub(super) struct Files {
    path: PathBuf,
    dir: OwnedFd,
    /// The states in which files were sent, by a hash of the path. Reported problems have entries, too.
    sent: HashMap<u64, u64>,
}

/// Sends the entries of a directory.
struct Walk<'a, W> {
    wire: &'a mut FrameWriter<W>,
    sent: &'a mut HashMap<u64, u64>,
    /// The status of the job's directory, for its file system.
    job: Stat,
    /// If set, the reader already has files that did not change since then, in seconds since 1970.
    since: Option<f64>,
    /// `true` to skip files that a report may be about to rename; they are sent later.
    is_written: bool,
}

impl Files {
    pub(super) fn open(jobdir: &Path) -> io::Result<Files> {
        Ok(Files {
            path: jobdir.to_owned(),
            dir: open_dir(CWD, jobdir)?,
            sent: HashMap::new(),
        })
    }

    /// Sends the directory of a run.
    pub(super) fn send_run<W: Write>(
        &mut self,
        wire: &mut FrameWriter<W>,
        subdir: &str,
    ) -> io::Result<()> {
        let (dir, mut walk) = self.walk(wire)?;
        walk.is_written = true;
        walk.entry(&dir, OsStr::new(subdir), Path::new(""), 0)
    }

    /// Sends everything that was not sent, or has changed since. The reader has the directories in `before`, as of
    /// these times.
    pub(super) fn send_rest<W: Write>(
        &mut self,
        wire: &mut FrameWriter<W>,
        before: &HashMap<String, f64>,
    ) -> io::Result<()> {
        let (dir, mut walk) = self.walk(wire)?;
        for name in entries(&dir)? {
            let text = name.to_str().unwrap_or_default();
            if NO_RESULTS.contains(&text) {
                continue;
            }
            walk.since = before.get(text).map(|time| time - TICK_S);
            walk.entry(&dir, &name, Path::new(""), 0)?;
        }
        Ok(())
    }

    /// Begins a walk of the job's directory, which is opened again if a test removed it and it was created again.
    fn walk<'a, W>(
        &'a mut self,
        wire: &'a mut FrameWriter<W>,
    ) -> io::Result<(OwnedFd, Walk<'a, W>)> {
        if rustix::fs::fstat(&self.dir)?.st_nlink == 0
            && let Ok(dir) = open_dir(CWD, &self.path)
        {
            self.dir = dir;
        }
        let dir = self.dir.try_clone()?;
        let walk = Walk {
            wire,
            sent: &mut self.sent,
            job: rustix::fs::fstat(&dir)?,
            since: None,
            is_written: false,
        };
        Ok((dir, walk))
    }
}

impl<W: Write> Walk<'_, W> {
    /// Sends the file, link or directory `name` in `dir`, whose path is `above`.
    fn entry(&mut self, dir: &OwnedFd, name: &OsStr, above: &Path, depth: usize) -> io::Result<()> {
        let path = &above.join(name);
        let stat = match rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(Errno::NOENT) => return Ok(()),
            Err(error) => return self.failed(path, error),
        };
        if self.is_written && is_temporary(name) {
            return Ok(());
        }
        let kind = FileType::from_raw_mode(stat.st_mode);
        let is_new = self.is_new(path, &stat, kind);
        match kind {
            FileType::Directory => {
                if is_new {
                    self.wire.dir(path, stat.st_mode)?;
                }
                self.directory(dir, name, path, depth)
            }
            _ if !is_new => Ok(()),
            FileType::RegularFile => self.file(dir, name, path),
            FileType::Symlink => match rustix::fs::readlinkat(dir, name, Vec::new()) {
                Ok(to) => {
                    let to = OsString::from_vec(to.into_bytes());
                    self.wire.link(path, Path::new(&to))
                }
                Err(error) => self.failed(path, error),
            },
            kind => self.left_out(path, described(kind)),
        }
    }

    fn directory(
        &mut self,
        dir: &OwnedFd,
        name: &OsStr,
        path: &Path,
        depth: usize,
    ) -> io::Result<()> {
        let length = path.as_os_str().len() + 1 + MAX_NAME_BYTES;
        if depth == MAX_DEPTH || length > MAX_PATH_BYTES {
            return self.left_out(path, "what is in it is nested too deeply");
        }
        let dir = match open_dir(dir, name) {
            Ok(dir) => dir,
            Err(error) => return self.failed(path, error),
        };
        if rustix::fs::fstat(&dir)?.st_dev != self.job.st_dev {
            return self.left_out(path, "another file system is mounted there");
        }
        let names = match entries(&dir) {
            Ok(names) => names,
            Err(error) => return self.failed(path, error),
        };
        for name in names {
            self.entry(&dir, &name, path, depth + 1)?;
        }
        Ok(())
    }

    fn file(&mut self, dir: &OwnedFd, name: &OsStr, path: &Path) -> io::Result<()> {
        // A pipe that replaced it would block.
        let how = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match rustix::fs::openat(dir, name, how, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(error) => return self.failed(path, error),
        };
        match file.metadata() {
            Ok(metadata) if metadata.is_file() => self.wire.file(path, &file),
            _ => self.left_out(path, "it is no regular file any more"),
        }
    }

    fn failed(&mut self, path: &Path, error: impl Into<io::Error>) -> io::Result<()> {
        self.left_out(path, &error.into().to_string())
    }

    /// Reports, once, why a file is not sent.
    fn left_out(&mut self, path: &Path, reason: &str) -> io::Result<()> {
        match self.sent.insert(hash(&(path, reason)), 0) {
            Some(_) => Ok(()),
            None => self.wire.left_out(path, reason),
        }
    }

    /// `true` if it must be sent. From now on, it counts as sent.
    fn is_new(&mut self, path: &Path, stat: &Stat, kind: FileType) -> bool {
        let changed = stat.st_ctime as f64 + stat.st_ctime_nsec as f64 / 1e9;
        // Files that were skipped while a report could rename them have not been sent.
        let is_there = self.since.is_some_and(|since| changed < since)
            && !path.file_name().is_some_and(is_temporary);
        let state = match kind {
            FileType::Directory => hash(&stat.st_mode),
            _ => hash(&(
                (stat.st_dev, stat.st_ino, stat.st_mode, stat.st_size),
                (
                    stat.st_mtime,
                    stat.st_mtime_nsec,
                    stat.st_ctime,
                    stat.st_ctime_nsec,
                ),
            )),
        };
        let before = self.sent.insert(hash(path), state);
        !is_there && before != Some(state)
    }
}

/// `true` if this may be the temporary file of a report, to be renamed.
fn is_temporary(name: &OsStr) -> bool {
    let name = name.as_bytes();
    let end = name.iter().rposition(|byte| !byte.is_ascii_digit());
    let is_numbered = end.is_some_and(|end| end + 1 < name.len() && name[end] == b'.');
    name.starts_with(b".") && is_numbered
}

fn described(kind: FileType) -> &'static str {
    match kind {
        FileType::Fifo => "it is a named pipe",
        FileType::Socket => "it is a socket",
        FileType::CharacterDevice | FileType::BlockDevice => "it is a device",
        _ => "it is no regular file",
    }
}

fn hash(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn open_dir(dir: impl AsFd, path: impl AsRef<Path>) -> io::Result<OwnedFd> {
    let how = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(dir, path.as_ref(), how, Mode::empty())?)
}

/// The names in a directory, sorted.
fn entries(dir: &OwnedFd) -> io::Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            names.push(OsString::from_vec(name.to_owned()));
        }
    }
    names.sort_unstable();
    Ok(names)
}

//! The directory `crash/` of a run, with a directory for each process that crashed.
//!
//! A test may have replaced any part of the path, so the handler, which is root, follows no link on it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags};
use serde::{Deserialize, Serialize};

/// The name of the directory in that of the run.
const CRASH: &str = "crash";

/// The facts known before the examination.
const RAW: &str = "raw.json";

/// The facts known after the examination.
const EXAMINED: &str = "crash.json";

/// How many crashes of a run are kept, and how many of those with their core files: a test that forks and crashes in a
/// loop must not fill the disk.
const MAX_CRASHES: usize = 64;
const MAX_CORES: usize = 8;

/// The size limit of a description of a crash.
const MAX_JSON_BYTES: u64 = 64 << 10;

/// The facts kept of a crashed process, besides its core file and files from `/proc`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::exec) struct Kept {
    /// The name of the process.
    pub(in crate::exec) name: String,
    /// The ids of the process and of the thread that crashed, in the initial pid namespace.
    pub(in crate::exec) pid: i32,
    pub(super) tid: i32,
    /// The name of the signal that killed it.
    pub(in crate::exec) signal: String,
    /// The time of the crash, in seconds since 1970.
    pub(super) time_s: u64,
    /// The program that it executed.
    pub(super) program: String,
    /// The place in the code where it crashed; empty if unknown.
    pub(in crate::exec) place: String,
    /// What is missing, and why.
    pub(in crate::exec) problems: Vec<String>,
}

/// The open directory; no link was followed on the path to it.
#[derive(Debug)]
pub(super) struct CrashDir {
    dir: OwnedFd,
}

impl CrashDir {
    /// # Errors
    /// If something else is in its place.
    pub(super) fn create(jobdir: &Path, subdir: &str) -> io::Result<CrashDir> {
        let mut dir = rustix::fs::openat(
            CWD,
            jobdir,
            OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
        )?;
        for component in Path::new(subdir).components() {
            let Component::Normal(name) = component else {
                return Err(ErrorKind::InvalidInput.into());
            };
            dir = open_dir(dir.as_fd(), Path::new(name))?;
        }
        make_dir(dir.as_fd(), Path::new(CRASH))?;
        let dir = open_dir(dir.as_fd(), Path::new(CRASH))?;
        Ok(CrashDir { dir })
    }

    /// Begins to write a crash. Its directory's name has a leading dot until it is complete.
    ///
    /// # Errors
    /// If the run has too many crashes.
    pub(super) fn begin(&self, name: &str) -> io::Result<Begun> {
        let others = fs::read_dir(path_of(self.dir.as_fd()))?.flatten();
        let others: Vec<PathBuf> = others.map(|entry| entry.path()).collect();
        if others.len() >= MAX_CRASHES {
            return Err(io::Error::other("the run has too many crashes"));
        }
        let has_core = |dir: &&PathBuf| {
            ["core", "core.gz"]
                .iter()
                .any(|name| dir.join(name).exists())
        };
        let cores = others.iter().filter(has_core).count();
        // Process ids are reused.
        let names = (1..).map(|number| match number {
            1 => name.to_owned(),
            number => format!("{name}.{number}"),
        });
        let is_new = |name: &String| !path_of(self.dir.as_fd()).join(name).exists();
        for name in names.filter(is_new).take(MAX_CRASHES) {
            let hidden = format!(".{name}");
            match rustix::fs::mkdirat(&self.dir, &hidden, Mode::from_raw_mode(0o700)) {
                Err(rustix::io::Errno::EXIST) => continue,
                made => made?,
            }
            return Ok(Begun {
                parent: self.dir.try_clone()?,
                dir: open_dir(self.dir.as_fd(), Path::new(&hidden))?,
                name,
                may_have_core: cores < MAX_CORES,
            });
        }
        Err(ErrorKind::AlreadyExists.into())
    }
}

/// A crash that is being written.
pub(super) struct Begun {
    parent: OwnedFd,
    dir: OwnedFd,
    name: String,
    may_have_core: bool,
}

impl Begun {
    /// The path of its directory, which stays valid whatever happens to the parents.
    pub(super) fn path(&self) -> PathBuf {
        path_of(self.dir.as_fd())
    }

    /// `false` if the run already has the maximum number of core files.
    pub(super) fn may_have_core(&self) -> bool {
        self.may_have_core
    }

    /// Creates a file that only its owner may read: a core file contains all data of the process.
    pub(super) fn create(&self, name: &str) -> io::Result<File> {
        create(&self.path().join(name))
    }

    /// Writes the facts, and removes the leading dot of the directory's name.
    pub(super) fn finish(self, kept: &Kept) -> io::Result<()> {
        serde_json::to_writer(self.create(RAW)?, kept)?;
        let hidden = format!(".{}", self.name);
        Ok(rustix::fs::renameat(
            &self.parent,
            hidden,
            &self.parent,
            &self.name,
        )?)
    }
}

/// Creates a file that only its owner may access.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.create_new(true).read(true).write(true).mode(0o600);
    options.open(path)
}

/// The names of the crashes of a run, including those that the handler is still writing.
pub(in crate::exec) fn names(outputdir: &Path) -> Vec<String> {
    let mut names = entries(outputdir);
    names
        .iter_mut()
        .for_each(|name| *name = name.trim_start_matches('.').to_owned());
    names.sort();
    names
}

/// `true` if a crash of the run still has to be examined.
pub(in crate::exec) fn has_unexamined(outputdir: &Path) -> bool {
    let dir = outputdir.join(CRASH);
    let is_unexamined = |name: &String| name.starts_with('.') || dir.join(name).join(RAW).exists();
    entries(outputdir).iter().any(is_unexamined)
}

/// `true` if a crash has been examined.
pub(in crate::exec) fn is_examined(outputdir: &Path, name: &str) -> bool {
    dir_of(outputdir, name).join(EXAMINED).exists()
}

/// `true` while the handler is writing a crash.
pub(super) fn is_incomplete(outputdir: &Path) -> bool {
    entries(outputdir).iter().any(|name| name.starts_with('.'))
}

/// The names of the directories in `crash/`; none if that is not a directory.
fn entries(outputdir: &Path) -> Vec<String> {
    let dir = outputdir.join(CRASH);
    if !dir.symlink_metadata().is_ok_and(|found| found.is_dir()) {
        return Vec::new();
    }
    let entries = fs::read_dir(&dir).into_iter().flatten().flatten();
    let dirs = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    dirs.filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}

/// The directory of a crash.
pub(super) fn dir_of(outputdir: &Path, name: &str) -> PathBuf {
    outputdir.join(CRASH).join(name)
}

/// The facts known before the examination.
pub(super) fn raw(dir: &Path) -> Option<Kept> {
    read(&dir.join(RAW))
}

/// Stores the facts known after the examination, in place of those known before it.
pub(super) fn set_examined(dir: &Path, kept: &Kept) -> io::Result<()> {
    serde_json::to_writer(create(&dir.join(EXAMINED))?, kept)?;
    fs::remove_file(dir.join(RAW))
}

/// The facts about a crash, after the path of its directory relative to the run's.
pub(in crate::exec) fn kept(outputdir: &Path, name: &str) -> Option<(String, Kept)> {
    let dir = dir_of(outputdir, name);
    let unexamined = || {
        let mut kept = raw(&dir)?;
        kept.problems.push("it could not be examined".to_owned());
        Some(kept)
    };
    let kept = read(&dir.join(EXAMINED)).or_else(unexamined)?;
    Some((format!("{CRASH}/{name}"), kept))
}

fn read(path: &Path) -> Option<Kept> {
    let mut json = Vec::new();
    let mut options = OpenOptions::new();
    let options = options
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let file = options.open(path).ok()?;
    file.take(MAX_JSON_BYTES).read_to_end(&mut json).ok()?;
    serde_json::from_slice(&json).ok()
}

fn make_dir(parent: BorrowedFd<'_>, name: &Path) -> io::Result<()> {
    match rustix::fs::mkdirat(parent, name, Mode::from_raw_mode(0o755)) {
        Err(rustix::io::Errno::EXIST) => Ok(()),
        made => Ok(made?),
    }
}

fn open_dir(parent: BorrowedFd<'_>, name: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(parent, name, flags, Mode::empty())?)
}

fn path_of(dir: BorrowedFd<'_>) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", dir.as_raw_fd()))
}

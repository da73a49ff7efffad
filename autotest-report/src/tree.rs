//! The directory of a job, as the reports write it.
//!
//! A test may do what it likes with its own directories while they are written to: remove them, put
//! a symbolic link or a pipe in a file's place. Hence every path is walked from a descriptor that is
//! held since the job began, no link is ever followed, and what is gone is made again.
//!
//! This module must not know what the files mean.

mod append_file;
mod dirs;
mod unchanged;

use std::cell::RefCell;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rustix::fs::{AtFlags, CWD, Mode, OFlags};

pub use append_file::AppendFile;
use dirs::{create_beside, make_dir, move_files, open_dir};
use unchanged::Unchanged;

/// Where rebuilt files wait until all of them are there.
const STAGE: &str = ".rebuilt";

/// The results tree of one job. Clones are the same tree.
#[derive(Clone, Debug)]
pub struct Tree {
    root: Rc<RefCell<Root>>,
}

#[derive(Debug)]
struct Root {
    jobdir: PathBuf,
    dir: OwnedFd,
    /// The job's directory, as long as `dir` is that of what waits.
    in_place: Option<OwnedFd>,
    /// The files that wait there.
    staged: HashSet<PathBuf>,
    /// Whether the files of runs are left alone while files are staged: see [`Tree::resumed`].
    owes_runs: bool,
    /// What could not be made of what waits.
    error: Option<io::Error>,
    /// Whether files must be made again from the journal: a test removed some, or they are owed.
    needs_rebuild: bool,
}

impl Tree {
    /// The tree in `jobdir`, which exists.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(jobdir: &Path) -> io::Result<Tree> {
        Tree::at(jobdir, open_dir(CWD, jobdir)?, None)
    }

    /// The tree in `jobdir`, where nothing is changed until [`commit`](Tree::commit). What is in place and
    /// says what is told is not made again.
    ///
    /// # Errors
    /// If there is no place for what waits.
    pub fn staged(jobdir: &Path) -> io::Result<Tree> {
        let job = open_dir(CWD, jobdir)?;
        let stage = jobdir.join(STAGE);
        let removed = match std::fs::symlink_metadata(&stage) {
            // A test may have put a file there.
            Ok(found) if !found.is_dir() => std::fs::remove_file(&stage),
            _ => std::fs::remove_dir_all(&stage),
        };
        match removed {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        make_dir(job.as_fd(), STAGE)?;
        Tree::at(jobdir, open_dir(&job, STAGE)?, Some(job))
    }

    /// As [`staged`](Tree::staged), for a job that is resumed: only the job's own files are compared with what
    /// is replayed. Those of runs are owed, so that the next test need not wait for them: whoever ends the job
    /// [rebuilds](Tree::needs_rebuild) them.
    ///
    /// # Errors
    /// If there is no place for what waits.
    pub fn resumed(jobdir: &Path) -> io::Result<Tree> {
        let tree = Tree::staged(jobdir)?;
        {
            let mut root = tree.root.borrow_mut();
            (root.owes_runs, root.needs_rebuild) = (true, true);
        }
        Ok(tree)
    }

    fn at(jobdir: &Path, dir: OwnedFd, in_place: Option<OwnedFd>) -> io::Result<Tree> {
        let jobdir = std::path::absolute(jobdir)?;
        let root = Root {
            jobdir,
            dir,
            in_place,
            staged: HashSet::new(),
            owes_runs: false,
            error: None,
            needs_rebuild: false,
        };
        Ok(Tree {
            root: Rc::new(RefCell::new(root)),
        })
    }

    /// Where it is.
    pub fn jobdir(&self) -> PathBuf {
        self.root.borrow().jobdir.clone()
    }

    /// Whether files must be made again from the journal, before the job ends: a test removed some, or they
    /// are owed since the job was resumed.
    pub fn needs_rebuild(&self) -> bool {
        self.root.borrow().needs_rebuild
    }

    /// Puts everything in its place, file by file; those that are open stay open. From here on
    /// nothing waits any more.
    ///
    /// # Errors
    /// The first file that cannot be put in place; the others are.
    pub fn commit(&self) -> io::Result<()> {
        let mut root = self.root.borrow_mut();
        let Some(job) = root.in_place.take() else {
            return Ok(());
        };
        root.staged = HashSet::new();
        let made = root.error.take().map_or(Ok(()), Err);
        let committed = made.and(move_files(root.dir.as_fd(), &job));
        let removed = std::fs::remove_dir_all(root.jobdir.join(STAGE));
        root.dir = job;
        root.needs_rebuild |= committed.is_err();
        committed.and(removed)
    }

    /// Whether a file is one of a run that is left alone for now.
    fn owes(&self, path: &Path) -> bool {
        let root = self.root.borrow();
        root.owes_runs && root.in_place.is_some() && path.iter().nth(1).is_some()
    }

    /// A file to append to, below the job's directory. It is made with its first line.
    pub fn append_to(&self, path: impl Into<PathBuf>) -> AppendFile {
        let path = path.into();
        let is_owed = self.owes(&path);
        AppendFile::new(self.clone(), path, is_owed)
    }

    /// Writes a whole file: all of it is there, or none.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_whole(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let path = Path::new(path);
        if self.owes(path) {
            return Ok(());
        }
        if self
            .unchanged(path)
            .is_some_and(|mut unchanged| unchanged.has(bytes) && !unchanged.has_more())
        {
            return Ok(());
        }
        let (dir, name) = self.place(path)?;
        let (mut file, temporary) = create_beside(&dir, &name)?;
        let written = file.write_all(bytes);
        let placed =
            written.and_then(|()| Ok(rustix::fs::renameat(&dir, &temporary, &dir, &name)?));
        if placed.is_err() {
            let _ = rustix::fs::unlinkat(&dir, &temporary, AtFlags::empty());
        }
        placed
    }

    /// A file to write as its owner likes, made if it is not there.
    ///
    /// # Errors
    /// If it cannot be opened, or is no file of its own.
    pub fn open_file(&self, path: &Path, how: OFlags) -> io::Result<File> {
        let (dir, name) = self.place(path)?;
        let how = how | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let open = |how| rustix::fs::openat(&dir, &name, how, Mode::from_raw_mode(0o644));
        match open(how | OFlags::EXCL) {
            // What is there only now is nobody else's.
            Ok(new) => Ok(File::from(new)),
            Err(rustix::io::Errno::EXIST) => alone(File::from(open(how)?)),
            Err(error) => Err(error.into()),
        }
    }

    fn is_staged(&self) -> bool {
        self.root.borrow().in_place.is_some()
    }

    /// While everything waits: the file in place, unless another one waits to replace it.
    fn unchanged(&self, path: &Path) -> Option<Unchanged> {
        let root = self.root.borrow();
        let in_place = root.in_place.as_ref()?;
        let is_staged = root.staged.contains(path);
        (!is_staged)
            .then(|| Unchanged::open(in_place, path))
            .flatten()
    }

    /// The directory that a file is in, and its name there. What is missing is made.
    fn place(&self, path: &Path) -> io::Result<(OwnedFd, PathBuf)> {
        if self.is_staged() {
            self.root.borrow_mut().staged.insert(path.to_owned());
        }
        let name = path.file_name().map(PathBuf::from);
        let name = name.ok_or_else(|| io::Error::from(ErrorKind::InvalidInput))?;
        let dir = match self.open_parent(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => self.make_parent(path),
            opened => opened,
        };
        Ok((dir?, name))
    }

    fn open_parent(&self, path: &Path) -> io::Result<OwnedFd> {
        let mut parts = path.parent().into_iter().flat_map(Path::iter);
        match parts.next() {
            Some(first) => {
                let below = open_dir(&self.root.borrow().dir, first)?;
                parts.try_fold(below, |dir, part| open_dir(&dir, part))
            }
            None => self.root(),
        }
    }

    fn make_parent(&self, path: &Path) -> io::Result<OwnedFd> {
        let mut dir = self.root()?;
        for part in path.parent().into_iter().flat_map(Path::iter) {
            dir = match open_dir(&dir, part) {
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    make_dir(dir.as_fd(), part)?;
                    self.tell_of_removed(path);
                    open_dir(&dir, part)?
                }
                opened => opened?,
            };
        }
        Ok(dir)
    }

    /// The job's directory; a test may have removed even that.
    fn root(&self) -> io::Result<OwnedFd> {
        let mut root = self.root.borrow_mut();
        if rustix::fs::fstat(&root.dir)?.st_nlink == 0 {
            std::fs::create_dir_all(&root.jobdir)?;
            root.dir = open_dir(CWD, &root.jobdir)?;
            root.needs_rebuild = true;
            log::warn!("`{}` was removed, and made again", root.jobdir.display());
        }
        root.dir.try_clone()
    }

    fn tell_of_removed(&self, path: &Path) {
        let mut root = self.root.borrow_mut();
        if root.in_place.is_none() {
            root.needs_rebuild = true;
            log::warn!(
                "the directory of `{}` was removed, and made again",
                path.display()
            );
        }
    }
}

/// Whether a file still has a name.
pub fn is_linked(file: &File) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.nlink() > 0)
}

/// The file, if it is one and nobody else's: a pipe that a test put in its place would keep us
/// waiting, and a second name may be that of a file elsewhere.
fn alone(file: File) -> io::Result<File> {
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        Err(io::Error::other("it is not a regular file"))
    } else if metadata.nlink() > 1 {
        Err(io::Error::other("it is a link to another file"))
    } else {
        Ok(file)
    }
}

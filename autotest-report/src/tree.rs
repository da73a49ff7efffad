//! The directory of a job, for reports to write.
//!
//! A test may do anything to its own directories while they are written to: remove them, or replace a file by
//! a symbolic link or a pipe. So every path is resolved from a descriptor that has been open since the job
//! began, no link is followed, and missing directories are created again.
//!
//! This module must not know the meaning of files.

mod append_file;
mod dirs;
mod received;
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

/// The directory for rebuilt files until they are moved into place.
pub const STAGED: &str = ".rebuilt";

/// The results tree of one job. Clones are the same tree.
#[derive(Clone, Debug)]
pub struct Tree {
    root: Rc<RefCell<Root>>,
}

#[derive(Debug)]
struct Root {
    jobdir: PathBuf,
    dir: OwnedFd,
    /// The job's directory, while `dir` is that of staged files.
    in_place: Option<OwnedFd>,
    /// The staged files.
    staged: HashSet<PathBuf>,
    /// Whether the files of runs are skipped while files are staged: see [`Tree::resumed`].
    owes_runs: bool,
    /// The first error of a staged file.
    error: Option<io::Error>,
    /// Whether files must be made again from the journal: a test removed some, or they were skipped.
    needs_rebuild: bool,
}

impl Tree {
    /// Opens the tree in `jobdir`, which must exist.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(jobdir: &Path) -> io::Result<Tree> {
        Tree::at(jobdir, open_dir(CWD, jobdir)?, None)
    }

    /// Opens the tree in `jobdir` for staged writing: nothing in it is changed until
    /// [`commit`](Tree::commit). Files that already have the same content are not written again.
    ///
    /// # Errors
    /// If the directory for staged files cannot be created.
    pub fn staged(jobdir: &Path) -> io::Result<Tree> {
        let job = open_dir(CWD, jobdir)?;
        let stage = jobdir.join(STAGED);
        let removed = match std::fs::symlink_metadata(&stage) {
            // A test may have created a file with this name.
            Ok(found) if !found.is_dir() => std::fs::remove_file(&stage),
            _ => std::fs::remove_dir_all(&stage),
        };
        match removed {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        make_dir(job.as_fd(), STAGED)?;
        Tree::at(jobdir, open_dir(&job, STAGED)?, Some(job))
    }

    /// Like [`staged`](Tree::staged), for a resumed job: only the job's own files are compared with the
    /// replay. Those of runs are skipped, so that the next test can start sooner, and are
    /// [rebuilt](Tree::needs_rebuild) at the end of the job.
    ///
    /// # Errors
    /// If the directory for staged files cannot be created.
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

    /// The path of the job's directory.
    pub fn jobdir(&self) -> PathBuf {
        self.root.borrow().jobdir.clone()
    }

    /// Whether files must be made again from the journal before the job ends: a test removed some, or they
    /// were skipped when the job was resumed.
    pub fn needs_rebuild(&self) -> bool {
        self.root.borrow().needs_rebuild
    }

    /// Moves all staged files into place; open files stay open. From now on files are written in place.
    ///
    /// # Errors
    /// If a file cannot be moved. All other files are moved; the error is the one of the first failure.
    pub fn commit(&self) -> io::Result<()> {
        let mut root = self.root.borrow_mut();
        let Some(job) = root.in_place.take() else {
            return Ok(());
        };
        root.staged = HashSet::new();
        let made = root.error.take().map_or(Ok(()), Err);
        let committed = made.and(move_files(root.dir.as_fd(), &job));
        let removed = std::fs::remove_dir_all(root.jobdir.join(STAGED));
        root.dir = job;
        root.needs_rebuild |= committed.is_err();
        committed.and(removed)
    }

    /// Whether this is a file of a run that is skipped for now.
    fn owes(&self, path: &Path) -> bool {
        let root = self.root.borrow();
        root.owes_runs && root.in_place.is_some() && path.iter().nth(1).is_some()
    }

    /// A file to append to; `path` is relative to the job's directory. It is created with the first line.
    pub fn append_to(&self, path: impl Into<PathBuf>) -> AppendFile {
        let path = path.into();
        let is_owed = self.owes(&path);
        AppendFile::new(self.clone(), path, is_owed)
    }

    /// Writes a whole file atomically.
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

    /// Opens a file, and creates it if it does not exist. `path` is relative to the job's directory.
    ///
    /// # Errors
    /// If it cannot be opened, is not a regular file, or has several links.
    pub fn open_file(&self, path: &Path, how: OFlags) -> io::Result<File> {
        let (dir, name) = self.place(path)?;
        let how = how | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let open = |how| rustix::fs::openat(&dir, &name, how, Mode::from_raw_mode(0o644));
        match open(how | OFlags::EXCL) {
            // A new file needs no further check.
            Ok(new) => Ok(File::from(new)),
            Err(rustix::io::Errno::EXIST) => alone(File::from(open(how)?)),
            Err(error) => Err(error.into()),
        }
    }

    fn is_staged(&self) -> bool {
        self.root.borrow().in_place.is_some()
    }

    /// If files are staged: the file in place, unless a staged one will replace it.
    fn unchanged(&self, path: &Path) -> Option<Unchanged> {
        let root = self.root.borrow();
        let in_place = root.in_place.as_ref()?;
        let is_staged = root.staged.contains(path);
        (!is_staged)
            .then(|| Unchanged::open(in_place, path))
            .flatten()
    }

    /// The directory of a file, created if necessary, and the file's name.
    fn place(&self, path: &Path) -> io::Result<(OwnedFd, PathBuf)> {
        if self.is_staged() {
            self.root.borrow_mut().staged.insert(path.to_owned());
        }
        let name = path.file_name().map(PathBuf::from);
        let name = name.ok_or_else(|| io::Error::from(ErrorKind::InvalidInput))?;
        let dir = self.open_parent(path).or_else(|_| self.make_parent(path));
        Ok((dir?, name))
    }

    /// The fast path, one call per directory. It fails where `make_parent` must create something, or would fail for the
    /// same reason.
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

    /// The job's directory, created again if a test removed it.
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

/// Checks that this is a regular file with one link: a pipe that a test put in its place would block us, and
/// a second link may be a file elsewhere.
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

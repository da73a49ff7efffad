//! Directories and files of results, which a test can replace by anything while they are read: no link is followed,
//! only regular files are opened, and only what is shown is read.

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
#[cfg(feature = "html")]
use std::os::unix::fs::FileExt;
use std::path::{Component, Path};

#[cfg(feature = "html")]
use rustix::fs::Dir;
use rustix::fs::{AtFlags, FileType, Mode, OFlags};

/// The maximum number of entries read of a directory.
#[cfg(feature = "html")]
const MAX_ENTRIES: usize = 1000;

/// A directory.
#[derive(Debug)]
pub(crate) struct Folder(OwnedFd);

/// A regular file.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) file: File,
    pub(crate) bytes: u64,
}

/// The beginning and the end of a text.
#[cfg(feature = "html")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Excerpt {
    pub(crate) start: String,
    /// The number of bytes between the two.
    pub(crate) left_out: u64,
    pub(crate) end: String,
}

impl Folder {
    /// Opens the directory of a job, whose path may have links.
    pub(crate) fn open(path: &Path) -> Option<Folder> {
        let how = OFlags::DIRECTORY | OFlags::CLOEXEC;
        rustix::fs::open(path, how, Mode::empty()).ok().map(Folder)
    }

    /// Opens a directory below this one, by its relative path.
    pub(crate) fn below(&self, path: &str) -> Option<Folder> {
        let mut folder = Folder(self.0.try_clone().ok()?);
        for component in Path::new(path).components() {
            let how = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            folder = Folder(folder.open_at(component, how)?);
        }
        Some(folder)
    }

    /// Opens a regular file below this directory, by its relative path.
    pub(crate) fn file(&self, path: &str) -> Option<Found> {
        let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
        let folder = self.below(dir)?;
        // Opening a device may have an effect.
        folder.is_file(name).then_some(())?;
        let name = Path::new(name).components().next()?;
        let how = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(folder.open_at(name, how)?);
        let metadata = file.metadata().ok().filter(|metadata| metadata.is_file())?;
        Some(Found {
            file,
            bytes: metadata.len(),
        })
    }

    /// The names of its entries, sorted; those that are not UTF-8 are left out.
    #[cfg(feature = "html")]
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = Dir::read_from(&self.0).into_iter().flatten();
        let entries = entries.map_while(Result::ok).take(MAX_ENTRIES);
        let mut names: Vec<_> = entries
            .filter_map(|entry| entry.file_name().to_str().ok().map(str::to_owned))
            .filter(|name| name != "." && name != "..")
            .collect();
        names.sort();
        names
    }

    fn is_file(&self, name: &str) -> bool {
        let stat = rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW);
        stat.is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)
    }

    /// Opens an entry, unless the path leaves this directory.
    fn open_at(&self, component: Component<'_>, how: OFlags) -> Option<OwnedFd> {
        let Component::Normal(name) = component else {
            return None;
        };
        let name = Path::new(name).as_os_str().as_bytes();
        rustix::fs::openat(self.0.as_fd(), name, how, Mode::empty()).ok()
    }
}

#[cfg(feature = "html")]
impl Found {
    /// The whole text, unless it is longer than `limit` bytes.
    pub(crate) fn whole(&self, limit: u64) -> Option<String> {
        let excerpt = self.excerpt(limit, 0);
        (excerpt.left_out == 0).then_some(excerpt.start)
    }

    /// The first and the last bytes of the text. If lines are short, the parts begin and end at line breaks.
    pub(crate) fn excerpt(&self, start_bytes: u64, end_bytes: u64) -> Excerpt {
        if self.bytes <= start_bytes.saturating_add(end_bytes) {
            let text = self.read(0, self.bytes);
            return Excerpt {
                start: String::from_utf8_lossy(&text).into_owned(),
                ..Excerpt::default()
            };
        }
        let mut start = self.read(0, start_bytes);
        start.truncate(
            start
                .iter()
                .rposition(|b| *b == b'\n')
                .map_or(start.len(), |at| at + 1),
        );
        let mut end = self.read(self.bytes - end_bytes, end_bytes);
        let first_line = end.iter().position(|b| *b == b'\n').map_or(0, |at| at + 1);
        end.drain(..first_line);
        Excerpt {
            left_out: self.bytes.saturating_sub((start.len() + end.len()) as u64),
            start: String::from_utf8_lossy(&start).into_owned(),
            end: String::from_utf8_lossy(&end).into_owned(),
        }
    }

    /// The bytes in a range, or fewer if the file has shrunk.
    fn read(&self, offset: u64, length: u64) -> Vec<u8> {
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        let mut filled = 0;
        while filled < bytes.len() {
            match self
                .file
                .read_at(&mut bytes[filled..], offset + filled as u64)
            {
                Ok(0) | Err(_) => break,
                Ok(read) => filled += read,
            }
        }
        bytes.truncate(filled);
        bytes
    }
}

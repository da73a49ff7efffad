//! What the kernel said when it crashed: it stores the end of its log for the next boot (pstore), and systemd moves
//! that to a directory of its own.
//!
//! Nothing here is needed for a verdict: a target without a store, or one that may not be read, has no records.

mod words;

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::rc::Rc;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags};
use rustix::mount::{FsMountFlags, FsOpenFlags, MountAttrFlags};

use super::place::Place;
use super::test_run::SYSINFO;
use words::Crash;

/// Where the kernel's store is mounted.
const STORE: &str = "/sys/fs/pstore";

/// Where systemd moves what it finds there.
const ARCHIVE: &str = "/var/lib/systemd/pstore";

/// The type of the file system at [`STORE`] if nothing is mounted there.
const SYSFS_MAGIC: u64 = 0x6265_6572;

/// systemd has a directory for each crash, and one for each of its records.
const MAX_DEPTH: usize = 2;

/// How many records are looked at.
const MAX_RECORDS: usize = 10_000;

/// How many of them count: the latest ones. An archive may never be emptied.
const MAX_LATEST: usize = 200;

/// How much of a record is kept.
const RECORD_BYTES: u64 = 4 << 20;

/// How much earlier than it was the time of a file may be, in seconds: not every file system keeps fractions.
const TIME_ERROR_S: f64 = 1.0;

/// A record that the kernel stored.
#[derive(Debug)]
struct Record {
    dir: Rc<OwnedFd>,
    /// Its path in the store or the archive.
    path: String,
    name: String,
    bytes: u64,
    /// Its time, in seconds and nanoseconds since 1970.
    modified: (i64, u32),
    /// Whether it takes room in the kernel's store.
    is_stored: bool,
    content: Vec<u8>,
}

/// Records that the kernel stored, in the order of their times.
#[derive(Debug, Default)]
pub(crate) struct KernelRecords(Vec<Record>);

impl KernelRecords {
    /// The latest that this target has, without their contents.
    pub(crate) fn of_target() -> KernelRecords {
        let mut records = KernelRecords::default();
        if let Some(store) = open_store() {
            records.add(store, "", true);
        }
        if let Some(archive) = open_dir(CWD, ARCHIVE) {
            records.add(archive, "", false);
        }
        let records = &mut records.0;
        records.sort_by(|a, b| a.order().cmp(&b.order()));
        KernelRecords(records.split_off(records.len().saturating_sub(MAX_LATEST)))
    }

    fn add(&mut self, dir: OwnedFd, below: &str, is_stored: bool) {
        let Ok(entries) = Dir::read_from(&dir) else {
            return;
        };
        let dir = Rc::new(dir);
        for entry in entries.map_while(Result::ok) {
            let Ok(name) = entry.file_name().to_str() else {
                continue;
            };
            if name == "." || name == ".." || self.0.len() >= MAX_RECORDS {
                continue;
            }
            let path = format!("{below}{name}");
            match rustix::fs::statat(&*dir, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(found) if is_of_type(&found, FileType::RegularFile) => {
                    let name = name.to_owned();
                    self.0
                        .push(Record::new(&dir, path, name, &found, is_stored));
                }
                Ok(found) if is_of_type(&found, FileType::Directory) => {
                    let inner = open_dir(&*dir, name);
                    if let Some(inner) = inner.filter(|_| path.matches('/').count() < MAX_DEPTH) {
                        self.add(inner, &format!("{path}/"), is_stored);
                    }
                }
                _ => {}
            }
        }
    }

    /// What distinguishes each of them from all others that this target has or will have.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.0.iter().map(Record::id).collect()
    }

    /// Those without these ids, with their contents. What cannot be read is left out.
    pub(crate) fn without(self, ids: &[String]) -> KernelRecords {
        let new = self.0.into_iter().filter(|r| !ids.contains(&r.id()));
        KernelRecords(new.filter_map(|r| r.read().ok()).collect())
    }

    /// How the kernel crashed, in its words: its panic, else what it survived but for what followed, if that was not
    /// before `since`, in seconds since 1970. Empty if they do not say.
    pub(crate) fn crash(&self, since: f64) -> String {
        let crashes = self.0.iter().filter_map(|record| {
            let text = String::from_utf8_lossy(&record.content);
            Some((record, words::crash(&text)?))
        });
        let (mut panic, mut oops) = (None, None);
        for (record, crash) in crashes {
            match crash {
                // It ended a boot, so whatever was in progress was ended by it.
                Crash::Panic(line) => panic = panic.or(Some(line)),
                Crash::Oops(line) if record.seconds() + TIME_ERROR_S >= since => {
                    oops = oops.or(Some(line));
                }
                Crash::Oops(_) => {}
            }
        }
        panic.or(oops).unwrap_or_default()
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes them to the disk, into the sysinfo of a run with this directory, or that of the job.
    ///
    /// # Errors
    /// If that is not possible.
    pub(crate) fn copy(&self, jobdir: &Path, subdir: &str) -> io::Result<()> {
        let mut place = Place::of(jobdir, subdir, SYSINFO)?;
        for record in &self.0 {
            let mut file = place.create(&record.name_of_copy())?;
            file.write_all(&record.content)?;
            file.sync_all()?;
        }
        place.sync()
    }

    /// Removes them from the kernel's store, so that it has room for the next crash. Who may not do that leaves them.
    pub(crate) fn remove_from_store(&self) {
        for record in self.0.iter().filter(|record| record.is_stored) {
            let _ = rustix::fs::unlinkat(&*record.dir, &record.name, AtFlags::empty());
        }
    }
}

impl Record {
    fn new(
        dir: &Rc<OwnedFd>,
        path: String,
        name: String,
        found: &rustix::fs::Stat,
        is_stored: bool,
    ) -> Record {
        // Its type is not the same on all targets; its value is below 10⁹.
        let nanoseconds = u32::try_from(found.st_mtime_nsec).unwrap_or(0);
        Record {
            dir: Rc::clone(dir),
            path,
            name,
            bytes: found.st_size.unsigned_abs(),
            modified: (found.st_mtime, nanoseconds),
            is_stored,
            content: Vec::new(),
        }
    }

    /// The kernel uses a name again, but not for a crash at the same time.
    fn id(&self) -> String {
        let (seconds, nanoseconds) = self.modified;
        format!("{} {} {seconds}.{nanoseconds:09}", self.path, self.bytes)
    }

    /// A run may be interrupted by several crashes: its `cleanup` may have one, too.
    fn name_of_copy(&self) -> String {
        let path = self.path.replace('/', ".");
        format!("pstore.{}.{path}", self.modified.0)
    }

    fn order(&self) -> (i64, u32, &str) {
        (self.modified.0, self.modified.1, &self.path)
    }

    fn seconds(&self) -> f64 {
        self.modified.0 as f64 + f64::from(self.modified.1) / 1e9
    }

    fn read(mut self) -> io::Result<Record> {
        let how = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&*self.dir, &self.name, how, Mode::empty())?;
        File::from(file)
            .take(RECORD_BYTES)
            .read_to_end(&mut self.content)?;
        Ok(self)
    }
}

/// The kernel's store. Where nobody mounted it, it is mounted for this process alone, at no place.
fn open_store() -> Option<OwnedFd> {
    let dir = open_dir(CWD, STORE)?;
    let is_mounted =
        rustix::fs::fstatfs(&dir).is_ok_and(|found| found.f_type as u64 != SYSFS_MAGIC);
    match is_mounted {
        true => Some(dir),
        false => mount_store().ok(),
    }
}

fn mount_store() -> rustix::io::Result<OwnedFd> {
    let store = rustix::mount::fsopen("pstore", FsOpenFlags::FSOPEN_CLOEXEC)?;
    rustix::mount::fsconfig_create(&store)?;
    let attributes = MountAttrFlags::MOUNT_ATTR_NOSUID
        | MountAttrFlags::MOUNT_ATTR_NODEV
        | MountAttrFlags::MOUNT_ATTR_NOEXEC;
    let root = rustix::mount::fsmount(&store, FsMountFlags::FSMOUNT_CLOEXEC, attributes)?;
    // `fsmount` returns a descriptor for paths only.
    let how = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::openat(&root, ".", how, Mode::empty())
}

fn open_dir(at: impl std::os::fd::AsFd, name: &str) -> Option<OwnedFd> {
    let how = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(at, name, how, Mode::empty()).ok()
}

fn is_of_type(found: &rustix::fs::Stat, kind: FileType) -> bool {
    FileType::from_raw_mode(found.st_mode) == kind
}

//! The kernel's last messages before a crash: it stores the end of its log for the next boot (pstore), and systemd
//! moves the records to a directory of its own.
//!
//! No verdict depends on this: a target without a store, or with one that may not be read, has no records.

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

/// The mount point of the kernel's store.
const STORE: &str = "/sys/fs/pstore";

/// The directory to which systemd moves records.
const ARCHIVE: &str = "/var/lib/systemd/pstore";

/// The file system type of [`STORE`] if nothing is mounted there.
const SYSFS_MAGIC: u64 = 0x6265_6572;

/// systemd makes a directory for each crash, and in it one for each record.
const MAX_DEPTH: usize = 2;

/// The number of records to look at.
const MAX_RECORDS: usize = 10_000;

/// The number of latest records to keep: an archive may never be emptied.
const MAX_LATEST: usize = 200;

/// The size limit of a record.
const RECORD_BYTES: u64 = 4 << 20;

/// By how many seconds the time of a file may be too early: some file systems do not store fractions.
const TIME_ERROR_S: f64 = 1.0;

/// A record that the kernel stored.
#[derive(Debug)]
struct Record {
    dir: Rc<OwnedFd>,
    /// The path in the store or the archive.
    path: String,
    name: String,
    bytes: u64,
    /// The modification time: seconds since 1970, and nanoseconds.
    modified: (i64, u32),
    /// `true` if it is in the kernel's store, where it takes up room.
    is_stored: bool,
    content: Vec<u8>,
}

/// Records that the kernel stored, sorted by time.
#[derive(Debug, Default)]
pub(crate) struct KernelRecords(Vec<Record>);

impl KernelRecords {
    /// The latest records of this target, without their contents.
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

    /// Ids that tell the records from all others that this target has or will have.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.0.iter().map(Record::id).collect()
    }

    /// The records whose ids are not among `ids`, with their contents. Unreadable records are dropped.
    pub(crate) fn without(self, ids: &[String]) -> KernelRecords {
        let new = self.0.into_iter().filter(|r| !ids.contains(&r.id()));
        KernelRecords(new.filter_map(|r| r.read().ok()).collect())
    }

    /// The kernel's message about its crash: a panic; else an oops that is not older than `since`, in seconds since
    /// 1970. Empty if there is no such message.
    pub(crate) fn crash(&self, since: f64) -> String {
        let crashes = self.0.iter().filter_map(|record| {
            let text = String::from_utf8_lossy(&record.content);
            Some((record, words::crash(&text)?))
        });
        let (mut panic, mut oops) = (None, None);
        for (record, crash) in crashes {
            match crash {
                // A panic ends a boot, and with it any run in progress.
                Crash::Panic(line) => panic = panic.or(Some(line)),
                Crash::Oops(line) if record.seconds() + TIME_ERROR_S >= since => {
                    oops = oops.or(Some(line));
                }
                Crash::Oops(_) => {}
            }
        }
        panic.or(oops).unwrap_or_default()
    }

    /// `true` if there are no records.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Copies the records to the sysinfo directory of the run with this `subdir`, or of the job, and syncs them to
    /// disk.
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

    /// Removes the records from the kernel's store, to make room for the next crash. A missing permission is ignored.
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
        // The type differs between targets; the value is below 10⁹.
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

    /// The kernel reuses names, but not for crashes at the same time.
    fn id(&self) -> String {
        let (seconds, nanoseconds) = self.modified;
        format!("{} {} {seconds}.{nanoseconds:09}", self.path, self.bytes)
    }

    /// The name includes the time, since several crashes may interrupt a run: one in its `cleanup`, too.
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

/// Opens the kernel's store. If it is not mounted, mounts it detached, visible to this process only.
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
    // `fsmount` returns an `O_PATH` descriptor.
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

//! The register of the jobs with a handler, and of the kernel's settings before the first one.
//!
//! It is a directory, since any process may have to restore the settings: the job, its guardian, another job, the
//! handler itself. Each change is made under a lock, in an order in which a process may be killed at any point: the
//! original settings are recorded before they are changed, and removed after they are restored.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::handler::DUMP;
use super::kernel::KernelSettings;
use crate::exec::stat::Stat;
use crate::exec::unix::ChildPid;
use crate::identity;

/// The directory. The path is short, since the kernel's pattern has at most 127 bytes, and has no blanks. It belongs to
/// root and is gone after a reboot, like the kernel's settings.
pub(super) const DIR: &str = "/run/autotest-crash";

/// A link to the binary that the kernel starts.
const HANDLER: &str = "handler";

/// The file of the kernel's settings before the first job.
const ORIGINAL: &str = "original.json";

/// The prefix of a job's file.
const JOB: &str = "job-";

/// The time limit of waiting for the lock, which is never held for long.
const PATIENCE: Duration = Duration::from_secs(2);

/// The tolerance when comparing start times, in seconds.
const START_S: f64 = 0.1;

/// A job with the handler.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct RegisteredJob {
    pub(super) id: String,
    /// The binary that the kernel may start as its handler.
    pub(super) binary: PathBuf,
    pub(super) jobdir: PathBuf,
    /// The process id of the supervisor, and its start time in seconds since boot.
    pub(super) supervisor: i32,
    pub(super) since_boot_s: f64,
    pub(super) boot_id: String,
}

impl RegisteredJob {
    /// `true` if its supervisor is still running.
    pub(super) fn is_alive(&self) -> bool {
        let stat = ChildPid::new(self.supervisor).and_then(Stat::of);
        let is_same =
            |stat: Stat| !stat.is_zombie && (stat.since_boot_s - self.since_boot_s).abs() < START_S;
        self.boot_id == identity::boot_id() && stat.is_some_and(is_same)
    }
}

/// The open directory.
#[derive(Debug)]
pub(super) struct Register {
    dir: PathBuf,
    /// `None` for reading only: each file is replaced atomically.
    _locked: Option<File>,
}

impl Register {
    /// # Errors
    /// If it cannot be created or locked.
    pub(super) fn create() -> io::Result<Register> {
        Register::create_in(Path::new(DIR))
    }

    fn create_in(dir: &Path) -> io::Result<Register> {
        let start = Instant::now();
        loop {
            match DirBuilder::new().mode(0o700).create(dir) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
            if let Some(register) = Register::open(dir, start)? {
                return Ok(register);
            }
        }
    }

    /// Locks the directory, if it exists.
    ///
    /// # Errors
    /// If it cannot be locked.
    pub(super) fn existing() -> io::Result<Option<Register>> {
        Register::open(Path::new(DIR), Instant::now())
    }

    /// The directory without a lock, for reading.
    pub(super) fn unlocked() -> Register {
        Register {
            dir: PathBuf::from(DIR),
            _locked: None,
        }
    }

    /// Locks the directory. `None` if it does not exist.
    fn open(dir: &Path, start: Instant) -> io::Result<Option<Register>> {
        loop {
            let file = match File::open(dir) {
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                file => file?,
            };
            if file.try_lock().is_ok() {
                let is_there = fs::symlink_metadata(dir).is_ok_and(|there| {
                    let found = file.metadata();
                    found
                        .is_ok_and(|found| (found.dev(), found.ino()) == (there.dev(), there.ino()))
                });
                if is_there {
                    let dir = dir.to_owned();
                    let _locked = Some(file);
                    return Ok(Some(Register { dir, _locked }));
                }
            } else if start.elapsed() > PATIENCE {
                let reason = format!("another process holds `{}`", dir.display());
                return Err(io::Error::new(ErrorKind::WouldBlock, reason));
            } else {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }

    /// Adds a job, and makes the kernel start its binary for each core dump.
    pub(super) fn add(&self, job: &RegisteredJob) -> io::Result<()> {
        for other in self.jobs().iter().filter(|other| !other.is_alive()) {
            fs::remove_file(self.file_of(&other.id))?;
        }
        let now = KernelSettings::read()?;
        if now.core_pattern.starts_with('@') {
            let reason = "core_pattern names a socket, to which no core can be passed on";
            return Err(io::Error::other(reason));
        }
        self.write(&format!("{JOB}{}.json", job.id), job)?;
        let installed = self.installed();
        if now.core_pattern != installed.core_pattern {
            // Another program may have changed one of the settings while a job was running.
            let mut original = now.clone();
            if let Some(before) = self
                .original()
                .filter(|_| now.suid_dumpable == installed.suid_dumpable)
            {
                original.suid_dumpable = before.suid_dumpable;
            }
            self.write(ORIGINAL, &original)?;
        }
        self.link(&job.binary)?;
        installed.install()
    }

    /// Removes the job with this supervisor, and those whose supervisors are gone.
    pub(super) fn remove(&self, id: &str, supervisor: i32) -> io::Result<()> {
        let is_it = |job: &RegisteredJob| job.id == id && job.supervisor == supervisor;
        self.remove_all(|job| is_it(job) || !job.is_alive())
    }

    /// Removes the jobs whose supervisors are gone.
    pub(super) fn prune(&self) -> io::Result<()> {
        self.remove_all(|job| !job.is_alive())
    }

    /// Removes jobs. With the last one, the kernel's settings are restored.
    fn remove_all(&self, is_removed: impl Fn(&RegisteredJob) -> bool) -> io::Result<()> {
        let (removed, left): (Vec<_>, Vec<_>) = self.jobs().into_iter().partition(is_removed);
        for job in removed {
            fs::remove_file(self.file_of(&job.id))?;
        }
        match left.first() {
            None => self.restore(),
            Some(_) => match fs::read_link(self.dir.join(HANDLER)) {
                Ok(binary) if left.iter().any(|job| job.binary == binary) => Ok(()),
                _ => self.link(&left[0].binary),
            },
        }
    }

    /// Restores the kernel's settings, and removes the directory.
    fn restore(&self) -> io::Result<()> {
        if let Some(original) = self.original() {
            original.restore(&self.installed())?;
        }
        for name in [HANDLER, ORIGINAL] {
            let _ = fs::remove_file(self.dir.join(name));
        }
        fs::remove_dir(&self.dir)
    }

    /// The kernel's settings before the first job.
    pub(super) fn original(&self) -> Option<KernelSettings> {
        serde_json::from_slice(&fs::read(self.dir.join(ORIGINAL)).ok()?).ok()
    }

    /// The registered jobs.
    pub(super) fn jobs(&self) -> Vec<RegisteredJob> {
        let entries = fs::read_dir(&self.dir).into_iter().flatten().flatten();
        let files = entries.filter(|entry| {
            entry
                .file_name()
                .as_encoded_bytes()
                .starts_with(JOB.as_bytes())
        });
        let jobs =
            files.filter_map(|entry| serde_json::from_slice(&fs::read(entry.path()).ok()?).ok());
        jobs.collect()
    }

    /// The kernel's settings while there are jobs. Each word of the pattern after the first two begins with a letter
    /// that names the value, since an older kernel omits values that it does not know.
    fn installed(&self) -> KernelSettings {
        let handler = self.dir.join(HANDLER);
        KernelSettings {
            core_pattern: format!("|{} {DUMP} P%P I%I s%s t%t d%d c%c", handler.display()),
            suid_dumpable: "2".to_owned(),
        }
    }

    fn file_of(&self, id: &str) -> PathBuf {
        self.dir.join(format!("{JOB}{id}.json"))
    }

    /// Replaces a file atomically.
    fn write(&self, name: &str, content: &impl Serialize) -> io::Result<()> {
        let written = self.dir.join(".new");
        fs::write(&written, serde_json::to_vec(content)?)?;
        fs::rename(&written, self.dir.join(name))
    }

    fn link(&self, binary: &Path) -> io::Result<()> {
        let made = self.dir.join(".link");
        let _ = fs::remove_file(&made);
        symlink(binary, &made)?;
        fs::rename(&made, self.dir.join(HANDLER))
    }
}

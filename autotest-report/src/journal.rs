//! Reads `journal.jsonl`, which has a record of the job in each line.
//!
//! Everything from the first line that is not a record, or whose number is not the next one, is ignored.
//! While a journal is open here, it is locked, so that no other process writes it.

mod growing;

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use autotest_core::JournalVersion;

use crate::record::Record;

pub use growing::Growing;

/// The name of the file in a job's directory.
pub const NAME: &str = "journal.jsonl";

/// The largest line buffer that is kept: only the single line with the plan is longer.
pub const KEPT_LINE_BYTES: usize = 128 << 10;

/// How long to wait for a guardian to release the lock.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long to wait for any other process to release the lock.
const MOMENT: Duration = Duration::from_millis(500);

/// Why a journal cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another process has locked it.
    #[error("another process writes the journal of this job; wait for its end")]
    Locked,
    /// The file does not exist or cannot be opened.
    #[error(
        "failed to open the journal `{path}`: {error}; name the results directory of a job",
        path = .path.display()
    )]
    NotThere {
        /// The path.
        path: PathBuf,
        /// The cause.
        error: io::Error,
    },
    /// Its first record does not begin a job.
    #[error("`{path}` has no job in its journal", path = .0.display())]
    NoJob(PathBuf),
    /// A newer version of the framework wrote it.
    #[error(
        "`{path}` has version {} of the journal's format, and this program reads up to version {}: use the \
         version of autotest that wrote it, or a newer one",
        .version.0, JournalVersion::CURRENT.0, path = .path.display()
    )]
    Newer {
        /// The path.
        path: PathBuf,
        /// The version.
        version: JournalVersion,
    },
    /// It cannot be created or locked.
    #[error("failed to make the journal: {0}")]
    Open(#[from] io::Error),
}

/// Opens the journal of the job in `jobdir` for reading, and locks it: no other process may be writing it, or
/// can write it while the file is open.
///
/// # Errors
/// If there is none, another process is writing it, or its version is not known.
pub fn read(jobdir: &Path) -> Result<File, JournalError> {
    let file = open(jobdir, OpenOptions::new().read(true))?;
    lock(&file)?;
    check_version(file, jobdir)
}

/// Opens the journal as [`read`] does, for a program that writes nothing into the job's directory: any number of such
/// programs may read a journal at once.
///
/// # Errors
/// If there is none, another process is writing it, or its version is not known.
pub fn read_shared(jobdir: &Path) -> Result<File, JournalError> {
    let file = open(jobdir, OpenOptions::new().read(true))?;
    if !hold(&file, MOMENT) {
        return Err(JournalError::Locked);
    }
    check_version(file, jobdir)
}

/// Opens the journal of the job in `jobdir` while another process may be writing it.
///
/// # Errors
/// If there is none, or its version is not known.
pub fn follow(jobdir: &Path) -> Result<Growing, JournalError> {
    let file = open(jobdir, OpenOptions::new().read(true))?;
    check_version(file, jobdir).map(Growing::new)
}

/// Opens the journal of the job in `jobdir` for appending, and locks it as [`read`] does.
///
/// # Errors
/// If there is none, another process has locked it, or its version is not known.
pub fn reopen(jobdir: &Path) -> Result<File, JournalError> {
    let file = open(jobdir, OpenOptions::new().read(true).write(true))?;
    lock(&file)?;
    check_version(file, jobdir)
}

/// Refuses a journal that a newer version wrote. Reading it would stop at the first unknown event, as if the job had
/// been interrupted there.
fn check_version(journal: File, jobdir: &Path) -> Result<File, JournalError> {
    match version(&journal)? {
        Some(version) if version > JournalVersion::CURRENT => {
            let path = jobdir.join(NAME);
            Err(JournalError::Newer { path, version })
        }
        _ => Ok(journal),
    }
}

/// The version of a journal; `None` if it is not recorded. It is in the first bytes, whatever else a newer version
/// has in its first line.
fn version(journal: &File) -> io::Result<Option<JournalVersion>> {
    const BEFORE: &str = "\"job_start\":{\"version\":";
    let mut beginning = [0; 256];
    let length = journal.read_at(&mut beginning, 0)?;
    let beginning = String::from_utf8_lossy(&beginning[..length]);
    let number = beginning.split_once(BEFORE).map(|(_, behind)| {
        let end = behind.find(|c: char| !c.is_ascii_digit());
        &behind[..end.unwrap_or(behind.len())]
    });
    Ok(number.map(|number| JournalVersion(number.parse().unwrap_or(u32::MAX))))
}

fn open(jobdir: &Path, options: &mut OpenOptions) -> Result<File, JournalError> {
    let path = jobdir.join(NAME);
    let options = options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let opened = options.open(&path);
    opened.map_err(|error| JournalError::NotThere { path, error })
}

/// Keeps other processes from writing the journal, for a guardian while it ends the processes of a killed
/// supervisor. Returns `false` if another process is still writing it after `patience`.
pub fn hold(journal: &File, patience: Duration) -> bool {
    wait_for(patience, || match journal.try_lock_shared() {
        Err(TryLockError::WouldBlock) => None,
        _ => Some(()),
    })
    .is_some()
}

/// Locks the journal for writing. Waits for a guardian that holds the lock and, for a moment, for any other
/// process: it may be the process of a test that inherited the lock of a killed supervisor and is about to
/// die.
///
/// # Errors
/// If another process does not release the lock.
pub fn lock(journal: &File) -> Result<(), JournalError> {
    let start = Instant::now();
    let locked = wait_for(PATIENCE, || try_lock(journal, start.elapsed() < MOMENT));
    match locked {
        Some(Ok(())) => Ok(()),
        None | Some(Err(TryLockError::WouldBlock)) => Err(JournalError::Locked),
        Some(Err(TryLockError::Error(error))) => Err(error.into()),
    }
}

/// Tries to lock the journal. `None` if the caller should wait for the current holder: a guardian, which holds a shared
/// lock, or, if `waits_for_all`, any process.
fn try_lock(journal: &File, waits_for_all: bool) -> Option<Result<(), TryLockError>> {
    match journal.try_lock() {
        Err(TryLockError::WouldBlock) if waits_for_all || is_guarded(journal) => None,
        locked => Some(locked),
    }
}

/// `true` if only guardians hold the journal. Keeps no lock: two processes that waited with shared ones would wait for
/// each other.
fn is_guarded(journal: &File) -> bool {
    journal.try_lock_shared().is_ok() && journal.unlock().is_ok()
}

fn wait_for<T>(patience: Duration, mut f: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        match f() {
            None if start.elapsed() < patience => std::thread::sleep(Duration::from_millis(5)),
            result => return result,
        }
    }
}

/// The records of a journal, up to the first invalid line, after which nothing can be trusted.
pub struct Records {
    reader: BufReader<Section>,
    /// The line that was read last.
    line: Vec<u8>,
    /// Whether that line is not the next record, so that nothing more is read.
    is_at_end: bool,
    failed: Option<io::Error>,
    next_seq: u64,
    /// The offset of the end of the last complete record.
    pub length: u64,
}

/// The bytes after the last record that can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Nothing.
    Whole,
    /// A part of a line, as a killed supervisor leaves it.
    Cut,
    /// A line that is not the next record.
    Damaged,
}

/// Reads a file from its beginning, independently of the descriptor's position.
struct Section {
    file: File,
    at: u64,
}

impl io::Read for Section {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

/// A reader of the whole journal, from its beginning.
pub fn whole(file: File) -> impl io::Read {
    Section { file, at: 0 }
}

/// Whether a line that may be a record contains `text`.
///
/// # Errors
/// If the file cannot be read.
pub fn mentions(journal: File, text: &str) -> io::Result<bool> {
    let mut reader = BufReader::with_capacity(64 << 10, whole(journal));
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        match std::str::from_utf8(&line) {
            Ok(line) if line.contains(text) => return Ok(true),
            Ok(_) => line.clear(),
            Err(_) => break,
        }
    }
    Ok(false)
}

impl Records {
    /// The records in `file`, from its beginning.
    pub fn new(file: File) -> Records {
        Records {
            reader: BufReader::with_capacity(64 << 10, Section { file, at: 0 }),
            line: Vec::new(),
            is_at_end: false,
            failed: None,
            next_seq: 0,
            length: 0,
        }
    }

    /// Reads the remaining records. Returns the number of all records, and what follows them.
    ///
    /// # Errors
    /// If the file cannot be read to its end.
    pub fn ending(mut self) -> io::Result<(u64, Ending)> {
        self.by_ref().for_each(drop);
        let ending = match (self.failed, self.line.last()) {
            (Some(error), _) => return Err(error),
            (None, None) => Ending::Whole,
            (None, Some(b'\n')) => Ending::Damaged,
            (None, Some(_)) => Ending::Cut,
        };
        Ok((self.next_seq, ending))
    }

    fn read(&mut self) -> Option<Record> {
        self.line.clear();
        self.line.shrink_to(KEPT_LINE_BYTES);
        match self.reader.read_until(b'\n', &mut self.line) {
            Ok(_) => Record::from_line(&self.line),
            Err(error) => {
                self.failed = Some(error);
                None
            }
        }
    }
}

impl Iterator for Records {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        if self.is_at_end {
            return None;
        }
        let record = self.read().filter(|record| record.seq == self.next_seq);
        match &record {
            Some(_) => {
                self.next_seq += 1;
                self.length += self.line.len() as u64;
            }
            None => self.is_at_end = true,
        }
        record
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks whether a lock that is held in this way is waited for.
    #[track_caller]
    fn check(hold: fn(&File) -> io::Result<()>, waits_for_all: bool, is_waited_for: bool) {
        let journal = tempfile::NamedTempFile::new().unwrap();
        let holder = journal.reopen().unwrap();
        hold(&holder).unwrap();
        let locked = try_lock(journal.as_file(), waits_for_all);
        assert_eq!(locked.is_none(), is_waited_for);
        drop(holder);
        let locked = try_lock(journal.as_file(), waits_for_all);
        assert!(matches!(locked, Some(Ok(()))));
    }

    #[test]
    fn a_guardian_is_waited_for_and_others_only_for_a_moment() {
        check(File::lock_shared, false, true);
        check(File::lock_shared, true, true);
        check(File::lock, true, true);
        check(File::lock, false, false);
    }
}

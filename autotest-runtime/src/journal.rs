//! `journal.jsonl`: the record of a job, one JSON line an event. It is not a report: everything else
//! that is said of a job can be made from it again.
//!
//! Nothing is promised but this file: what it holds up to a moment survives whatever happens then,
//! as far as `--sync` says.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use autotest_core::Event;

use crate::engine;
use crate::hub::Record;
use crate::results::is_under_cargo;

/// The name of the file in a job's directory.
pub(crate) const NAME: &str = "journal.jsonl";

/// What waits at most for a disk that is full now.
const MAX_BACKLOG_BYTES: usize = 4 << 20;

/// What is kept of the space of a line: only that of the plan is longer, and comes once.
const KEPT_LINE_BYTES: usize = 128 << 10;

/// How long a lock is waited for: a guardian takes no longer.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long a lock is waited for that is no guardian's.
const MOMENT: Duration = Duration::from_millis(500);

/// When the journal is on the disk and not only on its way there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sync {
    /// When the kernel likes.
    None,
    /// Before a test's process is started, and before its end is shown.
    #[default]
    Test,
    /// With each event.
    Event,
}

/// Writes the journal.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    sync: Sync,
    /// Where the last whole line ends.
    length: u64,
    /// The space of a line in the making.
    line: Vec<u8>,
    /// Lines that could not be written yet.
    backlog: Vec<u8>,
    /// How many lines did not fit even there.
    lost: u64,
    error: Option<io::Error>,
}

/// A journal that can not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalError {
    #[error("another process writes the journal of this job; wait for its end")]
    Locked,
    #[error(
        "failed to open the journal `{path}`: {error}; name the results directory of a job",
        path = .path.display()
    )]
    NotThere { path: PathBuf, error: io::Error },
    #[error("`{path}` has no job in its journal", path = .0.display())]
    NoJob(PathBuf),
    #[error("failed to make the journal: {0}")]
    Open(#[from] io::Error),
}

impl Sync {
    /// For a person who develops tests the kernel's own pace is enough; on a target power may go.
    pub(crate) fn from_env() -> Sync {
        match is_under_cargo() || engine::is_under_nextest() {
            true => Sync::None,
            false => Sync::Test,
        }
    }
}

impl Journal {
    /// The journal of a new job.
    pub(crate) fn create(jobdir: &Path, sync: Sync) -> Result<Journal, JournalError> {
        let mut options = OpenOptions::new();
        let options = options.create_new(true).read(true).write(true).mode(0o644);
        Journal::locked(options.open(jobdir.join(NAME))?, sync, 0)
    }

    /// The journal of a job that was there before; nothing is written until it [goes on](Self::go_on).
    pub(crate) fn reopen(jobdir: &Path) -> Result<Journal, JournalError> {
        let file = open(jobdir, OpenOptions::new().read(true).write(true))?;
        Journal::locked(file, Sync::None, 0)
    }

    fn locked(file: File, sync: Sync, length: u64) -> Result<Journal, JournalError> {
        lock(&file)?;
        Ok(Journal {
            file,
            sync,
            length,
            line: Vec::new(),
            backlog: Vec::new(),
            lost: 0,
            error: None,
        })
    }

    /// From here on lines are added behind the first `length` bytes; what is behind them is cut off.
    pub(crate) fn go_on(&mut self, length: u64, sync: Sync) -> io::Result<()> {
        self.file.set_len(length)?;
        (self.length, self.sync) = (length, sync);
        Ok(())
    }

    /// Another descriptor of the file, also where it has no name any more.
    pub(crate) fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Adds a record. What can not be written now waits.
    pub(crate) fn append(&mut self, record: &Record) {
        let mut line = std::mem::take(&mut self.line);
        match serde_json::to_writer(&mut line, record) {
            Ok(()) => {
                line.push(b'\n');
                self.write(&line);
            }
            Err(error) => self.lose(error.into()),
        }
        line.clear();
        line.shrink_to(KEPT_LINE_BYTES);
        self.line = line;
        if self.is_synced_after(&record.event) && self.backlog.is_empty() {
            // What can not be synchronised is written all the same.
            let _ = self.file.sync_data();
        }
    }

    fn write(&mut self, line: &[u8]) {
        if self.backlog.is_empty() {
            if let Err(error) = self.put(line) {
                self.keep(line, error);
            }
            return;
        }
        let backlog = std::mem::take(&mut self.backlog);
        match self.put(&backlog).and_then(|()| self.put(line)) {
            Ok(()) => {}
            Err(error) => {
                let is_put = self.backlog_is_put(&backlog);
                self.backlog = if is_put { Vec::new() } else { backlog };
                self.keep(line, error);
            }
        }
    }

    /// Whether the bytes are the last of the file.
    fn backlog_is_put(&self, backlog: &[u8]) -> bool {
        let begin = self.length.checked_sub(backlog.len() as u64);
        let mut there = vec![0; backlog.len()];
        begin.is_some_and(|begin| self.file.read_exact_at(&mut there, begin).is_ok())
            && there == backlog
    }

    /// Writes all of it, or nothing: half a line would cost the whole journal behind it.
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        let written = self.file.write_all_at(bytes, self.length);
        match written {
            Ok(()) => self.length += bytes.len() as u64,
            Err(_) => {
                let _ = self.file.set_len(self.length);
            }
        }
        written
    }

    fn keep(&mut self, line: &[u8], error: io::Error) {
        if self.backlog.len() + line.len() <= MAX_BACKLOG_BYTES {
            self.backlog.extend(line);
            self.error = Some(error);
        } else {
            self.lose(error);
        }
    }

    fn lose(&mut self, error: io::Error) {
        self.lost += 1;
        self.error = Some(error);
    }

    fn is_synced_after(&self, event: &Event) -> bool {
        match self.sync {
            Sync::None => false,
            Sync::Event => true,
            Sync::Test => match event {
                Event::JobStart(_)
                | Event::JobResume(_)
                | Event::JobEnd { .. }
                | Event::TestStart(_)
                | Event::TestEnd { .. }
                | Event::Attempt { .. } => true,
                Event::Process { .. }
                | Event::Phase(_)
                | Event::Keyval(_)
                | Event::IterationKeyval { .. }
                | Event::Perf(_)
                | Event::Status(_)
                | Event::Suppressed { .. }
                | Event::Progress { .. }
                | Event::Artifact { .. }
                | Event::Saved { .. }
                | Event::HookTimer { .. } => false,
            },
        }
    }

    /// Whether a further test may start: what was promised to be on the disk is there.
    pub(crate) fn keeps_its_promise(&self) -> bool {
        self.sync == Sync::None || (self.backlog.is_empty() && self.lost == 0)
    }

    /// Writes what waits. Says what is missing, if something is.
    pub(crate) fn finish(&mut self) -> Result<(), String> {
        if !self.backlog.is_empty() {
            let backlog = std::mem::take(&mut self.backlog);
            if let Err(error) = self.put(&backlog) {
                self.lost += backlog.iter().filter(|byte| **byte == b'\n').count() as u64;
                self.error = Some(error);
            }
        }
        match (self.lost, &self.error) {
            (0, _) => Ok(()),
            (lost, Some(error)) => {
                Err(format!("{lost} events are missing in the journal: {error}"))
            }
            (lost, None) => Err(format!("{lost} events are missing in the journal")),
        }
    }
}

/// The file of a journal, to read it only. Nobody may be writing it, and nobody will as long as the file
/// is open.
pub(crate) fn read(jobdir: &Path) -> Result<File, JournalError> {
    let file = open(jobdir, OpenOptions::new().read(true))?;
    lock(&file)?;
    Ok(file)
}

fn open(jobdir: &Path, options: &mut OpenOptions) -> Result<File, JournalError> {
    let path = jobdir.join(NAME);
    let options = options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let opened = options.open(&path);
    opened.map_err(|error| JournalError::NotThere { path, error })
}

/// Keeps others from writing the journal, as a guardian does while it ends what a killed process left.
/// False if somebody writes it, also after `patience`.
pub(crate) fn hold(journal: &File, patience: Duration) -> bool {
    wait_for(patience, || match journal.try_lock_shared() {
        Err(TryLockError::WouldBlock) => None,
        _ => Some(()),
    })
    .is_some()
}

/// Takes the journal to write it. A guardian that holds it is waited for, and for a moment whoever else:
/// that may be the process of a test that is about to die with a killed supervisor, and was forked with
/// the supervisor's lock.
fn lock(journal: &File) -> Result<(), JournalError> {
    let start = Instant::now();
    let is_waited_for = || start.elapsed() < MOMENT || journal.try_lock_shared().is_ok();
    let locked = wait_for(PATIENCE, || match journal.try_lock() {
        Err(TryLockError::WouldBlock) if is_waited_for() => None,
        locked => Some(locked),
    });
    match locked {
        Some(Ok(())) => Ok(()),
        None | Some(Err(TryLockError::WouldBlock)) => Err(JournalError::Locked),
        Some(Err(TryLockError::Error(error))) => Err(error.into()),
    }
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

/// The records of a journal, up to the first line that is none: behind it nothing can be trusted.
pub(crate) struct Records {
    reader: BufReader<Section>,
    line: Vec<u8>,
    next_seq: u64,
    /// Where the last whole record ends.
    pub(crate) length: u64,
}

/// A file read from its beginning, whatever else its descriptor is used for.
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

/// All of a journal, from its beginning.
pub(crate) fn whole(file: File) -> impl io::Read {
    Section { file, at: 0 }
}

/// Whether a line that may be a record has this text in it.
pub(crate) fn mentions(journal: File, text: &str) -> io::Result<bool> {
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
    pub(crate) fn new(file: File) -> Records {
        Records {
            reader: BufReader::with_capacity(64 << 10, Section { file, at: 0 }),
            line: Vec::new(),
            next_seq: 0,
            length: 0,
        }
    }
}

impl Iterator for Records {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        self.line.clear();
        self.line.shrink_to(KEPT_LINE_BYTES);
        self.reader.read_until(b'\n', &mut self.line).ok()?;
        let record: Record = serde_json::from_slice(self.line.strip_suffix(b"\n")?).ok()?;
        if record.seq != self.next_seq {
            return None;
        }
        self.next_seq += 1;
        self.length += self.line.len() as u64;
        Some(record)
    }
}

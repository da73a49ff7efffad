//! Writes `journal.jsonl`, the record of a job: one JSON line for each event. The journal is not a report; every report
//! can be made from it again.
//!
//! Only this file is durable: what has been written survives a crash, and a power loss to the extent that `--sync`
//! says.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use autotest_core::Event;
use autotest_report::{JournalError, Record, is_linked, journal};

/// The limit on the size of the queue while the disk is full.
const MAX_BACKLOG_BYTES: usize = 4 << 20;

/// When the journal is synced to disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sync {
    /// Never; the kernel decides when to write it.
    None,
    /// Before the process of a test is started, and before the end of a test is shown.
    #[default]
    Test,
    /// After each event.
    Event,
}

/// Writes the journal.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    sync: Sync,
    /// The end of the last complete line.
    length: u64,
    /// A buffer for the current line, kept to avoid allocations.
    line: Vec<u8>,
    /// Lines that could not be written yet.
    backlog: Vec<u8>,
    /// The number of lines that did not fit into the backlog.
    lost: u64,
    error: Option<io::Error>,
}

impl Journal {
    /// Creates the journal of a new job.
    pub(crate) fn create(jobdir: &Path, sync: Sync) -> Result<Journal, JournalError> {
        let mut options = OpenOptions::new();
        let options = options.create_new(true).read(true).write(true).mode(0o644);
        let file = match options.open(jobdir.join(journal::NAME)) {
            // The directory was empty a moment ago.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(JournalError::Locked);
            }
            opened => opened?,
        };
        journal::lock(&file)?;
        // Before it was locked, another process with `--continue` may have removed it as the leftover of a killed one.
        if !is_linked(&file) {
            return Err(JournalError::Locked);
        }
        Ok(Journal::of(file, sync))
    }

    /// Opens the journal of an existing job. Nothing must be written before [`resume`](Self::resume).
    pub(crate) fn reopen(jobdir: &Path) -> Result<Journal, JournalError> {
        Ok(Journal::of(journal::reopen(jobdir)?, Sync::None))
    }

    fn of(file: File, sync: Sync) -> Journal {
        Journal {
            file,
            sync,
            length: 0,
            line: Vec::new(),
            backlog: Vec::new(),
            lost: 0,
            error: None,
        }
    }

    /// Truncates the file to `length` bytes, and appends from there.
    pub(crate) fn resume(&mut self, length: u64, sync: Sync) -> io::Result<()> {
        self.file.set_len(length)?;
        (self.length, self.sync) = (length, sync);
        Ok(())
    }

    /// Duplicates the file's descriptor; this works even if the file was removed.
    pub(crate) fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Appends a record, or queues it if it cannot be written now.
    pub(crate) fn append(&mut self, record: &Record) {
        let mut line = std::mem::take(&mut self.line);
        match record.write_to(&mut line) {
            Ok(()) => self.write(&line),
            Err(error) => self.lose(error.into()),
        }
        line.clear();
        line.shrink_to(journal::KEPT_LINE_BYTES);
        self.line = line;
        if self.is_synced_after(&record.event) && self.backlog.is_empty() {
            // Some file systems cannot sync; the data is still written.
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

    /// `true` if the file ends with these bytes.
    fn backlog_is_put(&self, backlog: &[u8]) -> bool {
        let begin = self.length.checked_sub(backlog.len() as u64);
        let mut there = vec![0; backlog.len()];
        begin.is_some_and(|begin| self.file.read_exact_at(&mut there, begin).is_ok())
            && there == backlog
    }

    /// Writes all bytes or none: nothing after an incomplete line could be read.
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
            Sync::Test => is_synced_after(event),
        }
    }

    /// `true` if the journal is as durable as `--sync` demands, so that another test may start.
    pub(crate) fn is_durable(&self) -> bool {
        self.sync == Sync::None || (self.backlog.is_empty() && self.lost == 0)
    }

    /// Writes the backlog. The error is the number of lost events, if there are any.
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
            (lost, Some(error)) => Err(format!(
                "{lost} events are missing from the journal: {error}"
            )),
            (lost, None) => Err(format!("{lost} events are missing from the journal")),
        }
    }
}

/// `true` if [`Sync::Test`] syncs after this event: the start of a test, or a decision.
pub(crate) fn is_synced_after(event: &Event) -> bool {
    match event {
        Event::JobStart(_)
        | Event::JobResume(_)
        | Event::JobEnd { .. }
        | Event::GroupStart(_)
        | Event::GroupEnd { .. }
        | Event::RebootStart(_)
        | Event::RebootEnd { .. }
        | Event::Answered(_)
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
        | Event::ChangedFile { .. }
        | Event::HookTimer { .. } => false,
        #[cfg(feature = "crash-handler")]
        Event::Crash(_) => false,
        #[cfg(feature = "packages")]
        Event::Nested { .. } => false,
    }
}

//! `--follow DIR`: prints the records of a job as they are written and, with `--files`, its result files, for a host
//! that keeps both.
//!
//! It changes nothing and holds no lock, so any number of followers may read a journal. It ends when the job, the
//! supervisor, or its reader ends.

mod files;
mod out;
mod runs;
mod waiting;

use std::ffi::OsString;
use std::io::{self, BufWriter, ErrorKind};
use std::path::Path;
use std::time::{Duration, Instant};

use autotest_core::{Event, JobStart};
use autotest_report::journal::{self, Growing};
use autotest_report::wire::{End, FrameWriter};
use autotest_report::{JournalError, Record};

use super::MainError;
use crate::cli::{self, FollowOptions, Options};
use crate::engine::Variables;
use crate::exit::Exit;
use crate::journal::{Sync, is_synced_after};
use crate::results;
use files::Files;
use out::Out;
use runs::{Runs, Sent};
use waiting::Waiting;

/// The flags that are allowed with `--follow`.
const ALLOWED: &[&str] = &["follow", "from", "files"];

/// The size of the output buffer.
const PIECE_BYTES: usize = 64 << 10;

/// How long the journal must be unlocked before the job counts as interrupted: a supervisor, new or resumed, may be
/// about to lock it.
const UNLOCKED: Duration = Duration::from_millis(500);

/// After this long without output, a host gets a sign of life. A host that misses several considers the connection
/// broken.
const QUIET: Duration = Duration::from_secs(5);

/// How long to wait for the reports of a job that has ended: its supervisor may be waiting for its own reader.
const REPORTS: Duration = Duration::from_secs(60);

/// Prints the journal from a record on, until the job has ended, is interrupted, or the reader is gone.
pub(super) fn run(dir: &Path, given: FollowOptions, options: &Options) -> Result<Exit, MainError> {
    options.check_only(ALLOWED, "follow", "it runs nothing")?;
    let dir = results::of_job(dir);
    let journal = journal::follow(&dir)?;
    let waiting = Waiting::of(&dir.join(journal::NAME));
    let files = match given.files {
        true => Some(Files::open(&dir)?),
        false => None,
    };
    let mut follower = Follower {
        journal,
        wire: FrameWriter::new(BufWriter::with_capacity(PIECE_BYTES, Out::default())),
        files,
        runs: Runs::default(),
        waiting,
        from: given.from,
        is_synced: true,
        on_disk: 0,
        line: Vec::new(),
        end: None,
        written: Instant::now(),
    };
    match follower.follow() {
        Ok(None) => Err(JournalError::NoJob(dir).into()),
        Ok(Some(End::Ended)) => Ok(Exit::Passed),
        Ok(Some(End::Interrupted)) => Ok(Exit::Unfinished),
        // The reader is gone.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Exit::Passed),
        Err(error) => Err(error.into()),
    }
}

struct Follower {
    journal: Growing,
    wire: FrameWriter<BufWriter<Out>>,
    /// `None` without `--files`.
    files: Option<Files>,
    runs: Runs,
    waiting: Waiting,
    /// The number of the first record to print.
    from: u64,
    /// `true` if a verdict must be on disk before it is printed.
    is_synced: bool,
    /// The length of the journal known to be on disk.
    on_disk: u64,
    /// The line of the current record.
    line: Vec<u8>,
    /// The end of the job, if its latest record is one.
    end: Option<End>,
    /// The time of the last output.
    written: Instant,
}

impl Follower {
    /// Returns how the job ended; `None` if the journal contains no job.
    fn follow(&mut self) -> io::Result<Option<End>> {
        let mut unlocked_since = None;
        loop {
            if self.pass_on()? || self.journal.is_written() {
                unlocked_since = None;
            } else if !self.pass_on()? {
                // Everything written before the lock was released has been read.
                let since = *unlocked_since.get_or_insert_with(Instant::now);
                if since.elapsed() > UNLOCKED {
                    return self.finish(End::Interrupted);
                }
                self.waiting.shorten();
            }
            if let Some(end) = self.end {
                return self.finish(end);
            }
            self.wait()?;
        }
    }

    /// Waits for news, and sends a sign of life to a host that has received nothing for a while.
    fn wait(&mut self) -> io::Result<()> {
        self.waiting.wait()?;
        if self.files.is_some() && self.written.elapsed() >= QUIET {
            self.wire.alive()?;
            self.written = Instant::now();
        }
        Ok(())
    }

    fn finish(&mut self, end: End) -> io::Result<Option<End>> {
        let has_begun = self.journal.next_seq() > 0;
        if has_begun && self.files.is_some() {
            self.wire.end(end)?;
        }
        Ok(has_begun.then_some(end))
    }

    /// Prints the new records. Returns `true` if there were any.
    fn pass_on(&mut self) -> io::Result<bool> {
        let before = self.journal.next_seq();
        while let Some((record, line)) = self.journal.next_record()? {
            self.line.clear();
            self.line.extend_from_slice(line);
            self.record(record)?;
            self.written = Instant::now();
        }
        self.wire.flush()?;
        Ok(self.journal.next_seq() > before)
    }

    /// Prints a record, after the files that belong to it.
    fn record(&mut self, record: Record) -> io::Result<()> {
        if let Event::JobStart(job) = &record.event {
            self.is_synced = is_synced(job);
        }
        let is_printed = record.seq >= self.from;
        let sent = self.runs.note(&record, is_printed);
        self.end = self.runs.end();
        if !is_printed {
            return Ok(());
        }
        match sent {
            Sent::Nothing => {}
            Sent::Run(subdir) => {
                if let Some(files) = &mut self.files {
                    files.send_run(&mut self.wire, &subdir)?;
                }
            }
            Sent::Rest => self.send_rest()?,
        }
        if is_synced_after(&record.event) {
            self.sync();
        }
        self.wire.record(&self.line)
    }

    /// Sends the files that were not sent with a run, once the reports are complete: they are written after the last
    /// record.
    fn send_rest(&mut self) -> io::Result<()> {
        if self.files.is_none() || self.is_continued()? {
            return Ok(());
        }
        self.wire.flush()?;
        let start = Instant::now();
        while self.journal.is_written() && start.elapsed() < REPORTS {
            self.wait()?;
            if self.is_continued()? {
                return Ok(());
            }
        }
        match &mut self.files {
            Some(files) => files.send_rest(&mut self.wire, self.runs.sent_before()),
            None => Ok(()),
        }
    }

    /// `true` if the job was resumed after the end that was just read.
    fn is_continued(&self) -> io::Result<bool> {
        Ok(self.journal.file().metadata()?.len() > self.journal.offset())
    }

    /// Syncs the journal, as far as it was read: no reader may see a verdict that a power loss undoes.
    fn sync(&mut self) {
        if !self.is_synced || self.on_disk >= self.journal.offset() {
            return;
        }
        let length = self
            .journal
            .file()
            .metadata()
            .map_or(0, |found| found.len());
        // Some file systems cannot sync; the supervisor ignores that, too.
        let _ = self.journal.file().sync_data();
        self.on_disk = length;
    }
}

/// `true` if the job's own command line asks for a synced journal.
fn is_synced(job: &JobStart) -> bool {
    let words = |words: &[String]| words.iter().map(OsString::from).collect::<Vec<_>>();
    let lines = [words(&job.argv)];
    let options = cli::parse_recorded(words(&job.options), &lines, Variables::of_process());
    options.map_or(true, |options| options.sync != Some(Sync::None))
}

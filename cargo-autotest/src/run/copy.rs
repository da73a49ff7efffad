//! The copy of a job's results on the host, while they come from the target: its journal and its files.

mod left_out;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Component, Path, PathBuf};

use autotest_report::journal::{self, Records};
use autotest_report::wire::{Contents, End, FileFrame, FrameReader, Item, WireError};
use autotest_report::{Completion, JournalError, Record, Tree};
use left_out::LeftOut;

/// Results that are being received.
#[derive(Debug)]
pub(super) struct Copy {
    dir: PathBuf,
    journal: File,
    /// The number of records in the copy of the journal, and of their bytes.
    count: u64,
    length: u64,
    completion: Completion,
    /// The last record.
    last_line: Vec<u8>,
    /// The permissions of directories, which are set once everything is in them.
    modes: Vec<(PathBuf, u32)>,
    left_out: LeftOut,
}

/// An error when receiving results.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CopyError {
    /// The connection broke, or the target sent something else.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The target's journal is not the one that was received.
    #[error("the journal on the target is another one")]
    Diverged,
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("failed to write `{path}`: {error}", path = .0.display(), error = .1)]
    Write(PathBuf, io::Error),
}

/// Whether records of a job were received in this directory. The journal of a job that did not begin is empty.
pub(super) fn has_records(dir: &Path) -> bool {
    let metadata = std::fs::metadata(dir.join(journal::NAME));
    metadata.is_ok_and(|metadata| metadata.len() > 0)
}

impl Copy {
    /// Opens the results in `dir`, which is empty or has results that were received before.
    ///
    /// # Errors
    /// If another process writes them, or they cannot be written.
    pub(super) fn open(dir: &Path) -> Result<Copy, CopyError> {
        let path = dir.join(journal::NAME);
        let failed = |error| CopyError::Write(path.clone(), error);
        fs_err::create_dir_all(dir).map_err(failed)?;
        let mut options = File::options();
        let options = options.read(true).write(true).create(true).truncate(false);
        let journal = options.open(&path).map_err(failed)?;
        journal::lock(&journal)?;
        let mut records = Records::new(journal.try_clone().map_err(failed)?);
        let (mut count, mut completion) = (0, Completion::default());
        for record in records.by_ref() {
            count = record.seq + 1;
            completion.note(&record.event);
        }
        journal.set_len(records.length).map_err(failed)?;
        let last_line = last_line(&journal, records.length).map_err(failed)?;
        Ok(Copy {
            dir: dir.to_owned(),
            journal,
            count,
            length: records.length,
            completion,
            last_line,
            modes: Vec::new(),
            left_out: LeftOut::open(dir).map_err(failed)?,
        })
    }

    /// The number of the first record to ask for: the last one that was received, by which the target's journal is
    /// recognized.
    pub(super) fn from(&self) -> u64 {
        self.count.saturating_sub(1)
    }

    /// Whether no record was received.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether the job has ended.
    pub(super) fn completion(&self) -> &Completion {
        &self.completion
    }

    /// The number of records that were received.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Makes sure that everything is on the disk.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(super) fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::syncfs(&self.journal)?)
    }

    /// The records that were received.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub(super) fn records(&self) -> io::Result<Records> {
        Ok(Records::new(self.journal.try_clone()?))
    }

    /// Receives records, each of which is passed on, and files, until the stream ends.
    ///
    /// # Errors
    /// If the stream breaks, or something in it cannot be written. Everything before that is kept.
    pub(super) fn receive(
        &mut self,
        stream: impl BufRead,
        mut on_record: impl FnMut(Record),
    ) -> Result<End, CopyError> {
        let tree = Tree::open(&self.dir).map_err(|e| CopyError::Write(self.dir.clone(), e))?;
        let mut frames = FrameReader::new(stream);
        let mut is_recognized = self.is_empty();
        while let Some(item) = frames.next()? {
            match item {
                Item::Record(line) if !is_recognized => {
                    if line != self.last_line {
                        return Err(CopyError::Diverged);
                    }
                    is_recognized = true;
                }
                Item::Record(line) => on_record(self.add(line)?),
                Item::File(frame, contents) => self.file(&tree, &frame, contents)?,
                Item::Dir { path, mode } => {
                    self.made(&path, |path| tree.receive_dir(path))?;
                    self.modes.push((path, mode));
                }
                Item::Link { path, to } => {
                    self.made(&path, |path| tree.receive_link(path, &to))?;
                }
                Item::LeftOut { path, reason } => {
                    self.leave_out(format!("`{}`: {reason}", path.display()))?;
                }
                Item::End(End::Ended) if !is_recognized => return Err(CopyError::Diverged),
                Item::End(End::Ended) => {
                    self.set_modes(&tree)?;
                    return Ok(End::Ended);
                }
                // More files may come into the directories, so their permissions wait.
                Item::End(End::Interrupted) => return Ok(End::Interrupted),
            }
        }
        Ok(End::Interrupted)
    }

    fn add(&mut self, line: &[u8]) -> Result<Record, CopyError> {
        let record = Record::from_line(line).filter(|record| record.seq == self.count);
        let record = record.ok_or_else(|| {
            let text = String::from_utf8_lossy(line);
            CopyError::Wire(WireError::Invalid {
                line: autotest_core::excerpt(text.trim_end()).to_string(),
                why: "it is not the next record".to_owned(),
            })
        })?;
        let failed = |error| CopyError::Write(self.dir.join(journal::NAME), error);
        self.journal
            .write_all_at(line, self.length)
            .map_err(failed)?;
        self.count += 1;
        self.length += line.len() as u64;
        self.completion.note(&record.event);
        self.last_line.clear();
        self.last_line.extend_from_slice(line);
        Ok(record)
    }

    fn file<R: BufRead>(
        &mut self,
        tree: &Tree,
        frame: &FileFrame,
        contents: Contents<'_, R>,
    ) -> Result<(), CopyError> {
        let mut created = None;
        self.made(&frame.path, |path| {
            created = Some(tree.receive_file(path, frame.mode)?);
            Ok(())
        })?;
        let Some(file) = created else {
            return Ok(());
        };
        match contents.copy_to(&file) {
            // The file was cut short; reading the next item reports that.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(()),
            copied => copied.map_err(|error| CopyError::Write(self.dir.join(&frame.path), error)),
        }
    }

    /// Makes a file, directory or link of the results. A path that cannot belong to results is left out.
    fn made(
        &mut self,
        path: &Path,
        make: impl FnOnce(&Path) -> io::Result<()>,
    ) -> Result<(), CopyError> {
        if !is_of_results(path) {
            return self.leave_out(format!("`{}`: it is none of the results", path.display()));
        }
        match make(path) {
            Err(error) if is_of_disk(&error) => Err(CopyError::Write(self.dir.join(path), error)),
            Err(error) => self.leave_out(format!("`{}`: {error}", path.display())),
            Ok(()) => Ok(()),
        }
    }

    fn set_modes(&mut self, tree: &Tree) -> Result<(), CopyError> {
        // The innermost first, since the permissions of an outer one may forbid access.
        while let Some((path, mode)) = self.modes.pop() {
            if is_of_results(&path) && tree.set_received_mode(&path, mode).is_err() {
                self.leave_out(format!("the permissions of `{}`", path.display()))?;
            }
        }
        Ok(())
    }

    fn leave_out(&mut self, message: String) -> Result<(), CopyError> {
        let added = self.left_out.add(message);
        added.map_err(|error| CopyError::Write(self.dir.clone(), error))
    }

    /// Messages about what the target did not send or the host did not accept, to this process or an earlier one.
    pub(super) fn left_out(&self) -> &BTreeSet<String> {
        self.left_out.messages()
    }

    /// Removes everything that was received, since the target has another job.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub(super) fn begin_again(&mut self) -> Result<(), CopyError> {
        let failed = |error| CopyError::Write(self.dir.clone(), error);
        self.journal.set_len(0).map_err(failed)?;
        (self.count, self.length) = (0, 0);
        self.completion = Completion::default();
        self.last_line.clear();
        self.modes.clear();
        self.left_out.clear().map_err(failed)?;
        for entry in fs_err::read_dir(&self.dir).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(b".autotest-run") || name == journal::NAME {
                continue;
            }
            let removed = match entry.file_type().map_err(failed)?.is_dir() {
                true => fs_err::remove_dir_all(entry.path()),
                false => fs_err::remove_file(entry.path()),
            };
            removed.map_err(failed)?;
        }
        Ok(())
    }
}

/// Whether the error concerns the whole disk, rather than one file with an odd name.
fn is_of_disk(error: &io::Error) -> bool {
    use ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    let kinds = [
        StorageFull,
        QuotaExceeded,
        ReadOnlyFilesystem,
        PermissionDenied,
    ];
    kinds.contains(&error.kind())
        || error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error())
}

/// The last line of a journal of this length.
fn last_line(journal: &File, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut at = length;
    const PIECE: u64 = 64 << 10;
    loop {
        let from = at.saturating_sub(PIECE);
        let mut piece = vec![0; usize::try_from(at - from).unwrap_or(0)];
        journal.read_exact_at(&mut piece, from)?;
        piece.append(&mut bytes);
        bytes = piece;
        at = from;
        let before_last = bytes.len().saturating_sub(1);
        match bytes[..before_last].iter().rposition(|byte| *byte == b'\n') {
            Some(newline) => return Ok(bytes.split_off(newline + 1)),
            None if at == 0 => return Ok(bytes),
            None => {}
        }
    }
}

/// Whether this can be the path of a file in the results. The journal and the host's own files are not.
fn is_of_results(path: &Path) -> bool {
    let is_plain = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let Some(first) = path.iter().next() else {
        return false;
    };
    let is_hosts = first.as_encoded_bytes().starts_with(b".autotest-run")
        || first == ".targets"
        || first == journal::NAME;
    is_plain && !is_hosts
}

//! Reads a job's journal for the import.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use autotest_core::JournalVersion;
use autotest_package::Sha256Sum;
use autotest_report::journal::{self, Ending, Records};
use autotest_report::{Digest, JournalError, Replay};

/// An error when reading a job.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    #[error("failed to read its journal: {0}")]
    Unreadable(#[from] io::Error),
    #[error("the job is in progress; import it when it has ended")]
    InProgress,
    #[error("its journal has no job")]
    NoJob,
    #[error("its job has no id, by which it could be recognised")]
    NoId,
    #[error(
        "its journal has version {0} of the format, and this program reads up to version {current}; use a newer cargo-autotest",
        current = JournalVersion::CURRENT.0
    )]
    Newer(u32),
    #[error(
        "line {0} of its journal is damaged, and nothing after it can be trusted; restore the journal"
    )]
    Damaged(u64),
}

/// A job, with the sizes and checksums that identify its journal.
pub(crate) struct Source {
    pub(crate) dir: PathBuf,
    pub(crate) digest: Digest,
    /// The number of whole records.
    pub(crate) records: u64,
    /// The length of the whole records.
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
    /// The checksum of the first record, which is unique to the job.
    pub(crate) start_sha256: String,
    /// Whether a partial record follows the whole ones.
    pub(crate) is_cut: bool,
    /// Kept open, so that no other process can write it.
    journal: File,
}

/// Drops the path, because the caller names it.
impl From<JournalError> for SourceError {
    fn from(error: JournalError) -> SourceError {
        match error {
            JournalError::Locked => SourceError::InProgress,
            JournalError::NotThere { error, .. } | JournalError::Open(error) => {
                SourceError::Unreadable(error)
            }
            JournalError::NoJob(_) => SourceError::NoJob,
            JournalError::Newer { version, .. } => SourceError::Newer(version.0),
        }
    }
}

impl Source {
    /// Reads the job in a directory.
    ///
    /// # Errors
    /// If its journal cannot be read to its end, or is being written.
    pub(crate) fn read(dir: &Path) -> Result<Source, SourceError> {
        let journal = journal::read_shared(dir)?;
        if !Replay::new(journal.try_clone()?)?.has_job() {
            return Err(SourceError::NoJob);
        }
        let mut records = Records::new(journal.try_clone()?);
        records.by_ref().for_each(drop);
        let bytes = records.length;
        let (count, ending) = records.ending()?;
        if ending == Ending::Damaged {
            return Err(SourceError::Damaged(count + 1));
        }
        let digest = Digest::of(journal.try_clone()?)?;
        if digest.job.id.is_empty() {
            return Err(SourceError::NoId);
        }
        Ok(Source {
            dir: dir.to_owned(),
            digest,
            records: count,
            bytes,
            sha256: sha256(&journal, bytes)?,
            start_sha256: sha256(&journal, first_line_bytes(&journal)?)?,
            is_cut: ending == Ending::Cut,
            journal,
        })
    }

    /// The jobs that were merged into this one, each with its target and its id; none if it is an ordinary job.
    pub(crate) fn merged(&self) -> &[(String, String)] {
        &self.digest.job.merged
    }

    /// Names the target as the merged results of its run do. The own hostnames of several targets may be the same.
    pub(crate) fn named_as_in(mut self, merged: &[(String, String)]) -> Source {
        let job = &mut self.digest.job;
        if let Some((target, _)) = merged.iter().find(|(_, id)| *id == job.id) {
            job.hostname.clone_from(target);
        }
        self
    }

    /// Whether the first `bytes` bytes of the journal have this checksum.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn continues(&self, bytes: u64, checksum: &str) -> io::Result<bool> {
        Ok(sha256(&self.journal, bytes)? == checksum)
    }
}

fn first_line_bytes(journal: &File) -> io::Result<u64> {
    let mut line = Vec::new();
    let mut whole = BufReader::new(journal::whole(journal.try_clone()?));
    Ok(whole.read_until(b'\n', &mut line)? as u64)
}

fn sha256(journal: &File, bytes: u64) -> io::Result<String> {
    let whole = journal::whole(journal.try_clone()?);
    Ok(Sha256Sum::of(whole.take(bytes))?.to_string())
}

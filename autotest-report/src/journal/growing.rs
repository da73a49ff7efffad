//! Reads a journal while it is being written.

use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;

use super::KEPT_LINE_BYTES;
use crate::record::Record;

/// The number of bytes read at once; more if a line is longer.
const PIECE_BYTES: usize = 64 << 10;

/// A growing journal. A resumed supervisor may also truncate it after its last record.
#[derive(Debug)]
pub struct Growing {
    file: File,
    /// The offset of the end of the last record that was returned.
    at: u64,
    next_seq: u64,
    /// The bytes read from `at - taken` on.
    piece: Vec<u8>,
    /// The number of bytes of `piece` that were returned.
    taken: usize,
}

impl Growing {
    /// The records in `file`, from its beginning.
    pub fn new(file: File) -> Growing {
        Growing {
            file,
            at: 0,
            next_seq: 0,
            piece: Vec::new(),
            taken: 0,
        }
    }

    /// The next record with its line, including the newline; `None` if it is not, or only partly, written.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn next_record(&mut self) -> io::Result<Option<(Record, &[u8])>> {
        let Some(length) = self.line()? else {
            return Ok(None);
        };
        let line = self.taken..self.taken + length;
        let record = Record::from_line(&self.piece[line.clone()]);
        let Some(record) = record.filter(|record| record.seq == self.next_seq) else {
            self.forget();
            return Ok(None);
        };
        self.next_seq += 1;
        self.at += length as u64;
        self.taken = line.end;
        Ok(Some((record, &self.piece[line])))
    }

    /// The number of the next record.
    pub fn next_seq(&self) -> u64 {
        self.next_seq
    }

    /// The offset of the end of the last record that was returned.
    pub fn offset(&self) -> u64 {
        self.at
    }

    /// The file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Whether a supervisor, new or resumed, holds the journal. A guardian, or a program that only reads, does not
    /// count.
    pub fn is_written(&self) -> bool {
        match self.file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => true,
            Ok(()) => self.file.unlock().is_err(),
            Err(TryLockError::Error(_)) => false,
        }
    }

    /// The length of the next line, with its newline.
    fn line(&mut self) -> io::Result<Option<usize>> {
        let length = |bytes: &[u8]| {
            bytes
                .iter()
                .position(|byte| *byte == b'\n')
                .map(|at| at + 1)
        };
        if let Some(length) = length(&self.piece[self.taken..]) {
            return Ok(Some(length));
        }
        self.forget();
        // A line is read in one call: between two calls, its first part may be truncated and written again.
        let mut wanted = PIECE_BYTES;
        loop {
            self.piece.resize(wanted, 0);
            let count = self.file.read_at(&mut self.piece, self.at)?;
            self.piece.truncate(count);
            match length(&self.piece) {
                None if count == wanted => wanted *= 2,
                length => return Ok(length),
            }
        }
    }

    /// Discards the bytes of records that were not returned, since they may change.
    fn forget(&mut self) {
        self.piece.clear();
        self.piece.shrink_to(KEPT_LINE_BYTES);
        self.taken = 0;
    }
}

//! `journal.jsonl`: the record of the job, one JSON line an event. Everything else can be made from it.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use super::append_to;
use crate::hub::{Record, Report, ReportError};

/// Writes the journal.
#[derive(Debug)]
pub struct Journal {
    file: File,
    line: Vec<u8>,
}

impl Journal {
    /// The journal of the job in `jobdir`.
    ///
    /// # Errors
    /// If the file can not be made.
    pub fn create(jobdir: &Path) -> io::Result<Journal> {
        Ok(Journal {
            file: append_to(&jobdir.join("journal.jsonl"))?,
            line: Vec::new(),
        })
    }
}

impl Report for Journal {
    fn name(&self) -> &'static str {
        "journal"
    }

    /// One write a line, so that a crash can cut only the last one.
    fn record(&mut self, record: &Record) -> Result<(), ReportError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, record).map_err(io::Error::from)?;
        self.line.push(b'\n');
        Ok(self.file.write_all(&self.line)?)
    }
}

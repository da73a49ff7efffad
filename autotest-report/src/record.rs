//! The record: one event of a job with its place and time, and its one line of JSON.

use autotest_core::Event;
use serde::{Deserialize, Serialize};

/// One line of the journal: an event with its place and time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its number, from 0.
    pub seq: u64,
    /// Which run sent it, from 1; 0 is the job itself.
    pub run: u32,
    /// When: seconds since 1970, UTC.
    pub t: f64,
    /// What happened.
    pub event: Event,
}

impl Record {
    /// Appends the record to `line` as the journal has it: JSON, and a newline behind it.
    ///
    /// # Errors
    /// If a value in it has no JSON; `line` may end in a part of it then.
    pub fn write_to(&self, line: &mut Vec<u8>) -> serde_json::Result<()> {
        serde_json::to_writer(&mut *line, self)?;
        line.push(b'\n');
        Ok(())
    }

    /// The record in a line of a journal. `None` if the line is not whole or no record.
    pub fn from_line(line: &[u8]) -> Option<Record> {
        serde_json::from_slice(line.strip_suffix(b"\n")?).ok()
    }
}

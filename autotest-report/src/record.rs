//! Records: events of a job with number, run and time, each in a line of JSON.

use autotest_core::Event;
use serde::{Deserialize, Serialize};

use crate::json;

/// A line of the journal: an event with its number, run and time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The number of the record, from 0.
    pub seq: u64,
    /// The number of the run that sent the event, from 1; 0 is the job itself.
    pub run: u32,
    /// The time, in seconds since 1970 UTC.
    pub t: f64,
    /// The event.
    pub event: Event,
}

/// Appends an event to `json` in the format that it has in a record.
///
/// Whoever sends or receives events calls this function and [`event_from_json`]: in each crate that derives a
/// reader of its own, events take another 150 KB of code. So they are not inlined, either.
///
/// # Errors
/// If a value cannot be represented in JSON; `json` may then end in a part of the event.
#[inline(never)]
pub fn write_event(event: &Event, json: &mut Vec<u8>) -> serde_json::Result<()> {
    serde_json::to_writer(json, event)
}

/// Parses an event that [`write_event`] wrote.
///
/// # Errors
/// If it is not an event.
#[inline(never)]
pub fn event_from_json(event: &[u8]) -> serde_json::Result<Event> {
    json::from_slice(event)
}

impl Record {
    /// Appends the record to `line` in the format of the journal: JSON, followed by a newline.
    ///
    /// # Errors
    /// If a value cannot be represented in JSON; `line` may then end in a part of the record.
    #[inline(never)]
    pub fn write_to(&self, line: &mut Vec<u8>) -> serde_json::Result<()> {
        serde_json::to_writer(&mut *line, self)?;
        line.push(b'\n');
        Ok(())
    }

    /// Parses a line of a journal. `None` if the line is incomplete or is not a record.
    #[inline(never)]
    pub fn from_line(line: &[u8]) -> Option<Record> {
        json::from_slice(line.strip_suffix(b"\n")?).ok()
    }
}

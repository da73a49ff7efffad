//! The journal's records, one JSON line each.

use std::io::{self, Write};

use crate::outlet::Outlet;
use crate::record::Record;
use crate::report::{Report, ReportError};
use crate::sanitize::json;

/// Writes each record as in the journal, except that characters that would affect a terminal or a reader of
/// lines are escaped, which does not change values.
#[derive(Debug)]
pub struct JsonEvents<W> {
    out: Outlet<W>,
}

impl<W: Write> JsonEvents<W> {
    /// Creates the report, which writes to `out`.
    pub fn new(out: W) -> JsonEvents<W> {
        let out = Outlet::new(out);
        JsonEvents { out }
    }
}

impl<W: Write> Report for JsonEvents<W> {
    fn name(&self) -> &'static str {
        "events"
    }

    fn record(&mut self, record: &Record) -> Result<(), ReportError> {
        Ok(self.out.write_lines(&line_of(record)?)?)
    }
}

/// Not generic, so that this crate alone contains the code that serializes a record.
#[inline(never)]
fn line_of(record: &Record) -> io::Result<String> {
    let mut line = json(record)?;
    line.push('\n');
    Ok(line)
}

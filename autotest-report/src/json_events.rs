//! The journal's records as they come, one JSON line each.

use std::io::{self, Write};

use crate::outlet::Outlet;
use crate::record::Record;
use crate::report::{Report, ReportError};
use crate::sanitize::json;

/// Writes each record as the journal has it; only characters that a terminal or a reader of lines would
/// act on are escaped, which changes no value.
#[derive(Debug)]
pub struct JsonEvents<W> {
    out: Outlet<W>,
}

impl<W: Write> JsonEvents<W> {
    /// To `out`.
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
        let line = json(record).map_err(io::Error::from)?;
        Ok(self.out.write_lines(&format!("{line}\n"))?)
    }
}

//! Where a report's lines go. A reader that goes away, as that of a pipe may, is no error.

use std::io::{self, ErrorKind, Write};

/// A writer that may lose its reader.
#[derive(Debug)]
pub(crate) struct Outlet<W> {
    out: W,
    is_read: bool,
}

impl<W: Write> Outlet<W> {
    pub(crate) fn new(out: W) -> Outlet<W> {
        Outlet { out, is_read: true }
    }

    /// Writes whole lines, at once: a reader that waits for them has them now.
    ///
    /// # Errors
    /// If they can not be written, and there is a reader.
    pub(crate) fn tell(&mut self, lines: &str) -> io::Result<()> {
        if !self.is_read || lines.is_empty() {
            return Ok(());
        }
        let written = self.out.write_all(lines.as_bytes());
        match written.and_then(|()| self.out.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => self.is_read = false,
            written => written?,
        }
        Ok(())
    }
}

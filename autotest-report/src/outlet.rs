//! A stream of report lines. If its reader goes away, such as that of a pipe, this is not an error.

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

    /// False once the reader has gone away.
    pub(crate) fn is_read(&self) -> bool {
        self.is_read
    }

    #[cfg(test)]
    pub(crate) fn written(&self) -> &W {
        &self.out
    }

    /// Writes complete lines and flushes them, for readers that wait for them.
    ///
    /// # Errors
    /// If they cannot be written although there is a reader.
    pub(crate) fn write_lines(&mut self, lines: &str) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        self.write_all(lines.as_bytes())?;
        self.flush()
    }

    fn done<T>(&mut self, done: io::Result<T>, unread: T) -> io::Result<T> {
        match done {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.is_read = false;
                Ok(unread)
            }
            done => done,
        }
    }
}

/// Discards everything once the reader has gone away.
impl<W: Write> Write for Outlet<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.is_read {
            return Ok(bytes.len());
        }
        let written = self.out.write(bytes);
        self.done(written, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.is_read {
            return Ok(());
        }
        let flushed = self.out.flush();
        self.done(flushed, ())
    }
}

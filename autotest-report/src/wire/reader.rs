//! Reads a stream and trusts nothing in it: neither its paths nor its numbers, nor that it continues.

use std::fmt;
use std::io::{self, BufRead, ErrorKind, Read};
use std::path::PathBuf;

use autotest_core::excerpt;

use super::{ALIVE, Contents, End, FileFrame, Frame, line};

/// The longest line, in bytes. Only the record with the plan is long.
const MAX_LINE_BYTES: u64 = 256 << 20;

/// The largest line buffer that is kept.
const KEPT_LINE_BYTES: usize = crate::journal::KEPT_LINE_BYTES;

/// A part of a stream.
pub enum Item<'a, R> {
    /// A line of the journal, with its newline.
    Record(&'a [u8]),
    /// A regular file. The unread rest of its content is skipped.
    File(FileFrame, Contents<'a, R>),
    /// A directory. It comes before its entries.
    Dir {
        /// The path, relative to the job's directory.
        path: PathBuf,
        /// The permissions; the owner may lack those to write in it.
        mode: u32,
    },
    /// A symbolic link, which may lead anywhere.
    Link {
        /// The path, relative to the job's directory.
        path: PathBuf,
        /// The target.
        to: PathBuf,
    },
    /// A file that was not sent, or not as it was.
    LeftOut {
        /// The path, relative to the job's directory.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The end of the stream.
    End(End),
}

/// Where a stream ended without being complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// After a complete line or file.
    BetweenItems,
    /// Within a line.
    InLine,
    /// Within a file.
    InFile {
        /// Its path.
        path: PathBuf,
        /// The number of bytes that are missing.
        missing: u64,
    },
}

/// Why a stream cannot be read any further.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// It ended.
    #[error("the stream ended {0}")]
    Cut(Cut),
    /// It contains something that no writer sends.
    #[error("the stream has a line that is none of its own (`{line}`): {why}")]
    Invalid {
        /// The beginning of the line.
        line: String,
        /// The reason.
        why: String,
    },
    /// It cannot be read.
    #[error("failed to read the stream: {0}")]
    Io(#[from] io::Error),
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cut::BetweenItems => f.write_str("before its last line"),
            Cut::InLine => f.write_str("within a line"),
            Cut::InFile { path, missing } => {
                write!(
                    f,
                    "within `{}`: {missing} bytes are missing",
                    path.display()
                )
            }
        }
    }
}

/// Reads records and frames. An incomplete line is not an item.
pub struct FrameReader<R> {
    pub(super) from: R,
    line: Vec<u8>,
    max_line_bytes: u64,
    /// The file whose content has not been read to its end.
    pub(super) open: Option<OpenFile>,
    has_ended: bool,
}

/// A file whose content is being read.
pub(super) struct OpenFile {
    path: PathBuf,
    /// The number of bytes of its data that have not been read yet.
    pub(super) left: u64,
}

impl<R: BufRead> FrameReader<R> {
    /// Reads from `from`.
    pub fn new(from: R) -> FrameReader<R> {
        FrameReader {
            from,
            line: Vec::new(),
            max_line_bytes: MAX_LINE_BYTES,
            open: None,
            has_ended: false,
        }
    }

    /// Replaces the limit for a line, by default 256 MiB, which only the plan of a job comes near.
    #[must_use]
    pub fn with_max_line_bytes(self, max_line_bytes: u64) -> FrameReader<R> {
        FrameReader {
            max_line_bytes,
            ..self
        }
    }

    /// The next item; `None` after [`Item::End`].
    ///
    /// # Errors
    /// If the stream ends here, is not one of the framework, or cannot be read. Nothing more can be read then.
    #[expect(clippy::should_implement_trait, reason = "an item borrows the reader")]
    pub fn next(&mut self) -> Result<Option<Item<'_, R>>, WireError> {
        if self.has_ended {
            return Ok(None);
        }
        self.end_file()?;
        self.read_line()?;
        while self.line == ALIVE {
            self.read_line()?;
        }
        if line::is_record(&self.line) {
            return Ok(Some(Item::Record(&self.line)));
        }
        let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        let frame = line::frame(line).map_err(|why| self.invalid(why))?;
        Ok(Some(match frame {
            Frame::File(file) => {
                let (path, left) = (file.path.clone(), file.data_bytes());
                self.open = Some(OpenFile { path, left });
                let contents = Contents::new(self, &file);
                Item::File(file, contents)
            }
            Frame::Dir { path, mode } => Item::Dir { path, mode },
            Frame::Link { path, to } => Item::Link { path, to },
            Frame::LeftOut { path, reason } => Item::LeftOut { path, reason },
            Frame::End(end) => {
                self.has_ended = true;
                Item::End(end)
            }
        }))
    }

    /// Skips the rest of a file's content, and the newline after it.
    fn end_file(&mut self) -> Result<(), WireError> {
        let Some(file) = self.open.take() else {
            return Ok(());
        };
        let cut = |missing| {
            let path = file.path.clone();
            WireError::Cut(Cut::InFile { path, missing })
        };
        let mut rest = (&mut self.from).take(file.left);
        let skipped = io::copy(&mut rest, &mut io::sink())?;
        let mut newline = [0];
        match self.from.read_exact(&mut newline) {
            _ if skipped < file.left => Err(cut(file.left - skipped)),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(cut(0)),
            Err(error) => Err(error.into()),
            Ok(()) if newline == *b"\n" => Ok(()),
            Ok(()) => Err(self.invalid("the file before it has no end".to_owned())),
        }
    }

    fn read_line(&mut self) -> Result<(), WireError> {
        self.line.clear();
        self.line.shrink_to(KEPT_LINE_BYTES);
        let mut limited = (&mut self.from).take(self.max_line_bytes);
        limited.read_until(b'\n', &mut self.line)?;
        match self.line.last() {
            Some(b'\n') => Ok(()),
            None => Err(WireError::Cut(Cut::BetweenItems)),
            Some(_) if self.line.len() as u64 == self.max_line_bytes => {
                Err(self.invalid("it is too long".to_owned()))
            }
            Some(_) => Err(WireError::Cut(Cut::InLine)),
        }
    }

    fn invalid(&self, why: String) -> WireError {
        let line = String::from_utf8_lossy(&self.line);
        WireError::Invalid {
            line: excerpt(line.trim_end()).to_string(),
            why,
        }
    }
}

//! Writes a stream.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

use super::{ALIVE, End, FileFrame, Frame, MAX_FILE_BYTES, data};

/// The number of bytes of a file read at once.
const PIECE_BYTES: usize = 64 << 10;

/// The permissions in a file's mode.
const PERMISSIONS: u32 = 0o7777;

/// Writes records and frames. An error is always one of the stream: an error of a file becomes a frame.
pub struct FrameWriter<W> {
    to: W,
    max_file_bytes: u64,
    piece: Vec<u8>,
}

impl<W: Write> FrameWriter<W> {
    /// Writes to `to`, in pieces of any length.
    pub fn new(to: W) -> FrameWriter<W> {
        FrameWriter {
            to,
            max_file_bytes: MAX_FILE_BYTES,
            piece: Vec::new(),
        }
    }

    /// Replaces the limit [`MAX_FILE_BYTES`], which is the most that a reader allows.
    #[must_use]
    pub fn with_max_file_bytes(self, max_file_bytes: u64) -> FrameWriter<W> {
        FrameWriter {
            max_file_bytes,
            ..self
        }
    }

    /// Writes a line of the journal, with its newline.
    ///
    /// # Errors
    /// If the stream cannot be written.
    pub fn record(&mut self, line: &[u8]) -> io::Result<()> {
        self.to.write_all(line)
    }

    /// Writes a directory; its path is relative to the job's.
    ///
    /// # Errors
    /// If the stream cannot be written.
    pub fn dir(&mut self, path: &Path, mode: u32) -> io::Result<()> {
        let (path, mode) = (path.to_owned(), mode & PERMISSIONS);
        self.frame(&Frame::Dir { path, mode })
    }

    /// Writes a symbolic link.
    ///
    /// # Errors
    /// If the stream cannot be written.
    pub fn link(&mut self, path: &Path, to: &Path) -> io::Result<()> {
        let (path, to) = (path.to_owned(), to.to_owned());
        self.frame(&Frame::Link { path, to })
    }

    /// Writes that a file is not sent, or not as it is.
    ///
    /// # Errors
    /// If the stream cannot be written.
    pub fn left_out(&mut self, path: &Path, reason: impl Into<String>) -> io::Result<()> {
        let (path, reason) = (path.to_owned(), reason.into());
        self.frame(&Frame::LeftOut { path, reason })
    }

    /// Writes and sends a keep-alive, which is not an item for the reader.
    ///
    /// # Errors
    /// If the stream cannot be written.
    pub fn alive(&mut self) -> io::Result<()> {
        self.to.write_all(ALIVE)?;
        self.flush()
    }

    /// Writes the last line.
    ///
    /// # Errors
    /// If the stream cannot be written.
    pub fn end(&mut self, end: End) -> io::Result<()> {
        self.frame(&Frame::End(end))?;
        self.flush()
    }

    /// Sends what is buffered.
    ///
    /// # Errors
    /// If the stream cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }

    /// Writes a regular file with its current length. If it shrinks while it is read, the missing bytes are sent as
    /// zeros, and reported. The position of `file` changes.
    ///
    /// # Errors
    /// If the stream cannot be written.
    pub fn file(&mut self, path: &Path, file: &File) -> io::Result<()> {
        let frame = match frame_of(path, file) {
            Ok(frame) => frame,
            Err(error) => return self.left_out(path, error.to_string()),
        };
        let bytes = frame.data_bytes();
        if bytes > self.max_file_bytes {
            let limit = self.max_file_bytes;
            let reason = format!("it has {bytes} bytes, and at most {limit} are sent");
            return self.left_out(path, reason);
        }
        let whole = [(0, frame.size)];
        let parts = frame.data.clone().unwrap_or_else(|| whole.to_vec());
        self.frame(&Frame::File(frame))?;
        let mut trouble = None;
        for part in parts {
            self.part(file, part, &mut trouble)?;
        }
        self.to.write_all(b"\n")?;
        trouble.map_or(Ok(()), |trouble| self.left_out(path, trouble))
    }

    fn part(
        &mut self,
        file: &File,
        (offset, length): (u64, u64),
        trouble: &mut Option<String>,
    ) -> io::Result<()> {
        self.piece.resize(PIECE_BYTES, 0);
        let mut sent = 0;
        while sent < length {
            let wanted = usize::try_from(length - sent).map_or(PIECE_BYTES, |n| n.min(PIECE_BYTES));
            let piece = &mut self.piece[..wanted];
            let count = read_at(file, piece, offset + sent, trouble);
            self.to.write_all(&piece[..count])?;
            sent += count as u64;
        }
        Ok(())
    }

    fn frame(&mut self, frame: &Frame) -> io::Result<()> {
        let mut line = serde_json::to_vec(frame)?;
        line.push(b'\n');
        self.to.write_all(&line)
    }
}

/// The frame of a file as it is now.
fn frame_of(path: &Path, file: &File) -> io::Result<FileFrame> {
    let metadata = file.metadata()?;
    let size = metadata.len();
    Ok(FileFrame {
        path: path.to_owned(),
        size,
        mode: metadata.mode() & PERMISSIONS,
        data: data::parts(file, size)?,
    })
}

/// Reads a piece. From the end of the file or an error on, there are zeros.
fn read_at(file: &File, piece: &mut [u8], offset: u64, trouble: &mut Option<String>) -> usize {
    if trouble.is_none() {
        match file.read_at(piece, offset) {
            Ok(0) => {
                let reason = "it became shorter while it was read; zeros stand for what is missing";
                *trouble = Some(reason.to_owned());
            }
            Ok(count) => return count,
            Err(error) => *trouble = Some(format!("{error}; zeros stand for what is missing")),
        }
    }
    piece.fill(0);
    piece.len()
}

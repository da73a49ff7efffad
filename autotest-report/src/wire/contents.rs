//! The content of a file on the wire.

use std::fs::File;
use std::io::{self, BufRead, ErrorKind, Read};
use std::os::unix::fs::FileExt;

use super::{FileFrame, FrameReader};

/// The number of bytes copied at once.
const PIECE_BYTES: usize = 64 << 10;

/// The content of a file: as many bytes as its frame says, with zeros for the holes. If the stream ends within it, the
/// error has the kind `UnexpectedEof`, and [`FrameReader::next`] says where.
pub struct Contents<'a, R> {
    stream: &'a mut FrameReader<R>,
    /// The parts with data that have not been read yet, the last one first.
    parts: Vec<(u64, u64)>,
    size: u64,
    /// The offset of the next byte.
    at: u64,
}

impl<'a, R: BufRead> Contents<'a, R> {
    pub(super) fn new(stream: &'a mut FrameReader<R>, frame: &FileFrame) -> Contents<'a, R> {
        let whole = [(0, frame.size)];
        let parts = frame.data.as_deref().unwrap_or(&whole);
        Contents {
            stream,
            parts: parts.iter().rev().copied().collect(),
            size: frame.size,
            at: 0,
        }
    }

    /// Writes the rest of the content to an empty file, at the same offsets; holes stay holes.
    ///
    /// # Errors
    /// If the stream ends, or the file cannot be written.
    pub fn copy_to(mut self, file: &File) -> io::Result<()> {
        let mut piece = vec![0; PIECE_BYTES];
        while let Some((offset, length)) = self.parts.pop() {
            let end = offset + length;
            self.at = self.at.max(offset);
            while self.at < end {
                let count = self.read_data(&mut piece, end)?;
                file.write_all_at(&piece[..count], self.at)?;
                self.at += count as u64;
            }
        }
        self.at = self.size;
        file.set_len(self.size)
    }

    /// Reads data before the offset `end`, at least one byte.
    fn read_data(&mut self, buffer: &mut [u8], end: u64) -> io::Result<usize> {
        let wanted = buffer
            .len()
            .min(usize::try_from(end - self.at).unwrap_or(usize::MAX));
        let count = self.stream.from.read(&mut buffer[..wanted])?;
        if let Some(open) = &mut self.stream.open {
            open.left -= count as u64;
        }
        match count {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            count => Ok(count),
        }
    }
}

impl<R: BufRead> Read for Contents<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.size || buffer.is_empty() {
            return Ok(0);
        }
        let (offset, length) = self.parts.last().copied().unwrap_or((self.size, 0));
        let count = match self.at < offset {
            true => {
                let hole = usize::try_from(offset - self.at).unwrap_or(usize::MAX);
                let count = buffer.len().min(hole);
                buffer[..count].fill(0);
                count
            }
            false => self.read_data(buffer, offset + length)?,
        };
        self.at += count as u64;
        if self.at == offset + length {
            self.parts.pop();
        }
        Ok(count)
    }
}

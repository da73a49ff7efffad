//! Decompresses the blocks of an archive, but no more of them than the limit allows.

use std::io::{BufReader, Read};

use bzip2::bufread::MultiBzDecoder;

use crate::error::Error;
use crate::limits::Limits;

/// The size of a block of an archive, in bytes.
pub(super) const BLOCK_BYTES: usize = 512;

/// A decompressed archive.
pub(super) struct Blocks<R> {
    input: MultiBzDecoder<BufReader<R>>,
    read_bytes: u64,
    limit_bytes: u64,
}

impl<R: Read> Blocks<R> {
    pub(super) fn new(input: R, limits: &Limits) -> Blocks<R> {
        Blocks {
            input: MultiBzDecoder::new(BufReader::with_capacity(64 << 10, input)),
            read_bytes: 0,
            limit_bytes: limits.bytes,
        }
    }

    /// Reads the next header.
    pub(super) fn header(&mut self) -> Result<[u8; BLOCK_BYTES], Error> {
        let mut block = [0; BLOCK_BYTES];
        self.fill(&mut block)?;
        Ok(block)
    }

    /// Fills the whole buffer.
    pub(super) fn fill(&mut self, mut buffer: &mut [u8]) -> Result<(), Error> {
        while !buffer.is_empty() {
            match self.read(buffer)? {
                0 => return Err(Error::Truncated),
                read => buffer = &mut buffer[read..],
            }
        }
        Ok(())
    }

    /// Reads some bytes, or none at the end.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        let read = loop {
            match self.input.read(buffer) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                read => break read.map_err(Error::reading)?,
            }
        };
        self.read_bytes += read as u64;
        match self.read_bytes > self.limit_bytes {
            true => Err(Error::TooManyBytes(self.limit_bytes)),
            false => Ok(read),
        }
    }

    /// Reads the rest of the file, which may have only zeros: `tar` pads its last record with them.
    pub(super) fn end(&mut self) -> Result<(), Error> {
        let mut buffer = [0; 8 << 10];
        loop {
            match self.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(read) if buffer[..read].iter().all(|byte| *byte == 0) => {}
                Ok(_) | Err(Error::NotBzip2) => return Err(Error::AfterTheEnd),
                Err(error) => return Err(error),
            }
        }
    }
}

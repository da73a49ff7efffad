//! Finds the parts of a sparse file that have data.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;

use rustix::fs::{SeekFrom, seek};
use rustix::io::Errno;

/// A shorter hole is sent as zeros.
const MIN_HOLE_BYTES: u64 = 64 << 10;

/// The maximum number of parts of a file; the last one has the rest of the data.
const MAX_PARTS: usize = 1024;

/// A unit of `st_blocks`, in bytes.
const BLOCK_BYTES: u64 = 512;

/// The parts with data of a file that is `size` bytes long: offset and length, in order. `None` if it has no hole that
/// is long enough, or the file system does not report holes.
pub(super) fn parts(file: &File, size: u64) -> io::Result<Option<Vec<(u64, u64)>>> {
    if file.metadata()?.blocks().saturating_mul(BLOCK_BYTES) >= size {
        return Ok(None);
    }
    let mut parts: Vec<(u64, u64)> = Vec::new();
    let mut at = 0;
    while let Some(begin) = next(file, SeekFrom::Data(at))?.filter(|begin| *begin < size) {
        let end = next(file, SeekFrom::Hole(begin))?.unwrap_or(size).min(size);
        let is_full = parts.len() == MAX_PARTS;
        match parts.last_mut() {
            Some((offset, length)) if is_full || begin - at < MIN_HOLE_BYTES => {
                *length = end - *offset;
            }
            _ => parts.push((begin, end - begin)),
        }
        at = end;
    }
    Ok((parts != [(0, size)]).then_some(parts))
}

/// The offset of the next data or hole; `None` after the last data.
fn next(file: &File, from: SeekFrom) -> io::Result<Option<u64>> {
    match seek(file, from) {
        Ok(offset) => Ok(Some(offset)),
        Err(Errno::NXIO) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

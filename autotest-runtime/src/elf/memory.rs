//! The content of a core file: notes, and the memory of the process.

use super::{Elf, LOAD, Segment, half, read_at};

/// The type of a segment of notes.
const NOTE: u64 = 4;

/// The type of a core file.
const CORE: u16 = 4;

impl Elf {
    pub(crate) fn is_core(&self) -> bool {
        half(&self.header, 16) == Some(CORE)
    }

    /// `true` if the file contains all of its segments; a core file may have been cut.
    pub(crate) fn is_complete(&self) -> bool {
        let ends = self
            .segments
            .iter()
            .map(|segment| segment.offset.saturating_add(segment.size));
        let length = self.file.metadata().map_or(0, |metadata| metadata.len());
        ends.max().is_some_and(|end| end <= length)
    }

    /// The contents of the note segments, at most `most` bytes in all: many segments may name the same part of the file.
    pub(crate) fn notes(&self, most: u64) -> Vec<Vec<u8>> {
        let notes = self.segments.iter().filter(|segment| segment.kind == NOTE);
        let mut left = most;
        let read = |note: &Segment| {
            let size = note.size.min(left);
            left -= size;
            read_at(&self.file, note.offset, size).ok()
        };
        notes.filter_map(read).collect()
    }

    /// Reads a word of the process's memory.
    pub(crate) fn word_at(&self, address: u64) -> Option<u64> {
        let bytes = self.word.bytes() as u64;
        let has = |segment: &&Segment| {
            let at = address.checked_sub(segment.address);
            segment.kind == LOAD && at.is_some_and(|at| at < segment.size)
        };
        let segment = self.segments.iter().find(has)?;
        let at = segment.offset.checked_add(address - segment.address)?;
        self.word.read(&read_at(&self.file, at, bytes).ok()?, 0)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// A file whose headers name `count` note segments, each of which is the whole file, as large as it says.
    fn file_of_notes(count: u16, bytes: u64) -> std::fs::File {
        const HEADER_BYTES: u64 = 64;
        const ROW_BYTES: u16 = 56;
        let mut header = b"\x7fELF\x02".to_vec();
        header.push(if cfg!(target_endian = "little") { 1 } else { 2 });
        header.resize(HEADER_BYTES as usize, 0);
        header[32..40].copy_from_slice(&HEADER_BYTES.to_ne_bytes());
        header[54..56].copy_from_slice(&ROW_BYTES.to_ne_bytes());
        header[56..58].copy_from_slice(&count.to_ne_bytes());
        let mut row = vec![0; usize::from(ROW_BYTES)];
        row[..4].copy_from_slice(&(NOTE as u32).to_ne_bytes());
        row[32..40].copy_from_slice(&bytes.to_ne_bytes());
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&header).unwrap();
        file.write_all(&row.repeat(usize::from(count))).unwrap();
        file.set_len(bytes).unwrap();
        file
    }

    #[test]
    fn the_notes_of_many_segments_are_limited_in_all() {
        let elf = Elf::of(file_of_notes(1000, 1 << 20)).unwrap();
        let lengths = |most| -> Vec<usize> {
            let notes = elf.notes(most);
            let lengths = notes.iter().map(Vec::len);
            lengths.filter(|length| *length > 0).collect()
        };
        assert_eq!(lengths(1 << 19), [1 << 19]);
        assert_eq!(lengths(5 << 19), [1 << 20, 1 << 20, 1 << 19]);
    }
}

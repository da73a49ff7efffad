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

    /// The contents of the note segments, at most `most` bytes of each.
    pub(crate) fn notes(&self, most: u64) -> Vec<Vec<u8>> {
        let notes = self.segments.iter().filter(|segment| segment.kind == NOTE);
        let read = |note: &Segment| read_at(&self.file, note.offset, note.size.min(most)).ok();
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

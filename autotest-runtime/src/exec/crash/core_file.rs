//! Reads a core file: its threads with their registers, the mapped files, and memory.
//!
//! Its content is not trusted: the process may have been malicious.

use std::fs::File;
use std::io;
use std::path::Path;

use super::registers::Registers;
use crate::elf::{Elf, Word};

/// Note types.
const PRSTATUS: u64 = 1;
const PRPSINFO: u64 = 3;
const FILES: u64 = 0x4649_4c45;

/// The limit on the bytes of notes that are read.
const MAX_NOTES_BYTES: u64 = 16 << 20;

/// A core file.
#[derive(Debug)]
pub(super) struct Core {
    elf: Elf,
    pub(super) threads: Vec<Thread>,
    pub(super) mappings: Vec<Mapping>,
    pub(super) process: Option<Process>,
    /// The number of the signal that killed the process.
    pub(super) signal: i32,
}

/// A thread; the first one of a core file is the one that crashed.
#[derive(Clone, Debug)]
pub(super) struct Thread {
    pub(super) tid: i32,
    pub(super) registers: Registers,
}

/// A mapped part of a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mapping {
    pub(super) start: u64,
    pub(super) end: u64,
    /// The offset in the file, in bytes.
    pub(super) offset: u64,
    pub(super) path: String,
}

/// The process that crashed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Process {
    pub(super) pid: i32,
    pub(super) parent: i32,
    pub(super) group: i32,
    pub(super) session: i32,
    pub(super) name: String,
}

impl Core {
    /// # Errors
    /// If it is not a core file of this architecture.
    pub(super) fn open(path: &Path) -> io::Result<Core> {
        let elf = Elf::of(File::open(path)?)?;
        if !elf.is_core() {
            return Err(io::Error::other("it is not a core"));
        }
        let mut core = Core {
            threads: Vec::new(),
            mappings: Vec::new(),
            process: None,
            signal: 0,
            elf,
        };
        for notes in core.elf.notes(MAX_NOTES_BYTES) {
            core.add_notes(&notes);
        }
        Ok(core)
    }

    /// `true` if the file contains everything that its headers announce.
    pub(super) fn is_complete(&self) -> bool {
        self.elf.is_complete()
    }

    fn add_notes(&mut self, notes: &[u8]) {
        let mut rest = notes;
        while let Some((kind, content, after)) = next_note(rest) {
            match kind {
                PRSTATUS => {
                    // The note begins with the signal; that of other threads than the first may differ.
                    if self.threads.is_empty() {
                        self.signal = int(content, 0).unwrap_or(0);
                    }
                    self.threads.extend(self.thread(content));
                }
                PRPSINFO => self.process = self.process(content),
                FILES => self.mappings = self.mappings(content),
                _ => {}
            }
            rest = after;
        }
    }

    fn thread(&self, note: &[u8]) -> Option<Thread> {
        let word = self.elf.word;
        // Before the registers: signal, pending and blocked signals, four ids, four times.
        let (id, registers) = match word {
            Word::Eight => (32, 112),
            Word::Four => (24, 72),
        };
        Some(Thread {
            tid: int(note, id)?,
            registers: Registers::of(note.get(registers..)?, word)?,
        })
    }

    fn process(&self, note: &[u8]) -> Option<Process> {
        // The note ends with four ids, 16 bytes of name and 80 bytes of arguments.
        let ids = note.len().checked_sub(112)?;
        let name = note.get(ids + 16..ids + 32)?;
        let name = name.split(|byte| *byte == 0).next()?;
        Some(Process {
            pid: int(note, ids)?,
            parent: int(note, ids + 4)?,
            group: int(note, ids + 8)?,
            session: int(note, ids + 12)?,
            name: String::from_utf8_lossy(name).into_owned(),
        })
    }

    /// Parses a count and a page size; then the start, end and offset in pages of each mapping; then the paths.
    fn mappings(&self, note: &[u8]) -> Vec<Mapping> {
        let word = self.elf.word;
        let read = |index: usize| word.read(note, index * word.bytes());
        let (Some(count), Some(page)) = (read(0), read(1)) else {
            return Vec::new();
        };
        let count = usize::try_from(count)
            .unwrap_or(0)
            .min(note.len() / (3 * word.bytes()));
        let paths = note
            .get((2 + 3 * count) * word.bytes()..)
            .unwrap_or_default();
        let paths = paths.split(|byte| *byte == 0);
        let mappings = (0..count).zip(paths).filter_map(|(i, path)| {
            Some(Mapping {
                start: read(2 + 3 * i)?,
                end: read(3 + 3 * i)?,
                offset: read(4 + 3 * i)?.checked_mul(page)?,
                path: String::from_utf8_lossy(path).into_owned(),
            })
        });
        mappings.collect()
    }

    /// The mapping that contains an address.
    pub(super) fn mapping(&self, address: u64) -> Option<&Mapping> {
        let mut mappings = self.mappings.iter();
        mappings.find(|mapping| (mapping.start..mapping.end).contains(&address))
    }

    /// Reads a word of memory, if the core file has it.
    pub(super) fn word_at(&self, address: u64) -> Option<u64> {
        self.elf.word_at(address)
    }

    /// The size of a word, in bytes.
    pub(super) fn word_bytes(&self) -> u64 {
        self.elf.word.bytes() as u64
    }
}

/// The type and the content of the first note, and the notes after it.
fn next_note(notes: &[u8]) -> Option<(u64, &[u8], &[u8])> {
    let size = |at| usize::try_from(int(notes, at)?).ok();
    let (name, content) = (size(0)?, size(4)?);
    let kind = u64::from(int(notes, 8)?.cast_unsigned());
    let start = 12_usize.checked_add(name)?.checked_next_multiple_of(4)?;
    let end = start.checked_add(content)?;
    let after = end.checked_next_multiple_of(4)?.min(notes.len());
    Some((kind, notes.get(start..end)?, &notes[after..]))
}

fn int(bytes: &[u8], at: usize) -> Option<i32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(i32::from_ne_bytes(bytes.try_into().ok()?))
}

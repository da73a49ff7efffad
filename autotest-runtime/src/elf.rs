//! ELF files of this machine: core files, programs and libraries.
//!
//! No file is trusted. Each part is read on demand, and only up to a limit, which the readers of whole files on
//! crates.io lack.

#[cfg(feature = "crash-handler")]
mod memory;
pub(crate) mod program;

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// The type of a segment that is loaded.
const LOAD: u64 = 1;

/// The limit on the bytes read of a section, or of a table of sections or segments.
const MAX_BYTES: u64 = 64 << 20;

/// The size of an address.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Word {
    Four,
    Eight,
}

impl Word {
    pub(crate) fn bytes(self) -> usize {
        match self {
            Word::Four => 4,
            Word::Eight => 8,
        }
    }

    /// Reads a word at an offset.
    pub(crate) fn read(self, bytes: &[u8], at: usize) -> Option<u64> {
        let bytes = bytes.get(at..at.checked_add(self.bytes())?)?;
        match self {
            Word::Four => Some(u32::from_ne_bytes(bytes.try_into().ok()?).into()),
            Word::Eight => Some(u64::from_ne_bytes(bytes.try_into().ok()?)),
        }
    }

    /// The value for this size.
    pub(crate) fn choose<T>(self, four: T, eight: T) -> T {
        match self {
            Word::Four => four,
            Word::Eight => eight,
        }
    }
}

/// A segment of a file.
#[derive(Clone, Copy, Debug)]
struct Segment {
    kind: u64,
    offset: u64,
    address: u64,
    /// The size in the file.
    size: u64,
}

/// An ELF file.
#[derive(Debug)]
pub(crate) struct Elf {
    file: File,
    pub(crate) word: Word,
    header: Vec<u8>,
    segments: Vec<Segment>,
}

impl Elf {
    /// # Errors
    /// If it is not an ELF file of this machine's byte order.
    pub(crate) fn of(file: File) -> io::Result<Elf> {
        let header = read_at(&file, 0, 64)?;
        let order = if cfg!(target_endian = "little") { 1 } else { 2 };
        let word = match header.as_slice() {
            [0x7f, b'E', b'L', b'F', 1, found, ..] if *found == order => Word::Four,
            [0x7f, b'E', b'L', b'F', 2, found, ..] if *found == order => Word::Eight,
            _ => return Err(io::Error::other("it is not an ELF file of this machine")),
        };
        let mut elf = Elf {
            file,
            word,
            header,
            segments: Vec::new(),
        };
        elf.segments = elf.read_segments().unwrap_or_default();
        Ok(elf)
    }

    fn read_segments(&self) -> Option<Vec<Segment>> {
        let word = self.word;
        let offset = word.read(&self.header, word.choose(28, 32))?;
        let size = half(&self.header, word.choose(42, 54))?;
        let count = half(&self.header, word.choose(44, 56))?;
        let table = read_at(&self.file, offset, table_bytes(size, count)).ok()?;
        let segments = table.chunks(usize::from(size).max(1)).filter_map(|row| {
            Some(Segment {
                kind: Word::Four.read(row, 0)?,
                offset: word.read(row, word.choose(4, 8))?,
                address: word.read(row, word.choose(8, 16))?,
                size: word.read(row, word.choose(16, 32))?,
            })
        });
        Some(segments.collect())
    }

    /// The address at which the byte at an offset of the file is loaded, without relocation.
    pub(crate) fn address_of(&self, offset: u64) -> Option<u64> {
        let mut loaded = self.segments.iter().filter(|segment| segment.kind == LOAD);
        loaded.find_map(|segment| {
            let at = offset.checked_sub(segment.offset)?;
            (at < segment.size).then(|| segment.address.wrapping_add(at))
        })
    }

    /// The first section whose type and name satisfy `is_it`.
    pub(crate) fn section(&self, is_it: impl Fn(u64, &[u8]) -> bool) -> Option<Section> {
        let sections = self.sections()?;
        let names = usize::from(half(&self.header, self.word.choose(50, 62))?);
        let names = self.content(sections.get(names)?, MAX_BYTES)?;
        let mut found = sections.iter().filter(|row| {
            let kind = Word::Four.read(row, 4).unwrap_or_default();
            let name = Word::Four
                .read(row, 0)
                .and_then(|at| names.get(usize::try_from(at).ok()?..));
            let name = name.and_then(|name| name.split(|byte| *byte == 0).next());
            is_it(kind, name.unwrap_or_default())
        });
        let row = found.next()?;
        let linked = Word::Four.read(row, self.word.choose(24, 40))?;
        Some(Section {
            #[cfg(feature = "crash-handler")]
            address: self.word.read(row, self.word.choose(12, 16))?,
            content: self.content(row, MAX_BYTES)?,
            linked: match sections.get(usize::try_from(linked).ok()?) {
                Some(row) if linked > 0 => self.content(row, MAX_BYTES)?,
                _ => Vec::new(),
            },
        })
    }

    /// The section headers.
    fn sections(&self) -> Option<Vec<Vec<u8>>> {
        let word = self.word;
        let offset = word.read(&self.header, word.choose(32, 40))?;
        let size = half(&self.header, word.choose(46, 58))?;
        let count = half(&self.header, word.choose(48, 60))?;
        let table = read_at(&self.file, offset, table_bytes(size, count)).ok()?;
        let rows = table.chunks(usize::from(size).max(1));
        Some(rows.map(<[u8]>::to_vec).collect())
    }

    fn content(&self, section: &[u8], most: u64) -> Option<Vec<u8>> {
        let word = self.word;
        let offset = word.read(section, word.choose(16, 24))?;
        let size = word.read(section, word.choose(20, 32))?;
        read_at(&self.file, offset, size.min(most)).ok()
    }
}

/// A section of a file.
#[derive(Debug)]
pub(crate) struct Section {
    /// The address at which it is loaded, without relocation.
    #[cfg(feature = "crash-handler")]
    pub(crate) address: u64,
    pub(crate) content: Vec<u8>,
    /// The content of the section that it links to, which has the names of its symbols.
    pub(crate) linked: Vec<u8>,
}

/// The size of a table of `count` rows of `size` bytes, up to the limit.
fn table_bytes(size: u16, count: u16) -> u64 {
    MAX_BYTES.min(u64::from(size) * u64::from(count))
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_ne_bytes(bytes.try_into().ok()?))
}

/// Reads up to `length` bytes; fewer at the end of the file.
fn read_at(file: &File, at: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    let mut count = 0;
    while count < bytes.len() {
        match file.read_at(&mut bytes[count..], at + count as u64)? {
            0 => break,
            read => count += read,
        }
    }
    bytes.truncate(count);
    Ok(bytes)
}

//! The format of the journal's files: <https://systemd.io/JOURNAL_FILE_FORMAT/>. Objects follow one another, and do not
//! change once they are complete; an entry has the offsets of the objects with its fields. The service may be writing
//! meanwhile, so reading stops at the first inconsistency.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

const SIGNATURE: &[u8] = b"LPKSHHRH";

/// Offsets in the header.
const INCOMPATIBLE_FLAGS: usize = 12;
const HEADER_SIZE: usize = 88;
const TAIL_OBJECT: usize = 136;
const HEADER_BYTES: usize = 144;

/// Flags of the header: compression methods, the hash function, and the compact format with smaller numbers.
const KNOWN_FLAGS: u32 = 0b1_1111;
const COMPACT: u32 = 1 << 4;

/// Types of objects.
const DATA: u8 = 1;
const ENTRY: u8 = 3;

/// The header of an object: type, flags, and size.
const OBJECT_BYTES: usize = 16;
const REALTIME: usize = 24;
const ITEMS: usize = 64;

/// The least severe level to report: 3 is an error.
const ERROR: u8 = 3;

/// The number of objects and fields to read at once; a test may flood the journal.
const MAX_READS: u32 = 20_000;

/// The limits on the bytes read of an entry and of a field.
const MAX_ENTRY_BYTES: u64 = 4 << 10;
const MAX_FIELD_BYTES: u64 = 512;

/// The limit on the characters of a message.
const MAX_CHARS: usize = 200;

/// The text that stands in for a compressed message.
const LONG: &str = "(a long message)";

/// A file of the journal.
#[derive(Debug)]
pub(super) struct JournalFile {
    file: File,
    id: (u64, u64),
    is_compact: bool,
    start: u64,
}

/// The header of an object.
struct Object {
    kind: u8,
    flags: u8,
    size: u64,
}

/// The fields of an entry that are used.
#[derive(Default)]
struct Fields {
    level: Option<u8>,
    is_of_kernel: bool,
    sent_us: Option<u64>,
    identifier: Option<String>,
    program: Option<String>,
    message: Option<String>,
}

impl JournalFile {
    /// `None` if it cannot be read, or has a format that is not known.
    pub(super) fn open(path: &Path) -> Option<JournalFile> {
        let mut options = OpenOptions::new();
        let file = options.read(true).custom_flags(libc::O_NONBLOCK);
        JournalFile::of(file.open(path).ok()?)
    }

    fn of(file: File) -> Option<JournalFile> {
        let found = file.metadata().ok().filter(|found| found.is_file())?;
        let mut header = [0; HEADER_BYTES];
        file.read_exact_at(&mut header, 0).ok()?;
        let flags = u32::try_from(number(&header, INCOMPATIBLE_FLAGS, 4)?).ok()?;
        let is_known = header.starts_with(SIGNATURE) && flags & !KNOWN_FLAGS == 0;
        is_known.then_some(JournalFile {
            file,
            id: (found.dev(), found.ino()),
            is_compact: flags & COMPACT != 0,
            start: number(&header, HEADER_SIZE, 8)?,
        })
    }

    pub(super) fn is_same(&self, other: &JournalFile) -> bool {
        self.id == other.id
    }

    /// The offset of the first object.
    pub(super) fn start(&self) -> u64 {
        self.start
    }

    /// The offset at which the next object will be written.
    pub(super) fn end(&self) -> Option<u64> {
        match self.tail()? {
            0 => Some(self.start),
            tail => Some(after(tail, self.object(tail)?.size)),
        }
    }

    /// The offset of the last object.
    fn tail(&self) -> Option<u64> {
        number(&self.read(TAIL_OBJECT as u64, 8)?, 0, 8)
    }

    /// The errors among the entries from this offset on that were sent at or after this time.
    pub(super) fn errors(&self, from: u64, since_us: u64) -> Vec<String> {
        let mut errors = Vec::new();
        let mut reads = MAX_READS;
        let (mut at, tail) = (from, self.tail().unwrap_or(0));
        while at <= tail && reads > 0 {
            let Some(object) = self.object(at) else {
                break;
            };
            reads -= 1;
            if object.kind == ENTRY {
                errors.extend(self.error(at, object.size, since_us, &mut reads));
            }
            at = after(at, object.size);
        }
        errors
    }

    /// The entry at this offset as text, if it is an error.
    fn error(&self, at: u64, size: u64, since_us: u64, reads: &mut u32) -> Option<String> {
        let entry = self.read(at, size.min(MAX_ENTRY_BYTES))?;
        let written_us = number(&entry, REALTIME, 8)?;
        // The offset and, in the format that is not compact, a hash.
        let (item_bytes, offset_bytes) = if self.is_compact { (4, 4) } else { (16, 8) };
        let mut fields = Fields::default();
        for item in entry.get(ITEMS..)?.chunks_exact(item_bytes) {
            *reads = reads.checked_sub(1)?;
            self.read_field(number(item, 0, offset_bytes)?, &mut fields);
        }
        let is_error = fields.level? <= ERROR && !fields.is_of_kernel;
        let is_new = fields.sent_us.unwrap_or(written_us) >= since_us;
        (is_error && is_new).then(|| fields.told())
    }

    fn read_field(&self, at: u64, fields: &mut Fields) -> Option<()> {
        let object = self.object(at).filter(|object| object.kind == DATA)?;
        let payload = if self.is_compact { 72 } else { 64 };
        let length = object.size.checked_sub(payload)?;
        let field = self.read(at + payload, length.min(MAX_FIELD_BYTES))?;
        let is_compressed = object.flags != 0;
        if is_compressed {
            // It may be the message, or a field that is not used.
            fields.message.get_or_insert_with(|| LONG.to_owned());
        } else {
            fields.take(&String::from_utf8_lossy(&field));
        }
        Some(())
    }

    fn object(&self, at: u64) -> Option<Object> {
        let bytes = self.read(at, OBJECT_BYTES as u64)?;
        let object = Object {
            kind: bytes[0],
            flags: bytes[1],
            size: number(&bytes, 8, 8)?,
        };
        (object.size >= OBJECT_BYTES as u64).then_some(object)
    }

    fn read(&self, at: u64, length: u64) -> Option<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(length).ok()?];
        self.file.read_exact_at(&mut bytes, at).ok()?;
        Some(bytes)
    }
}

impl Fields {
    fn take(&mut self, field: &str) {
        let Some((name, value)) = field.split_once('=') else {
            return;
        };
        match name {
            "PRIORITY" => self.level = value.parse().ok(),
            "_TRANSPORT" => self.is_of_kernel = value == "kernel",
            "_SOURCE_REALTIME_TIMESTAMP" => self.sent_us = value.parse().ok(),
            "SYSLOG_IDENTIFIER" => self.identifier = Some(value.to_owned()),
            "_COMM" => self.program = Some(value.to_owned()),
            "MESSAGE" => self.message = Some(value.to_owned()),
            _ => {}
        }
    }

    fn told(self) -> String {
        let name = self.identifier.or(self.program);
        let message = self.message.unwrap_or_default();
        let message = message.lines().next().unwrap_or_default().trim();
        let text = format!("{}: {message}", name.as_deref().unwrap_or("unknown"));
        text.chars().take(MAX_CHARS).collect()
    }
}

/// A little-endian number of `length` bytes.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + length)?;
    let digits = bytes.iter().rev();
    Some(digits.fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// The offset of the next object; objects are aligned to 8 bytes.
fn after(at: u64, size: u64) -> u64 {
    at.saturating_add(size).saturating_add(7) & !7
}

#[cfg(test)]
mod tests;

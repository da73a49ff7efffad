//! The identity of the running build: the linker's build id, or a hash of the file.

use std::fs::File;
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, Read};
use std::os::unix::fs::FileExt;

/// The identity of the running binary. Copies of a file have the same.
pub(crate) fn build_id() -> String {
    let id = File::open("/proc/self/exe").and_then(|file| match linkers_id(&file) {
        Some(id) => Ok(id),
        None => hash_of(file),
    });
    id.unwrap_or_default()
}

/// A hash of the file's content, for a binary without a build id.
fn hash_of(mut file: File) -> io::Result<String> {
    let mut hasher = DefaultHasher::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(format!("hash-{:016x}", hasher.finish())),
            count => hasher.write(&buffer[..count]),
        }
    }
}

/// The build id note of a 64-bit ELF file with this machine's byte order.
fn linkers_id(file: &File) -> Option<String> {
    let header = bytes_at(file, 0, 64)?;
    if !header.starts_with(b"\x7fELF\x02") {
        return None;
    }
    let (table, entry) = (u64_at(&header, 32)?, u16_at(&header, 54)?);
    let count = u16_at(&header, 56)?;
    (0..count).find_map(|i| {
        let entry_at = table + u64::from(i) * u64::from(entry);
        let program_header = bytes_at(file, entry_at, 56)?;
        let is_note = u32_at(&program_header, 0)? == PT_NOTE;
        let (at, size) = (u64_at(&program_header, 8)?, u64_at(&program_header, 32)?);
        let notes = is_note.then(|| bytes_at(file, at, usize::try_from(size).ok()?))?;
        id_of(&notes?)
    })
}

/// The type of a segment with notes in ELF.
const PT_NOTE: u32 = 4;

/// The type of the note that `ld --build-id` writes.
const NT_GNU_BUILD_ID: u32 = 3;

fn id_of(mut notes: &[u8]) -> Option<String> {
    loop {
        let (name_size, size) = (u32_at(notes, 0)? as usize, u32_at(notes, 4)? as usize);
        let kind = u32_at(notes, 8)?;
        let name = notes.get(12..12 + name_size)?;
        let begin = 12 + name_size.next_multiple_of(4);
        let id = notes.get(begin..begin.checked_add(size)?)?;
        if kind == NT_GNU_BUILD_ID && name == b"GNU\0" {
            return Some(id.iter().map(|byte| format!("{byte:02x}")).collect());
        }
        notes = notes.get(begin + size.next_multiple_of(4)..)?;
    }
}

fn bytes_at(file: &File, at: u64, count: usize) -> Option<Vec<u8>> {
    const MAX_BYTES: usize = 1 << 20;
    let mut bytes = vec![0; count.min(MAX_BYTES)];
    file.read_exact_at(&mut bytes, at).ok().map(|()| bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at + 2)?.try_into().ok()?;
    Some(u16::from_ne_bytes(bytes))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_ne_bytes(bytes))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + 8)?.try_into().ok()?;
    Some(u64::from_ne_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_has_one_identity() {
        assert_eq!(build_id(), build_id());
        assert!(build_id().len() >= 16, "{}", build_id());
    }

    #[test]
    fn the_note_is_found_behind_others() {
        let other = b"\x04\0\0\0\x02\0\0\0\x01\0\0\0GNU\0ab\0\0";
        let id = b"\x04\0\0\0\x02\0\0\0\x03\0\0\0GNU\0\xab\xcd\0\0";
        assert_eq!(id_of(&[&other[..], id].concat()), Some("abcd".to_owned()));
        assert_eq!(id_of(other), None);
    }
}

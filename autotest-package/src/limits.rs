//! How much an archive may ask of the machine that reads it.

/// Limits of an archive. Every one is checked before the memory or the disk is used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// All of the decompressed archive: contents, headers and padding, in bytes.
    pub bytes: u64,
    /// Entries and the directories above them, without entries that only carry the name of another.
    pub entries: usize,
    /// The path of an entry or the target of a link, in bytes. A name in it has at most 255.
    pub path_bytes: usize,
    /// The manifest, in bytes.
    pub manifest_bytes: u64,
}

impl Default for Limits {
    /// 4 GiB in 65,536 entries with paths of 1,024 bytes, and a manifest of 16 MiB.
    fn default() -> Limits {
        Limits {
            bytes: 4 << 30,
            entries: 1 << 16,
            path_bytes: 1024,
            manifest_bytes: 16 << 20,
        }
    }
}

impl Limits {
    /// The same limits with another number of bytes.
    pub fn with_bytes(mut self, bytes: u64) -> Limits {
        self.bytes = bytes;
        self
    }

    /// The same limits with another number of entries.
    pub fn with_entries(mut self, entries: usize) -> Limits {
        self.entries = entries;
        self
    }
}

//! Limits on the resources that reading an archive may take.

/// Limits of an archive. Each is checked before the memory or the disk is used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The size of the decompressed archive, with contents, headers and padding, in bytes.
    pub bytes: u64,
    /// The number of entries and of the directories above them, without entries that only carry the name of another.
    pub entries: usize,
    /// The length of an entry's path or of a link's target, in bytes. Each name in it has at most 255.
    pub path_bytes: usize,
    /// The size of the manifest, in bytes.
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

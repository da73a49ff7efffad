//! Errors of packages.

use std::io;
use std::path::PathBuf;

use crate::checksum::Sha256Sum;
use crate::elf::Architecture;
use crate::manifest::{InvalidManifest, Mode};

/// An error when reading or unpacking a package.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It cannot be read.
    #[error("failed to read the package: {0}")]
    Read(#[source] io::Error),
    /// It ends too early.
    #[error("the package is truncated")]
    Truncated,
    /// Its bytes are not those of an archive.
    #[error("the package is corrupt: {0}")]
    Corrupt(String),
    /// It is not compressed by bzip2.
    #[error("the package is not a `.tar.bz2`")]
    NotBzip2,
    /// The end of the archive is not the end of the file.
    #[error("the package has data after its end")]
    AfterTheEnd,
    /// It is larger than [`Limits::bytes`](crate::Limits::bytes).
    #[error("the package has more than {0} bytes when decompressed")]
    TooManyBytes(u64),
    /// It has more entries than [`Limits::entries`](crate::Limits::entries).
    #[error("the package has more than {0} entries")]
    TooManyEntries(usize),
    /// Its manifest cannot be used.
    #[error("the package has an invalid `manifest.json`: {0}")]
    Manifest(#[from] InvalidManifest),
    /// One of its entries is refused.
    #[error("the package's entry `{path}` {refusal}")]
    Entry {
        /// The entry's path, escaped and shortened.
        path: String,
        /// The reason.
        refusal: Refusal,
    },
    /// It has no manifest, so it is not a suite's.
    #[error("the package has no `manifest.json`: it is not a suite's package")]
    NoManifest,
    /// The directory into which it would be unpacked cannot be written.
    #[error("failed to write `{path}`: {source}", path = path.display())]
    Write {
        /// The file or directory.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

impl Error {
    pub(crate) fn entry(path: &[u8], refusal: Refusal) -> Error {
        let path = shown(path);
        Error::Entry { path, refusal }
    }

    /// An error of the decompressor or of the reader below it.
    pub(crate) fn reading(error: io::Error) -> Error {
        let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
        match error.kind() {
            _ if cause == Some(&bzip2::Error::DataMagic) => Error::NotBzip2,
            io::ErrorKind::UnexpectedEof => Error::Truncated,
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                Error::Corrupt(error.to_string())
            }
            _ => Error::Read(error),
        }
    }

    pub(crate) fn writing(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Error {
        let path = path.into();
        |source| Error::Write { path, source }
    }
}

/// The reason why an entry is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Refusal {
    #[error("has an absolute path")]
    Absolute,
    #[error("has a path with `..`")]
    ParentDirectory,
    #[error("has a path that is not written plainly (write `{0}`)")]
    NotPlain(String),
    #[error("has a path that is not UTF-8 or has control characters")]
    NotText,
    #[error("has no name")]
    NoName,
    #[error("has a path of more than {0} bytes")]
    PathTooLong(usize),
    #[error("has a path with a name of more than 255 bytes")]
    NameTooLong,
    #[error("is a link to `{0}`, which is not in the package")]
    LinkOut(String),
    #[error("is a {0}; a package may have only files, directories and links")]
    Special(&'static str),
    #[error("is a {0}; a suite's package may have only files")]
    NotAFile(&'static str),
    #[error("is setuid or setgid")]
    SetId,
    #[error("claims its size or name by the extended header `{0}`, which is not supported")]
    ExtendedHeader(String),
    #[error("is a {0}, but has contents")]
    HasContents(&'static str),
    #[error("occurs twice")]
    Twice,
    #[error("differs from `{0}` only in upper and lower case")]
    OnlyCase(String),
    #[error("is below `{0}`, which is not a directory")]
    BelowAFile(String),
    #[error("has a name that is reserved for the installed package")]
    Reserved,
    #[error("is not in the manifest")]
    Unlisted,
    #[error("is in the manifest, but missing")]
    Missing,
    #[error("must be the first entry")]
    NotFirst,
    #[error("has {0} bytes, but {1} according to the manifest")]
    Size(u64, u64),
    #[error("has mode {0:04o}, but {1} according to the manifest")]
    OtherMode(u32, Mode),
    #[error("has more than {0} bytes")]
    TooLarge(u64),
    #[error("has the sha256 {found}, but {expected} according to the manifest")]
    Checksum {
        found: Sha256Sum,
        expected: Sha256Sum,
    },
    #[error("is not an ELF executable")]
    NotElf,
    #[error("is for {0}, but this machine runs {1}: build the package for this target")]
    OtherArchitecture(Architecture, Architecture),
}

/// Prepares a name from an archive for a message: replaces control characters, and shortens it.
pub(crate) fn shown(path: &[u8]) -> String {
    const SHOWN: usize = 80;
    let text = String::from_utf8_lossy(path);
    let mut shown: String = text.chars().take(SHOWN).collect::<String>();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

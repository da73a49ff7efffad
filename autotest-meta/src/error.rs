//! Errors when reading the tests of a file.

use std::io;
use std::path::PathBuf;

use autotest_core::attr::AttrError;

use crate::{MAX_BYTES, MAX_RECORDS};

/// A file from which no suite can be read.
#[derive(Debug, thiserror::Error)]
#[error("failed to read the tests of `{}`: {problem}", .path.display())]
pub struct MetaError {
    /// The file.
    pub path: PathBuf,
    /// The reason.
    pub problem: Box<Problem>,
}

/// The reason why no suite can be read from a file.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is a package that cannot be read.
    #[error("it is no package of a suite: {0}")]
    Package(#[from] autotest_package::Error),
    /// It is a directory, a device or the like.
    #[error("it is not a regular file: give the path of a test binary or a package")]
    NotAFile,
    /// It is something else.
    #[error("it is neither an ELF file nor a package: give the path of a test binary or a package")]
    NotElf,
    /// Its headers are inconsistent.
    #[error("its ELF headers are damaged: {0}")]
    Damaged(String),
    /// It has no records.
    #[error(
        "it has no section `autotest_meta`: it was built without autotest tests, or a tool has removed the section"
    )]
    NoSection,
    /// It is larger than any real suite.
    #[error(
        "it describes more than {MAX_RECORDS} tests, or in more than {} MiB, which is the limit",
        MAX_BYTES >> 20
    )]
    TooLarge,
    /// It was built by a newer autotest.
    #[error("its records have version {0}, and this tool reads version 1: update the tool")]
    Version(u64),
    /// A record does not have the format that its version says.
    #[error("its section `autotest_meta` is damaged at offset {offset}: {cause}")]
    Record {
        /// The offset of the mistake, in bytes from the beginning of the section.
        offset: usize,
        /// The mistake.
        cause: String,
    },
    /// The expression of `main!(attr = …)` does not parse.
    #[error("the attribute expression of its `main!` does not parse: {0}")]
    Attr(AttrError),
    /// Names that are not allowed or collide. The binary refuses to run for the same reason.
    #[error("{}", .0.join("\n"))]
    Names(Vec<String>),
}

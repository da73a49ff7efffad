//! Reads the descriptions of a binary's tests, for tools that cannot run the binary.
//!
//! Every test has a record in the ELF section `autotest_meta`. [`Suite::of_file`] reads it from an executable, a
//! library or an object file of any architecture, stripped or not, or from the executable in a package.
//!
//! Nothing here trusts the file: it is read within limits ([`MAX_BYTES`], [`MAX_RECORDS`]), and anything wrong with it
//! is an error.

#![warn(clippy::unwrap_used)]

mod elf;
mod error;
mod join;
mod records;
mod site;
mod suite;

pub use elf::{MAX_ARCHIVE_BYTES, MAX_BYTES, MAX_SECTIONS};
pub use error::{MetaError, Problem};
pub use records::MAX_RECORDS;
pub use suite::{MAX_EXECUTABLE_BYTES, Suite};

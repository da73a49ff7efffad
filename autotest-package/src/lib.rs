//! Packages: a suite's executable with its data in one file, which is checked before anything in it is used.
//!
//! A suite's package is `SUITE-VERSION-TARGET.tar.bz2`. Its first entry is [`Manifest::ENTRY`], which has the
//! size, the sha256 and the mode of each other entry. The original's `test-NAME.tar.bz2` has no manifest; it
//! can be unpacked, too, under the same rules.
//!
//! Reading trusts nothing in an archive: see [`Package`] for what it refuses. Unpacking leaves a complete
//! directory or none. Writing needs the feature `write`, so that a target does not pay for it; two
//! packages of the same files are equal, byte for byte.
//!
//! This crate must not fetch anything, and must not know where packages are installed.
//!
//! # Example
//!
//! ```no_run
//! use autotest_package::{Limits, Package};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let file = std::fs::File::open("bvt-1.2.0-x86_64-unknown-linux-musl.tar.bz2")?;
//! let package = Package::open(file, Limits::default())?;
//! package.stage("/var/lib/suites".as_ref(), None)?.commit("/var/lib/suites/bvt".as_ref())?;
//! # Ok(())
//! # }
//! ```

#![warn(clippy::unwrap_used)]

mod checksum;
mod checksum_list;
mod elf;
mod error;
mod layout;
mod limits;
mod manifest;
mod member_path;
mod members;
mod package;
mod package_name;
mod unpack;

#[cfg(feature = "write")]
mod write;

pub use checksum::{Checksum, InvalidChecksum, Sha256Sum};
pub use checksum_list::{ChecksumList, InvalidLine};
pub use elf::Architecture;
pub use error::{Error, Refusal};
pub use limits::Limits;
pub use manifest::{InvalidManifest, Manifest, Mode, PackedFile};
pub use package::Package;
pub use package_name::{PackageName, PackageType, TestName};
pub use unpack::Staged;

#[cfg(feature = "write")]
pub use write::{Content, Packing, WriteError, record_checksum};

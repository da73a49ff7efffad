//! Adds a package to its repository.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use super::{WriteError, new_file, reading};
use crate::checksum::{Checksum, Sha256Sum};
use crate::checksum_list::ChecksumList;

/// Writes the sha256 of a package to the [`ChecksumList`] in its directory, in place of the package's earlier
/// checksums. The list is replaced as a whole. Two programs must not do this at the same time.
///
/// # Errors
/// If the package or the list cannot be read, or the list cannot be written.
pub fn record_checksum(package: &Path) -> Result<Checksum, WriteError> {
    let dir = match package.parent() {
        Some(dir) if dir != Path::new("") => dir,
        _ => Path::new("."),
    };
    let name = package.file_name().unwrap_or_default().to_string_lossy();
    let file = File::open(package).map_err(reading(package))?;
    let checksum = Checksum::from(Sha256Sum::of(file).map_err(reading(package))?);
    let path = dir.join(ChecksumList::FILE_NAME);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        text => text.map_err(reading(&path))?,
    };
    let mut list = ChecksumList::parse(&text).map_err(WriteError::List)?;
    list.set(&name, checksum);
    let mut file = new_file(dir)?;
    file.write_all(list.to_string().as_bytes())
        .map_err(WriteError::Write)?;
    file.persist(&path)
        .map_err(|error| WriteError::Write(error.error))?;
    Ok(checksum)
}

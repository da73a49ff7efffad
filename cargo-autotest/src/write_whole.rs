//! Writes files that readers never find half-written.

use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Writes a file beside its place and renames it, so that readers always find a complete one.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write(path, bytes, 0o666)
}

/// As [`write_whole`], but only the user may read the file.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write(path, bytes, 0o600)
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let absolute = std::path::absolute(path)?;
    let dir = absolute.parent().unwrap_or(&absolute);
    let mut builder = tempfile::Builder::new();
    let permissions = PermissionsExt::from_mode(mode);
    let mut file = builder.permissions(permissions).tempfile_in(dir)?;
    file.write_all(bytes)?;
    file.persist(&absolute).map_err(|error| error.error)?;
    Ok(())
}

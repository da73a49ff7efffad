//! Writes files that may contain secrets.

use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Writes a file that only the user may read, beside its place, and renames it, so that readers always find a complete
/// one.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let absolute = std::path::absolute(path)?;
    let dir = absolute.parent().unwrap_or(&absolute);
    let mut builder = tempfile::Builder::new();
    let permissions = PermissionsExt::from_mode(0o600);
    let mut file = builder.permissions(permissions).tempfile_in(dir)?;
    file.write_all(bytes)?;
    file.persist(&absolute).map_err(|error| error.error)?;
    Ok(())
}

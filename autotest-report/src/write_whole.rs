//! Writes a report to a path that a user names.

use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The number of symbolic links that are followed, as by the kernel.
const MAX_LINKS: usize = 40;

/// Writes a file beside its place and renames it, so that readers always find a complete one. Symbolic links are
/// followed. A device, a pipe, and the file behind standard output or standard error are not replaced, but written to.
///
/// # Errors
/// If it cannot be written.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::metadata(path) {
        // The path may lead to a stream of this process, as `/dev/stdout` does. Replacing the file that the stream is
        // redirected to would lose everything else that is written to it.
        Ok(there) if is_at(&io::stdout(), &there) => write_to(&mut io::stdout(), bytes),
        Ok(there) if is_at(&io::stderr(), &there) => write_to(&mut io::stderr(), bytes),
        Ok(there) if !there.is_file() => File::options().write(true).open(path)?.write_all(bytes),
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        Ok(_) | Err(_) => replace(&followed(path)?, bytes),
    }
}

fn write_to(stream: &mut dyn Write, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes)?;
    stream.flush()
}

/// Whether a stream of this process is this file.
fn is_at(stream: &impl AsFd, there: &Metadata) -> bool {
    let stat = rustix::fs::fstat(stream);
    stat.is_ok_and(|stat| (stat.st_dev, stat.st_ino) == (there.dev(), there.ino()))
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = path.parent().unwrap_or(path);
    let mut builder = tempfile::Builder::new();
    // Readable by others, like any other report, as far as the umask allows.
    let builder = builder.permissions(Permissions::from_mode(0o666));
    let mut file = builder.tempfile_in(dir)?;
    file.write_all(bytes)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// The path to which symbolic links lead. There need not be a file.
fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut path = std::path::absolute(path)?;
    for _ in 0..MAX_LINKS {
        let Ok(target) = fs::read_link(&path) else {
            break;
        };
        path = path.parent().unwrap_or(&path).join(target);
    }
    Ok(path)
}

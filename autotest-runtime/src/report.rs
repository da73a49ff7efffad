//! The folds over a job's records: files of the results tree, and what a terminal shows.

mod job_files;
mod journal;
mod keyval;
mod perf;
mod status_log;
mod terminal;

pub use job_files::JobFiles;
pub use journal::Journal;
pub use keyval::KeyvalFiles;
pub use perf::PerfFiles;
pub use status_log::{Order, StatusLog};
pub use terminal::{Counts, ShowOptions, Style, Terminal};

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Opens a file for appending; a symbolic link in its place is refused. A directory that the test
/// removed is made again.
fn append_to(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options
        .create(true)
        .append(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let open = || regular(options.open(path)?);
    match open() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            make_again(path)?;
            open()
        }
        opened => opened,
    }
}

/// The file, if it is one: a pipe that a test put in its place would keep us waiting.
fn regular(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other("it is not a regular file"))
    }
}

/// The test removed its own results: what is said from here on must have a place.
fn make_again(path: &Path) -> io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(dir)?;
    log::warn!("`{}` was removed, and made again", dir.display());
    Ok(())
}

/// Writes a whole file: all of it is there, or none.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let dir = path.parent().unwrap_or(Path::new("."));
    if !dir.is_dir() {
        make_again(path)?;
    }
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    io::Write::write_all(&mut file, text.as_bytes())?;
    file.as_file()
        .set_permissions(std::fs::Permissions::from_mode(0o644))?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

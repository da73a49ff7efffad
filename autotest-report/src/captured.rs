//! What a test printed, as far as a report shows it. The files are the test's own to play with.

use std::fs::{File, Metadata, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The two files, as they are called in a test's `debug` directory.
pub(crate) const STREAMS: [&str; 2] = ["stdout", "stderr"];

/// What is shown of each.
const SHOWN_BYTES: u64 = 16 << 10;

/// Where a test's output is.
pub(crate) fn path(jobdir: &Path, subdir: &str, stream: &str) -> PathBuf {
    jobdir.join(subdir).join("debug").join(stream)
}

/// The end of what a test printed, if it printed anything. A test without directory did not.
pub(crate) fn end_of_stream(jobdir: &Path, subdir: &str, stream: &str) -> Option<String> {
    if subdir.is_empty() {
        return None;
    }
    end_of(&path(jobdir, subdir, stream))
}

/// The last bytes of a file, if it has any.
fn end_of(path: &Path) -> Option<String> {
    let mut options = OpenOptions::new();
    let options = options.read(true);
    let options = options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let file: File = options.open(path).ok()?;
    let metadata = file.metadata().ok().filter(Metadata::is_file)?;
    let length = metadata.len();
    let skipped = length.saturating_sub(SHOWN_BYTES);
    let mut bytes = vec![0; usize::try_from(length - skipped).ok()?];
    file.read_exact_at(&mut bytes, skipped).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let text = match skipped {
        0 => text.into_owned(),
        skipped => format!("[{skipped} bytes before this]\n{text}"),
    };
    (!text.is_empty()).then_some(text)
}

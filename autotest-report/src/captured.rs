//! Reads the captured output of a test for reports. A test can do anything to these files.

use std::fs::{File, Metadata, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The names of the two files in a test's `debug` directory.
pub(crate) const STREAMS: [&str; 2] = ["stdout", "stderr"];

/// How much of the end of each file is shown.
const SHOWN_BYTES: u64 = 16 << 10;

/// The path of one of the two files.
pub(crate) fn path(jobdir: &Path, subdir: &str, stream: &str) -> PathBuf {
    jobdir.join(subdir).join("debug").join(stream)
}

/// The end of a test's output. `None` if it printed nothing or has no directory.
pub(crate) fn end_of_stream(jobdir: &Path, subdir: &str, stream: &str) -> Option<String> {
    if subdir.is_empty() {
        return None;
    }
    end_of(&path(jobdir, subdir, stream))
}

/// The end of a file; `None` if it is empty.
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

//! Reads the captured output of a test for reports. A test can do anything to these files, and a target that sends its
//! results can put a link in place of any directory.

use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::folder::{Folder, Found};

/// The names of the two files in a test's `debug` directory.
pub(crate) const STREAMS: [&str; 2] = ["stdout", "stderr"];

/// How much of the end of each file is shown.
const SHOWN_BYTES: u64 = 16 << 10;

/// Whether a test with this directory has a file of its output.
pub(crate) fn has_stream(jobdir: &Path, subdir: &str, stream: &str) -> bool {
    find(jobdir, subdir, stream).is_some()
}

/// The end of a test's output. `None` if it printed nothing or has no directory.
pub(crate) fn end_of_stream(jobdir: &Path, subdir: &str, stream: &str) -> Option<String> {
    let Found { file, bytes } = find(jobdir, subdir, stream)?;
    let skipped = bytes.saturating_sub(SHOWN_BYTES);
    let mut shown = vec![0; usize::try_from(bytes - skipped).ok()?];
    file.read_exact_at(&mut shown, skipped).ok()?;
    let text = String::from_utf8_lossy(&shown);
    let text = match skipped {
        0 => text.into_owned(),
        skipped => format!("[{skipped} bytes before this]\n{text}"),
    };
    (!text.is_empty()).then_some(text)
}

/// One of the two files. No link below the job's directory is followed.
fn find(jobdir: &Path, subdir: &str, stream: &str) -> Option<Found> {
    if subdir.is_empty() {
        return None;
    }
    Folder::open(jobdir)?.file(&format!("{subdir}/debug/{stream}"))
}

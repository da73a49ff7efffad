//! The kernel's caches of files, which a job may have dropped before its runs and iterations. Source: formats §6.

use std::fs;
use std::io;

use rustix::fs::{Access, AtFlags, CWD, accessat};

const CONTROL: &str = "/proc/sys/vm/drop_caches";

/// What is written to drop pages, directory entries and inodes.
const ALL: &str = "3\n";

/// Writes dirty pages back and drops the caches. Where that is not allowed, only logs it: [`hindrance`] has told the
/// job.
pub(crate) fn drop_caches() {
    rustix::fs::sync();
    if let Err(error) = fs::write(CONTROL, ALL) {
        log::debug!("failed to drop caches: {error}");
    }
}

/// Why the caches of this target cannot be dropped; `None` if they can.
pub(crate) fn hindrance() -> Option<String> {
    let error = accessat(CWD, CONTROL, Access::WRITE_OK, AtFlags::EACCESS).err()?;
    let error = io::Error::from(error);
    Some(format!(
        "caches are not dropped: failed to open `{CONTROL}` for writing: {error}; run the job as root"
    ))
}

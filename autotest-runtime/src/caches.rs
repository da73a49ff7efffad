//! Dropping the kernel's file caches before runs and iterations, if a job asks for it. Source: formats §6.

use std::fs;
use std::io;

use rustix::fs::{Access, AtFlags, CWD, accessat};

const CONTROL: &str = "/proc/sys/vm/drop_caches";

/// The text that drops pages, directory entries and inodes.
const ALL: &str = "3\n";

/// Writes dirty pages back and drops the caches. A failure is only logged, since [`hindrance`] has reported it already.
pub(crate) fn drop_caches() {
    rustix::fs::sync();
    if let Err(error) = fs::write(CONTROL, ALL) {
        log::debug!("failed to drop caches: {error}");
    }
}

/// The reason why the caches of this target cannot be dropped; `None` if they can.
pub(crate) fn hindrance() -> Option<String> {
    let error = accessat(CWD, CONTROL, Access::WRITE_OK, AtFlags::EACCESS).err()?;
    let error = io::Error::from(error);
    Some(format!(
        "caches are not dropped: failed to open `{CONTROL}` for writing: {error}; run the job as root"
    ))
}

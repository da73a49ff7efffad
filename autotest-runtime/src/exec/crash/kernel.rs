//! The kernel's settings for core dumps.

use std::fs;
use std::io;

use serde::{Deserialize, Serialize};

const CORE_PATTERN: &str = "/proc/sys/kernel/core_pattern";
const SUID_DUMPABLE: &str = "/proc/sys/fs/suid_dumpable";

/// The settings that the handler changes. `core_pipe_limit` is not among them: a crashed process stays in `/proc` until
/// its core dump is read, and everything else is read before that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct KernelSettings {
    /// The destination of core dumps.
    pub(super) core_pattern: String,
    /// Whether processes that changed their user get core dumps.
    pub(super) suid_dumpable: String,
}

impl KernelSettings {
    pub(super) fn read() -> io::Result<KernelSettings> {
        let read = |path| fs::read_to_string(path).map(|text| text.trim_end().to_owned());
        Ok(KernelSettings {
            core_pattern: read(CORE_PATTERN)?,
            suid_dumpable: read(SUID_DUMPABLE)?,
        })
    }

    /// Applies these settings.
    pub(super) fn install(&self) -> io::Result<()> {
        fs::write(CORE_PATTERN, &self.core_pattern)?;
        fs::write(SUID_DUMPABLE, &self.suid_dumpable)
    }

    /// Restores these settings, except those that somebody has changed from `installed` since. The order is reversed,
    /// since the kernel warns if `suid_dumpable` is 2 while the pattern is a relative path.
    pub(super) fn restore(&self, installed: &KernelSettings) -> io::Result<()> {
        let now = KernelSettings::read()?;
        if now.suid_dumpable == installed.suid_dumpable {
            fs::write(SUID_DUMPABLE, &self.suid_dumpable)?;
        }
        if now.core_pattern == installed.core_pattern {
            fs::write(CORE_PATTERN, &self.core_pattern)?;
        }
        Ok(())
    }
}

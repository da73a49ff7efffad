//! What the kernel does with a core dump.

use std::fs;
use std::io;

use serde::{Deserialize, Serialize};

const CORE_PATTERN: &str = "/proc/sys/kernel/core_pattern";
const SUID_DUMPABLE: &str = "/proc/sys/fs/suid_dumpable";

/// The settings that the handler changes. `core_pipe_limit` is not one of them: the process of a core dump stays in
/// `/proc` until its core is read, and all else is read before that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct KernelSettings {
    /// Where cores go.
    pub(super) core_pattern: String,
    /// Whether processes that changed their user have one.
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

    /// Installs the handler's settings.
    pub(super) fn install(&self) -> io::Result<()> {
        fs::write(CORE_PATTERN, &self.core_pattern)?;
        fs::write(SUID_DUMPABLE, &self.suid_dumpable)
    }

    /// Restores these, as far as nobody has changed `installed` since. The kernel warns of cores of any process beside a
    /// pattern that is a relative path, so the order is the reverse.
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

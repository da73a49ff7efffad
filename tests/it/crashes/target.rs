//! This machine's settings for core dumps.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

const CORE_PATTERN: &str = "/proc/sys/kernel/core_pattern";
const SUID_DUMPABLE: &str = "/proc/sys/fs/suid_dumpable";
const USES_PID: &str = "/proc/sys/kernel/core_uses_pid";

/// The settings are the machine's.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// The right to change the settings. They must be as they were when it ends, and are restored in any case.
pub(super) struct Target {
    /// The machine's own.
    own: [String; 3],
    /// Those before the next job.
    before: [String; 3],
    _alone: MutexGuard<'static, ()>,
}

impl Target {
    /// `None`, and says why, where nobody may do that.
    pub(super) fn take() -> Option<Target> {
        if std::env::var_os("AUTOTEST_TARGET").is_none() {
            eprintln!("left out: core dumps of the whole machine (AUTOTEST_TARGET is not set)");
            return None;
        }
        if !rustix::process::geteuid().is_root() {
            eprintln!("left out: core dumps of the whole machine (not root)");
            return None;
        }
        let alone = alone();
        let before = settings();
        if fs::write(CORE_PATTERN, &before[0]).is_err() {
            eprintln!("left out: core dumps of the whole machine (core_pattern cannot be written)");
            return None;
        }
        Some(Target {
            own: before.clone(),
            before,
            _alone: alone,
        })
    }

    /// Whether the settings are what they were.
    pub(super) fn is_as_before(&self) -> bool {
        settings() == self.before && !Path::new("/run/autotest-crash").exists()
    }

    /// Has cores go elsewhere from now on.
    pub(super) fn set_pattern(&mut self, pattern: &str) {
        fs::write(CORE_PATTERN, pattern).unwrap();
        self.before[0] = pattern.to_owned();
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        let is_as_before = self.is_as_before();
        let _ = fs::remove_dir_all("/run/autotest-crash");
        fs::write(SUID_DUMPABLE, &self.own[1]).unwrap();
        fs::write(CORE_PATTERN, &self.own[0]).unwrap();
        if !std::thread::panicking() {
            assert!(is_as_before, "the settings were not restored");
        }
    }
}

/// Keeps other tests from changing the settings.
pub(super) fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME
        .lock()
        .unwrap_or_else(|error| error.into_inner())
}

fn settings() -> [String; 3] {
    [CORE_PATTERN, SUID_DUMPABLE, USES_PID]
        .map(|path| fs::read_to_string(path).unwrap().trim_end().to_owned())
}

/// Where cores go now.
pub(super) fn pattern() -> String {
    settings()[0].clone()
}

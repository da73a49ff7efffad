//! Core files that the kernel writes when the handler is not installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::process::{Resource, getrlimit};

use super::core_file::Core;
use super::kernel::KernelSettings;

/// The limit on the files that are looked at after a run.
const MAX_FILES: usize = 1000;

/// The tolerance when comparing modification times: some file systems only store seconds.
const TOLERANCE: Duration = Duration::from_secs(2);

/// The location of core files.
#[derive(Debug)]
pub(in crate::exec) struct CoreFiles {
    /// The directory; `None` for the working directory of the process.
    dir: Option<PathBuf>,
    /// The prefix of their names.
    prefix: String,
}

impl CoreFiles {
    /// `None` if core files are disabled, or the kernel pipes them to a program.
    pub(in crate::exec) fn of_target() -> Option<CoreFiles> {
        if getrlimit(Resource::Core).current == Some(0) {
            return None;
        }
        CoreFiles::of_pattern(&KernelSettings::read().ok()?.core_pattern)
    }

    fn of_pattern(pattern: &str) -> Option<CoreFiles> {
        let (dir, name) = match pattern.rsplit_once('/') {
            Some((dir, name)) => (Some(dir), name),
            None => (None, pattern),
        };
        let is_other = pattern.starts_with(['|', '@']) || dir.is_some_and(|dir| dir.contains('%'));
        let is_below = dir.is_some_and(|dir| !dir.is_empty() && !dir.starts_with('/'));
        if is_other || is_below {
            return None;
        }
        Some(CoreFiles {
            dir: dir.map(|dir| PathBuf::from(format!("{dir}/"))),
            prefix: name.split('%').next().unwrap_or_default().to_owned(),
        })
    }

    /// The core files of a run's processes: of the leader, its children, and the members of its group and session.
    pub(in crate::exec) fn of_run(
        &self,
        outputdir: &Path,
        leader: i32,
        elapsed: Duration,
    ) -> Vec<PathBuf> {
        let begun = SystemTime::now().checked_sub(elapsed + TOLERANCE);
        let dir = self.dir.as_deref().unwrap_or(outputdir);
        let entries = fs::read_dir(dir).into_iter().flatten().flatten();
        let named = entries.filter(|entry| {
            entry
                .file_name()
                .as_encoded_bytes()
                .starts_with(self.prefix.as_bytes())
        });
        let recent = named.filter(|entry| {
            let file = entry.metadata().ok().filter(|file| file.is_file());
            file.is_some_and(|file| file.modified().ok() >= begun)
        });
        let paths = recent.map(|entry| entry.path()).take(MAX_FILES);
        paths.filter(|path| is_of(path, leader)).collect()
    }
}

fn is_of(path: &Path, leader: i32) -> bool {
    let core = Core::open(path).ok();
    let process = core.and_then(|core| core.process);
    process.is_some_and(|process| {
        let ids = [process.pid, process.parent, process.group, process.session];
        ids.contains(&leader)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_a_directory_and_how_names_begin() {
        let check = |pattern: &str, expected: Option<(Option<&str>, &str)>| {
            let files = CoreFiles::of_pattern(pattern);
            let found = files
                .as_ref()
                .map(|files| (files.dir.as_deref(), files.prefix.as_str()));
            assert_eq!(
                found,
                expected.map(|(dir, prefix)| (dir.map(Path::new), prefix))
            );
        };
        check("core", Some((None, "core")));
        check("core.%e.%p", Some((None, "core.")));
        check("%e.core", Some((None, "")));
        check("/var/crash/core.%p", Some((Some("/var/crash/"), "core.")));
        check("/core", Some((Some("/"), "core")));
        check("/var/%e/core", None);
        check("below/core", None);
        check("|/usr/lib/systemd/systemd-coredump %P", None);
        check("@/run/cores", None);
    }
}

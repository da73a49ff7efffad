//! Errors in systemd's journal since a run began.
//!
//! Its files are read directly: `journalctl` takes longer than a short test, and the supervisor waits for nobody.
//! The kernel's own messages are left to [`kernel_log`](super::kernel_log).

mod file;

use std::fs;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use file::JournalFile;

/// Where the directories of journals are, one for each machine's id.
const DIRS: [&str; 2] = ["/run/log/journal", "/var/log/journal"];

/// The journal, from the beginning of a run on. Without the right to read it, there are no errors.
#[derive(Debug, Default)]
pub(super) struct SystemJournal {
    dirs: Option<Vec<PathBuf>>,
    /// The files that are written to, each with its end when the run began.
    files: Vec<(JournalFile, u64)>,
    begin_us: u64,
}

impl SystemJournal {
    /// From here on, errors count.
    pub(super) fn begin(&mut self) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.unwrap_or_default().as_micros();
        self.begin_us = u64::try_from(now).unwrap_or(u64::MAX);
        let files = self.written();
        let files = files.into_iter();
        self.files = files
            .filter_map(|file| {
                let end = file.end()?;
                Some((file, end))
            })
            .collect();
    }

    /// The errors since then. One that was sent before then, and written late, does not count.
    pub(super) fn errors(&mut self) -> Vec<String> {
        let mut errors = Vec::new();
        for (file, end) in &self.files {
            errors.extend(file.errors(*end, self.begin_us));
        }
        // The service may have begun new files meanwhile.
        for file in self.written() {
            if self.files.iter().all(|(known, _)| !known.is_same(&file)) {
                errors.extend(file.errors(file.start(), self.begin_us));
            }
        }
        self.files.clear();
        errors
            .into_iter()
            .map(|error| format!("the journal has the error `{error}`"))
            .collect()
    }

    /// The files that the service writes to now. Those that it no longer writes to have an `@` in their names.
    fn written(&mut self) -> Vec<JournalFile> {
        let dirs = self.dirs.get_or_insert_with(directories).iter();
        let entries = dirs.filter_map(|dir| fs::read_dir(dir).ok()).flatten();
        let paths = entries.filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name();
            let name = name.to_str()?;
            (name.ends_with(".journal") && !name.contains('@')).then(|| entry.path())
        });
        paths.filter_map(|path| JournalFile::open(&path)).collect()
    }
}

fn directories() -> Vec<PathBuf> {
    let id = fs::read_to_string("/etc/machine-id").unwrap_or_default();
    let id = id.trim();
    let dirs = DIRS.iter().filter(|_| !id.is_empty());
    dirs.map(|dir| PathBuf::from(dir).join(id)).collect()
}

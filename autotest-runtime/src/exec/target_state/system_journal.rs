//! Errors that systemd's journal has received since a run began.
//!
//! The files are read directly: `journalctl` takes longer than a short test, and the supervisor must not wait for it.
//! The kernel's own messages are left to [`kernel_log`](super::kernel_log).

mod file;

use std::fs;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use file::JournalFile;

/// The directories of journals; each has a directory of journal files per machine id.
const DIRS: [&str; 2] = ["/run/log/journal", "/var/log/journal"];

/// The journal since the beginning of a run. Without permission to read it, there are no errors.
#[derive(Debug, Default)]
pub(super) struct SystemJournal {
    dirs: Option<Vec<PathBuf>>,
    /// The files being written when the run began, each with its end at that time.
    files: Vec<(JournalFile, u64)>,
    begin_us: u64,
}

impl SystemJournal {
    /// Sets the time and position from which errors are reported.
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

    /// The errors since [`begin`](Self::begin). An entry that was sent earlier but written later does not count.
    pub(super) fn errors(&mut self) -> Vec<String> {
        let mut errors = Vec::new();
        for (file, end) in &self.files {
            errors.extend(file.errors(*end, self.begin_us));
        }
        // The service may have created files since then.
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

    /// The files that the service is writing to. Files that it has closed have an `@` in their names.
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

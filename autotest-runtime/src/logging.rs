//! Writes the lines of the `log` crate to the debug directory of a run (formats §8).
//!
//! `log` has one logger for a process, so the state is global. A file is created with its first line.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use autotest_report::LocalTime;
use log::{Level, LevelFilter, Log, Metadata, Record};

/// The level, suffix of the file name, and five letters in a line. A file receives lines of its level and
/// more severe ones.
const FILES: [(Level, &str, &str); 4] = [
    (Level::Debug, "DEBUG", "DEBUG"),
    (Level::Info, "INFO", "INFO "),
    (Level::Warn, "WARNING", "WARNI"),
    (Level::Error, "ERROR", "ERROR"),
];

static TEE: Tee = Tee {
    logs: Mutex::new(Vec::new()),
};

/// A stack of logs; lines go to the last one.
struct Tee {
    logs: Mutex<Vec<DebugLog>>,
}

struct DebugLog {
    debugdir: PathBuf,
    name: String,
    files: [Option<File>; FILES.len()],
}

/// Makes this the logger of the process, unless it has one.
pub(crate) fn install() {
    if log::set_logger(&TEE).is_ok() {
        log::set_max_level(LevelFilter::Debug);
    }
}

/// From now on, lines go to `<debugdir>/<name>.DEBUG`, `.INFO` and so on.
pub(crate) fn push(debugdir: PathBuf, name: String) {
    with_logs(|logs| {
        logs.push(DebugLog {
            debugdir,
            name,
            files: [None, None, None, None],
        })
    });
}

/// Undoes the last [`push`].
pub(crate) fn pop() {
    with_logs(|logs| drop(logs.pop()));
}

/// Calls `f` with the logs. A poisoned lock is harmless: a panic leaves the logs valid.
fn with_logs<T>(f: impl FnOnce(&mut Vec<DebugLog>) -> T) -> T {
    f(&mut TEE.logs.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Log for Tee {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= Level::Debug
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let line = line(record);
            with_logs(|logs| {
                if let Some(log) = logs.last_mut() {
                    log.write(record.level(), line.as_bytes());
                }
            });
        }
    }

    fn flush(&self) {}
}

impl DebugLog {
    /// Errors are ignored: a log line must not fail a test.
    fn write(&mut self, level: Level, line: &[u8]) {
        for ((file_level, suffix, _), file) in FILES.iter().zip(&mut self.files) {
            if level <= *file_level {
                if file.is_none() {
                    let path = self.debugdir.join(format!("{}.{suffix}", self.name));
                    *file = OpenOptions::new().create(true).append(true).open(path).ok();
                }
                if let Some(file) = file {
                    let _ = file.write_all(line);
                }
            }
        }
    }
}

/// Formats `MM/DD HH:MM:SS.mmm LEVEL|            module:LINE| message`, with the module cut to 18 characters.
fn line(record: &Record<'_>) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let time = LocalTime::at(i64::try_from(now.as_secs()).unwrap_or(0));
    let LocalTime {
        month,
        day,
        hour,
        minute,
        second,
        ..
    } = time;
    let letters = FILES.iter().find(|(level, ..)| *level == record.level());
    let letters = letters.map_or("DEBUG", |(_, _, letters)| letters);
    let module: String = module_of(record).chars().take(18).collect();
    format!(
        "{month:02}/{day:02} {hour:02}:{minute:02}:{second:02}.{:03} {letters}|{module:>18}:{:04}| {}\n",
        now.subsec_millis(),
        record.line().unwrap_or(0),
        record.args()
    )
}

/// The source file's base name without extension, as in the original.
fn module_of<'a>(record: &Record<'a>) -> &'a str {
    let file = record.file().unwrap_or_else(|| record.target());
    let base = file.rsplit('/').next().unwrap_or(file);
    base.strip_suffix(".rs").unwrap_or(base)
}

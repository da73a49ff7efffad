//! Errors that the kernel has logged since a run began.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;

/// The least severe level to report: 3 is an error.
const ERROR: u32 = 3;

/// The number of records to read at once; a test may flood the log.
const MAX_RECORDS: usize = 10_000;

/// The kernel's limit on the size of a record.
const RECORD_BYTES: usize = 8 << 10;

/// The kernel's log since the beginning of a run. Without permission to read it, there are no errors.
#[derive(Debug, Default)]
pub(super) struct KernelLog(Option<File>);

impl KernelLog {
    /// Sets the position from which errors are reported.
    pub(super) fn begin(&mut self) {
        if self.0.is_none() {
            let mut options = OpenOptions::new();
            options.read(true).custom_flags(libc::O_NONBLOCK);
            self.0 = options.open("/dev/kmsg").ok();
        }
        if let Some(log) = &mut self.0 {
            let _ = log.seek(SeekFrom::End(0));
        }
    }

    /// The errors since [`begin`](Self::begin).
    pub(super) fn errors(&mut self) -> Vec<String> {
        let Some(log) = &mut self.0 else {
            return Vec::new();
        };
        let mut errors = Vec::new();
        let mut buffer = vec![0; RECORD_BYTES];
        for _ in 0..MAX_RECORDS {
            match log.read(&mut buffer) {
                Ok(0) => break,
                Ok(len) => errors.extend(error(&String::from_utf8_lossy(&buffer[..len]))),
                // Records were overwritten before they were read.
                Err(error) if error.raw_os_error() == Some(libc::EPIPE) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        errors
    }
}

/// The message in a record such as `3,1234,5678,-;text`, if the kernel itself reports an error.
fn error(record: &str) -> Option<String> {
    let (head, text) = record.split_once(';')?;
    let priority: u32 = head.split(',').next()?.parse().ok()?;
    let is_error = priority <= ERROR;
    let text = text.lines().next()?.trim();
    is_error.then(|| format!("the kernel reports `{text}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_errors_of_the_kernel_count() {
        let text = "EXT4-fs error (device loop0): bad inode";
        let told = format!("the kernel reports `{text}`");
        assert_eq!(
            error(&format!("3,99,1,-;{text}\n SUBSYSTEM=block\n")),
            Some(told)
        );
        assert_eq!(error("6,99,1,-;loop0: detected capacity change"), None);
        // Facility 1: a program wrote it.
        assert_eq!(error("11,99,1,-;systemd: failed"), None);
        assert_eq!(error("no record"), None);
    }
}

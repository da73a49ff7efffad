//! What a program left.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

/// What a program wrote, and how it ended.
#[derive(Clone, Debug)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output. What is no UTF-8 is replaced by U+FFFD.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
    /// The time from its start to its end.
    pub elapsed: Duration,
    /// The bytes of the standard output, if they are no UTF-8.
    bytes: Option<Vec<u8>>,
}

impl Output {
    pub(super) fn new(stdout: Vec<u8>, stderr: Vec<u8>, elapsed: Duration) -> Output {
        let (stdout, bytes) = match String::from_utf8(stdout) {
            Ok(text) => (text, None),
            Err(error) => {
                let bytes = error.into_bytes();
                (String::from_utf8_lossy(&bytes).into_owned(), Some(bytes))
            }
        };
        Output {
            status: ExitStatus::from_raw(0),
            stdout,
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
            elapsed,
            bytes,
        }
    }

    /// The exit code; `None` if a signal ended the program.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// The standard output as it was written.
    pub fn stdout_bytes(&self) -> &[u8] {
        self.bytes.as_deref().unwrap_or(self.stdout.as_bytes())
    }
}

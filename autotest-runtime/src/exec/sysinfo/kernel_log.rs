//! The kernel's messages since a test began, from `/dev/kmsg`.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;

/// The kernel's limit on the length of a record.
const RECORD_BYTES: usize = 8 << 10;

/// The limit on the text that is kept.
const MOST_BYTES: usize = 4 << 20;

/// The kernel's log, open at a position.
#[derive(Debug)]
pub(super) struct KernelLog(File);

impl KernelLog {
    /// Opens the log at its current end.
    ///
    /// # Errors
    /// If it cannot be read, which may require root.
    pub(super) fn at_end() -> io::Result<KernelLog> {
        let mut open = OpenOptions::new();
        open.read(true).custom_flags(libc::O_NONBLOCK);
        let mut log = open.open("/dev/kmsg")?;
        log.seek(SeekFrom::End(0))?;
        Ok(KernelLog(log))
    }

    /// The new messages, formatted as by `dmesg`. Returns `true` beside them if they are complete.
    pub(super) fn added(mut self) -> (String, bool) {
        let mut text = String::new();
        let mut record = vec![0; RECORD_BYTES];
        loop {
            if text.len() >= MOST_BYTES {
                let _ = writeln!(text, "[cut after {} bytes]", text.len());
                return (text, false);
            }
            match self.0.read(&mut record) {
                Ok(0) => return (text, true),
                Ok(length) => add(&mut text, &String::from_utf8_lossy(&record[..length])),
                Err(error) if error.raw_os_error() == Some(libc::EPIPE) => {
                    text.push_str("[messages were overwritten before they were read]\n");
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return (text, true),
            }
        }
    }
}

/// Appends a record such as `6,1234,5678,-;text`, whose third field is microseconds since boot. Further lines of a
/// record describe the device, and are dropped.
fn add(text: &mut String, record: &str) {
    let Some((head, message)) = record.split_once(';') else {
        return;
    };
    let time = head.split(',').nth(2).and_then(|time| time.parse().ok());
    let time: u64 = time.unwrap_or(0);
    let message = message.lines().next().unwrap_or_default();
    let (s, us) = (time / 1_000_000, time % 1_000_000);
    let _ = writeln!(text, "[{s:5}.{us:06}] {message}");
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_record_is_shown_as_dmesg_does() {
        let mut text = String::new();
        super::add(
            &mut text,
            "6,99,12000345,-;loop0: detected\n SUBSYSTEM=block\n",
        );
        super::add(&mut text, "no record");
        assert_eq!(text, "[   12.000345] loop0: detected\n");
    }
}

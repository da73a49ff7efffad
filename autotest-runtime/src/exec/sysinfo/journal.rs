//! Selects the entries that systemd's journal received while a test ran.
//!
//! The journal's service writes an entry shortly after a program sends it, when the next test may be running already.
//! `journalctl` selects entries by the time of writing, but shows the time of sending if it is known. So more entries
//! are requested than needed, and each belongs to the test during which it was sent. `journalctl --sync` would wait for
//! the service, but the service logs each such request.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use autotest_report::LocalTime;

/// The program that reads the journal.
pub(super) const PROGRAM: &str = "journalctl";

/// How long to wait for the delivery of the entries that were sent last.
pub(super) const DELIVERY: Duration = Duration::from_millis(50);

/// How long after being sent an entry may be written.
const MOST_DELAY: Duration = Duration::from_secs(2);

/// The length of a time such as `2026-11-30T09:05:49.478626`.
const TIME_BYTES: usize = 26;

/// When a test began and ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) begin: SystemTime,
    pub(super) end: SystemTime,
}

impl Times {
    /// `true` if the clock was set back in between, so that no entries can be selected.
    pub(super) fn are_reversed(self) -> bool {
        self.end < self.begin
    }

    /// The command that shows at least the entries sent in between. It shows nothing if there is no journal.
    pub(super) fn command(self) -> String {
        let [since, until] = [self.begin, self.end + MOST_DELAY].map(|time| {
            let (s, us) = parts(time);
            format!("@{s}.{us:06}")
        });
        // Without these variables, the environment could ask for colours.
        format!(
            "SYSTEMD_COLORS=0 SYSTEMD_URLIFY=0 journalctl --quiet --no-pager --utc --output=short-iso-precise \
             --since={since} --until={until}"
        )
    }

    /// Selects the entries that were sent in between from the output of the command.
    pub(super) fn select(self, shown: &[u8]) -> Vec<u8> {
        let [begin, end] = [self.begin, self.end].map(shown_time);
        let mut selected = Vec::new();
        let mut is_within = false;
        for line in shown.split_inclusive(|byte| *byte == b'\n') {
            // Continuation lines of a message are indented.
            if line.first().is_some_and(u8::is_ascii_digit) {
                let time = &line[..line.len().min(TIME_BYTES)];
                is_within = begin.as_bytes() <= time && time <= end.as_bytes();
            }
            if is_within {
                selected.extend_from_slice(line);
            }
        }
        selected
    }
}

fn parts(time: SystemTime) -> (u64, u32) {
    let time = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    (time.as_secs(), time.subsec_micros())
}

/// Formats a time as `journalctl` shows it in UTC, without the time zone.
fn shown_time(time: SystemTime) -> String {
    let (s, us) = parts(time);
    let time = LocalTime::utc(i64::try_from(s).unwrap_or(i64::MAX));
    format!("{}.{us:06}", time.in_iso())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(begin_us: u64, end_us: u64) -> Times {
        let [begin, end] = [begin_us, end_us].map(|us| UNIX_EPOCH + Duration::from_micros(us));
        Times { begin, end }
    }

    #[test]
    fn entries_are_asked_for_that_may_have_been_written_late() {
        let command = times(1_500_000, 2_000_001).command();
        let times = "--since=@1.500000 --until=@4.000001";
        assert!(command.ends_with(times), "{command}");
    }

    #[test]
    fn entries_that_were_sent_before_or_later_are_left_out() {
        let shown = "1970-01-01T00:00:01.499999+0000 host a[1]: before\n\
                     \x20                                        a further line\n\
                     1970-01-01T00:00:01.500000+0000 host a[1]: first\n\
                     \x20                                        a further line\n\
                     1970-01-01T00:00:01.400000+0000 host a[1]: sent before, and written late\n\
                     1970-01-01T00:00:02.000001+0000 host a[1]: last\n\
                     1970-01-01T00:00:02.000002+0000 host a[1]: later\n";
        let selected = times(1_500_000, 2_000_001).select(shown.as_bytes());
        let lines: Vec<_> = shown.split_inclusive('\n').collect();
        let expected = [lines[2], lines[3], lines[5]].concat();
        assert_eq!(String::from_utf8(selected).unwrap(), expected);
    }

    #[test]
    fn a_clock_that_was_set_back_is_noticed() {
        assert!(times(2, 1).are_reversed());
        assert!(!times(1, 1).are_reversed());
    }
}

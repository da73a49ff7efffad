//! Why the kernel refuses an event, and what to do about it.

use std::fs;
use std::io;

use rustix::io::Errno;

/// Why an event could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The machine or the kernel has no such event.
    Missing,
    /// This user may not use it.
    Forbidden,
    /// The thread has ended.
    Ended,
    Other,
}

impl Refusal {
    pub(super) fn of(error: &io::Error) -> Refusal {
        let errno = error.raw_os_error().map(Errno::from_raw_os_error);
        match errno {
            Some(Errno::NOENT | Errno::NODEV | Errno::OPNOTSUPP | Errno::INVAL) => Refusal::Missing,
            Some(Errno::ACCESS | Errno::PERM) => Refusal::Forbidden,
            Some(Errno::SRCH) => Refusal::Ended,
            _ => Refusal::Other,
        }
    }
}

/// Advice for a user to whom performance events are refused altogether.
pub(super) fn advice(error: &io::Error) -> String {
    match Refusal::of(error) {
        Refusal::Forbidden => {
            let paranoid = fs::read_to_string("/proc/sys/kernel/perf_event_paranoid");
            let paranoid = paranoid.unwrap_or_default();
            format!(
                "this user may not use performance events: run as root, give the binary CAP_PERFMON, or lower \
                 kernel.perf_event_paranoid, which is {}, to 2 or less",
                match paranoid.trim() {
                    "" => "unknown",
                    paranoid => paranoid,
                }
            )
        }
        _ if error.raw_os_error() == Some(Errno::NOSYS.raw_os_error()) => {
            "this kernel has no performance events (CONFIG_PERF_EVENTS)".to_owned()
        }
        _ => format!("failed to open performance events: {error}"),
    }
}

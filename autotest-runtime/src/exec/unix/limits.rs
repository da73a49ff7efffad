//! How many descriptors the supervisor may have.

#![expect(unsafe_code, reason = "the calls that std does not have")]

use std::num::NonZeroUsize;

/// What a run needs: channel and two pipes on both sides, its gate, report files and captures.
const OF_RUN: u64 = 16;

/// What the supervisor needs besides, also for the process of the next run.
const OF_SUPERVISOR: u64 = 32;

/// The limit as it was, which tests get, and as it is for the supervisor.
#[derive(Clone, Copy)]
pub(in crate::exec) struct Descriptors {
    before: libc::rlimit,
    now: libc::rlimit,
}

impl Descriptors {
    /// Raises the limit so that so many runs may be on, each with all the subtests that it may have.
    pub(in crate::exec) fn reserve(slots: NonZeroUsize, depth: usize) -> Descriptors {
        let of_slot = OF_RUN * (1 + depth as u64);
        let wanted = OF_SUPERVISOR + of_slot.saturating_mul(slots.get() as u64);
        // SAFETY: rlimit is plain old data; getrlimit fills it and setrlimit reads it.
        unsafe {
            let mut before: libc::rlimit = std::mem::zeroed();
            libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut before);
            let mut now = before;
            if now.rlim_cur < wanted {
                now.rlim_cur = wanted.min(now.rlim_max);
                libc::setrlimit(libc::RLIMIT_NOFILE, &raw const now);
            }
            Descriptors { before, now }
        }
    }

    /// How many of the runs may be on at once: one always.
    pub(in crate::exec) fn slots(self, wanted: NonZeroUsize) -> NonZeroUsize {
        let possible = self.now.rlim_cur.saturating_sub(OF_SUPERVISOR) / OF_RUN;
        let possible = usize::try_from(possible).unwrap_or(usize::MAX);
        wanted.min(NonZeroUsize::new(possible).unwrap_or(NonZeroUsize::MIN))
    }

    /// In a child: the limit as it was.
    pub(in crate::exec) fn restore_in_child(self) {
        if self.now.rlim_cur != self.before.rlim_cur {
            // SAFETY: setrlimit reads the struct.
            unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const self.before) };
        }
    }
}

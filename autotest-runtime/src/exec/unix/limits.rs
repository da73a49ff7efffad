//! How many descriptors the supervisor may have.

use std::num::NonZeroUsize;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What a run needs: channel and two pipes on both sides, its gate, report files and captures.
const OF_RUN: u64 = 16;

/// What the supervisor needs besides, also for the process of the next run.
const OF_SUPERVISOR: u64 = 32;

/// The limit as it was, which tests get, and as it is for the supervisor.
#[derive(Clone, Copy)]
pub(in crate::exec) struct Descriptors {
    before: Rlimit,
    now: Rlimit,
}

impl Descriptors {
    /// Raises the limit so that so many runs may be on, each with all the subtests that it may have.
    pub(in crate::exec) fn reserve(slots: NonZeroUsize, depth: usize) -> Descriptors {
        let of_slot = OF_RUN * (1 + depth as u64);
        let wanted = OF_SUPERVISOR + of_slot.saturating_mul(slots.get() as u64);
        let before = getrlimit(Resource::Nofile);
        let mut now = before;
        // No limit is a limit that is high enough.
        if before.current.is_some_and(|current| current < wanted) {
            now.current = Some(wanted.min(before.maximum.unwrap_or(u64::MAX)));
            // Without the right to, fewer runs are on at once.
            let _ = setrlimit(Resource::Nofile, now);
        }
        Descriptors { before, now }
    }

    /// How many of the runs may run at once: one always.
    pub(in crate::exec) fn slots(self, wanted: NonZeroUsize) -> NonZeroUsize {
        let limit = self.now.current.unwrap_or(u64::MAX);
        let possible = limit.saturating_sub(OF_SUPERVISOR) / OF_RUN;
        let possible = usize::try_from(possible).unwrap_or(usize::MAX);
        wanted.min(NonZeroUsize::new(possible).unwrap_or(NonZeroUsize::MIN))
    }

    /// In a child: the limit as it was.
    pub(in crate::exec) fn restore_in_child(self) {
        if self.now.current != self.before.current {
            let _ = setrlimit(Resource::Nofile, self.before);
        }
    }
}

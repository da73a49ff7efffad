//! The limit of open descriptors of the supervisor.

use std::num::NonZeroUsize;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors for a run: channel and two pipes on both sides, its gate, report files and captures.
const OF_RUN: u64 = 16;

/// Descriptors for the supervisor itself, including those for the process of the next run.
const OF_SUPERVISOR: u64 = 32;

/// The original limit, which tests get, and the supervisor's raised limit.
#[derive(Clone, Copy)]
pub(in crate::exec) struct Descriptors {
    before: Rlimit,
    now: Rlimit,
}

impl Descriptors {
    /// Raises the limit to allow `slots` runs at once, each with `depth` nested subtests.
    pub(in crate::exec) fn reserve(slots: NonZeroUsize, depth: usize) -> Descriptors {
        let of_slot = OF_RUN * (1 + depth as u64);
        let wanted = OF_SUPERVISOR + of_slot.saturating_mul(slots.get() as u64);
        let before = getrlimit(Resource::Nofile);
        let mut now = before;
        // `None` is no limit.
        if before.current.is_some_and(|current| current < wanted) {
            now.current = Some(wanted.min(before.maximum.unwrap_or(u64::MAX)));
            // If this fails, fewer runs are in progress at once.
            let _ = setrlimit(Resource::Nofile, now);
        }
        Descriptors { before, now }
    }

    /// How many of the wanted runs the limit allows at once; at least one.
    pub(in crate::exec) fn slots(self, wanted: NonZeroUsize) -> NonZeroUsize {
        let limit = self.now.current.unwrap_or(u64::MAX);
        let possible = limit.saturating_sub(OF_SUPERVISOR) / OF_RUN;
        let possible = usize::try_from(possible).unwrap_or(usize::MAX);
        wanted.min(NonZeroUsize::new(possible).unwrap_or(NonZeroUsize::MIN))
    }

    /// In a forked process: restores the original limit.
    pub(in crate::exec) fn restore_in_child(self) {
        if self.now.current != self.before.current {
            let _ = setrlimit(Resource::Nofile, self.before);
        }
    }
}

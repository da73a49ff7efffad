//! Whether tests are so short that sleeping until their end takes longer than they do.
//!
//! This module only measures and says until when to stay awake; it must not wait itself.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

/// A run that takes no longer is short. To fall asleep and to be woken takes two processors a tenth of
/// that.
const SHORT: Duration = Duration::from_micros(500);

/// The pace of the tests that run one after another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Whether there is a processor that no test needs.
    has_processor: bool,
    /// Whether the last run was short.
    is_brisk: bool,
}

impl Pace {
    /// With so many tests at once.
    pub(super) fn new(tests_at_once: NonZeroUsize) -> Pace {
        let processors = std::thread::available_parallelism();
        Pace {
            has_processor: processors.is_ok_and(|count| count > tests_at_once),
            is_brisk: false,
        }
    }

    /// Notes how long a run took.
    pub(super) fn ended(&mut self, took: Duration) {
        self.is_brisk = took <= SHORT;
    }

    /// Until when to look for the end of a run that began at `started` instead of sleeping. Short tests come
    /// in rows, and one that takes longer is left in peace: the next one, too.
    pub(super) fn awake_until(self, started: Instant) -> Option<Instant> {
        (self.has_processor && self.is_brisk).then(|| started + SHORT)
    }
}

//! Whether tests are so short that sleeping until their end takes longer than they do.
//!
//! This module only measures and says until when to stay awake; it must not wait itself.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

/// A run that takes no longer is short: to fall asleep and to be woken takes two processors a tenth of
/// that.
const SHORT: Duration = Duration::from_millis(1);

/// For how many runs somebody else who wants the processor has it.
const RESPITE: u32 = 30;

/// The pace of the tests that run one after another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Whether there is a processor that no test needs.
    has_processor: bool,
    /// How many runs it takes until one is awaited without sleeping.
    asleep_for: u32,
}

impl Pace {
    /// With so many tests at once.
    pub(super) fn new(tests_at_once: NonZeroUsize) -> Pace {
        let processors = std::thread::available_parallelism();
        Pace {
            has_processor: processors.is_ok_and(|count| count > tests_at_once),
            asleep_for: 1,
        }
    }

    /// Notes how long a run took. Short tests come in rows, and behind a longer one the next is left in
    /// peace.
    pub(super) fn ended(&mut self, took: Duration) {
        self.asleep_for = match took <= SHORT {
            true => self.asleep_for.saturating_sub(1),
            false => self.asleep_for.max(1),
        };
    }

    /// Somebody else wants the processor.
    pub(super) fn give_way(&mut self) {
        self.asleep_for = RESPITE;
    }

    /// Until when to look for the end of a run that began at `started` instead of sleeping.
    pub(super) fn awake_until(self, started: Instant) -> Option<Instant> {
        (self.has_processor && self.asleep_for == 0).then(|| started + SHORT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_awake(pace: Pace) -> bool {
        pace.awake_until(Instant::now()).is_some()
    }

    #[test]
    fn only_after_a_short_run_is_the_next_awaited_without_sleeping() {
        let mut pace = Pace {
            has_processor: true,
            asleep_for: 1,
        };
        let is_awake_after = |pace: &mut Pace, took| {
            pace.ended(took);
            is_awake(*pace)
        };
        assert!(!is_awake(pace));
        assert!(is_awake_after(&mut pace, SHORT));
        assert!(!is_awake_after(&mut pace, SHORT * 2));
        assert!(is_awake_after(&mut pace, SHORT));
        pace.give_way();
        assert!((1..RESPITE).all(|_| !is_awake_after(&mut pace, SHORT)));
        assert!(is_awake_after(&mut pace, SHORT));
    }

    #[test]
    fn tests_have_all_processors_that_they_need() {
        let mut pace = Pace::new(NonZeroUsize::MAX);
        pace.ended(SHORT);
        assert!(!is_awake(pace));
    }
}

//! Whether tests are so short that what is around them takes longer than they do.
//!
//! This module only measures, and says what is worth it; it must not wait itself, nor start anything.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

/// A run that takes no longer is short: to fall asleep and to be woken takes two processors a tenth of
/// that.
const SHORT: Duration = Duration::from_millis(1);

/// To make a process takes a hundredth of that.
const QUICK: Duration = Duration::from_millis(10);

/// For how many runs somebody else who wants the processor has it.
const RESPITE: u32 = 30;

/// The pace of the tests that run one after another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Whether there is a processor that no test needs.
    has_processor: bool,
    /// Whether each test has a processor: it may be idle while the supervisor makes the next process.
    has_one_each: bool,
    /// Whether the last run took so little that the next one's process is worth to be made ahead.
    is_quick: bool,
    /// How many runs it takes until one is awaited without sleeping.
    asleep_for: u32,
}

impl Pace {
    /// With so many tests at once.
    pub(super) fn new(tests_at_once: NonZeroUsize) -> Pace {
        let processors = std::thread::available_parallelism();
        let processors = processors.unwrap_or(NonZeroUsize::MIN);
        Pace {
            has_processor: processors > tests_at_once,
            has_one_each: processors >= tests_at_once && processors > NonZeroUsize::MIN,
            is_quick: false,
            asleep_for: 1,
        }
    }

    /// Notes how long a run took. Short tests come in rows, and behind a longer one the next is left in
    /// peace.
    pub(super) fn ended(&mut self, took: Duration) {
        self.is_quick = took <= QUICK;
        self.asleep_for = match took <= SHORT {
            true => self.asleep_for.saturating_sub(1),
            false => self.asleep_for.max(1),
        };
    }

    /// Somebody else wants the processor.
    pub(super) fn give_way(&mut self) {
        self.asleep_for = RESPITE;
    }

    /// There could be no process now.
    pub(super) fn take_time(&mut self) {
        self.is_quick = false;
    }

    /// Whether the process of the next run is to be made while this one is on.
    pub(super) fn makes_ahead(self) -> bool {
        self.has_one_each && self.is_quick
    }

    /// Until when to look for the end of a run that began at `started` instead of sleeping.
    pub(super) fn awake_until(self, started: Instant) -> Option<Instant> {
        (self.has_processor && self.asleep_for == 0).then(|| started + SHORT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace {
        has_processor: true,
        has_one_each: true,
        is_quick: false,
        asleep_for: 1,
    };

    fn is_awake(pace: Pace) -> bool {
        pace.awake_until(Instant::now()).is_some()
    }

    #[test]
    fn only_after_a_short_run_is_the_next_awaited_without_sleeping() {
        let mut pace = PACE;
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
    fn after_a_quick_run_the_next_process_is_made_ahead() {
        let mut pace = PACE;
        assert!(!pace.makes_ahead());
        pace.ended(QUICK);
        assert!(pace.makes_ahead());
        pace.ended(QUICK * 2);
        assert!(!pace.makes_ahead());
        pace.ended(QUICK);
        pace.take_time();
        assert!(!pace.makes_ahead());
    }

    #[test]
    fn tests_have_all_processors_that_they_need() {
        let mut pace = Pace::new(NonZeroUsize::MAX);
        pace.ended(SHORT);
        assert!(!is_awake(pace) && !pace.makes_ahead());
    }
}

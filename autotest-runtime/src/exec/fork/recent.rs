//! Whether recent runs were so short that preforking and busy-waiting save time.
//!
//! This module only measures and advises; it neither waits nor starts anything.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

/// The longest run for which busy-waiting pays: sleeping and waking up cost a tenth of it.
const SHORT: Duration = Duration::from_millis(1);

/// The longest run after which the next process is preforked: a fork costs a hundredth of it.
const QUICK: Duration = Duration::from_millis(10);

/// For how many runs the supervisor sleeps after another process wanted its processor.
const RESPITE: u32 = 30;

/// How long the most recent runs took.
#[derive(Clone, Copy, Debug)]
pub(super) struct RecentRuns {
    /// Whether there is a processor that no test needs.
    has_idle_processor: bool,
    /// Whether each test has a processor, which may be idle while the supervisor forks the next process.
    has_processor_each: bool,
    /// Whether the last run was so short that the next process is worth preforking.
    is_quick: bool,
    /// For how many more short runs the supervisor sleeps instead of busy-waiting.
    sleeps_for: u32,
}

impl RecentRuns {
    /// For a job that runs this many tests at once.
    pub(super) fn new(tests_at_once: NonZeroUsize) -> RecentRuns {
        let processors = std::thread::available_parallelism();
        let processors = processors.unwrap_or(NonZeroUsize::MIN);
        RecentRuns {
            has_idle_processor: processors > tests_at_once,
            has_processor_each: processors >= tests_at_once && processors > NonZeroUsize::MIN,
            is_quick: false,
            sleeps_for: 1,
        }
    }

    /// Records how long a run took. Short tests come in series; after a longer one the supervisor sleeps.
    pub(super) fn ended(&mut self, took: Duration) {
        self.is_quick = took <= QUICK;
        self.sleeps_for = match took <= SHORT {
            true => self.sleeps_for.saturating_sub(1),
            false => self.sleeps_for.max(1),
        };
    }

    /// Another process wants the processor: stops busy-waiting for a while.
    pub(super) fn processor_is_wanted(&mut self) {
        self.sleeps_for = RESPITE;
    }

    /// A fork failed: stops preforking until the next short run.
    pub(super) fn fork_failed(&mut self) {
        self.is_quick = false;
    }

    /// Whether to prefork the process of the next run.
    pub(super) fn pays_to_prefork(self) -> bool {
        self.has_processor_each && self.is_quick
    }

    /// Until when to busy-wait for the end of a run that began at `started`; `None` to sleep.
    pub(super) fn busy_wait_until(self, started: Instant) -> Option<Instant> {
        (self.has_idle_processor && self.sleeps_for == 0).then(|| started + SHORT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECENT: RecentRuns = RecentRuns {
        has_idle_processor: true,
        has_processor_each: true,
        is_quick: false,
        sleeps_for: 1,
    };

    fn is_awake(recent: RecentRuns) -> bool {
        recent.busy_wait_until(Instant::now()).is_some()
    }

    #[test]
    fn only_after_a_short_run_is_the_next_awaited_without_sleeping() {
        let mut recent = RECENT;
        let is_awake_after = |recent: &mut RecentRuns, took| {
            recent.ended(took);
            is_awake(*recent)
        };
        assert!(!is_awake(recent));
        assert!(is_awake_after(&mut recent, SHORT));
        assert!(!is_awake_after(&mut recent, SHORT * 2));
        assert!(is_awake_after(&mut recent, SHORT));
        recent.processor_is_wanted();
        assert!((1..RESPITE).all(|_| !is_awake_after(&mut recent, SHORT)));
        assert!(is_awake_after(&mut recent, SHORT));
    }

    #[test]
    fn after_a_quick_run_the_next_process_is_made_ahead() {
        let mut recent = RECENT;
        assert!(!recent.pays_to_prefork());
        recent.ended(QUICK);
        assert!(recent.pays_to_prefork());
        recent.ended(QUICK * 2);
        assert!(!recent.pays_to_prefork());
        recent.ended(QUICK);
        recent.fork_failed();
        assert!(!recent.pays_to_prefork());
    }

    #[test]
    fn tests_have_all_processors_that_they_need() {
        let mut recent = RecentRuns::new(NonZeroUsize::MAX);
        recent.ended(SHORT);
        assert!(!is_awake(recent) && !recent.pays_to_prefork());
    }
}

//! Detects whether the clock was set.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Smaller changes are those of a time daemon.
const TOLERANCE: Duration = Duration::from_millis(500);

/// The time of the boot according to the current clock; it moves when the clock is set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    boot_ms: i64,
}

impl Clock {
    pub(super) fn read() -> Clock {
        let milliseconds = |clock| {
            let time = clock_gettime(clock);
            time.tv_sec * 1000 + time.tv_nsec / 1_000_000
        };
        Clock {
            boot_ms: milliseconds(ClockId::Realtime) - milliseconds(ClockId::Boottime),
        }
    }

    /// The change as text, if the clock was set.
    pub(super) fn change_since(&self, before: &Clock) -> Option<String> {
        let change = self.boot_ms - before.boot_ms;
        let is_set = Duration::from_millis(change.unsigned_abs()) > TOLERANCE;
        let direction = if change > 0 { "forward" } else { "back" };
        let seconds = change.unsigned_abs() as f64 / 1000.0;
        is_set.then(|| format!("the clock was set {direction} by {seconds:.1} s"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_is_noticed() {
        let at = |boot_ms| Clock { boot_ms };
        assert_eq!(at(10_400).change_since(&at(10_000)), None);
        let text = |change: i64| at(10_000 + change).change_since(&at(10_000)).unwrap();
        assert_eq!(text(90_000), "the clock was set forward by 90.0 s");
        assert_eq!(text(-1_500), "the clock was set back by 1.5 s");
    }
}

//! Reports the progress of the loop of iterations, throttled by time, without reading the clock in each
//! iteration.

use std::time::Duration;

use crate::context::TestContext;
use crate::event::Event;

/// The shortest time between two progress events.
const SEND_INTERVAL: Duration = Duration::from_millis(500);

/// The time between two readings of the clock that the stride aims for.
const READ_INTERVAL: Duration = Duration::from_millis(5);

/// The longest stride, so that a loop that suddenly gets slow is not silent for long.
const MAX_STRIDE: u64 = 1 << 12;

/// Decides after which iterations to read the clock and to report progress.
///
/// The stride doubles until readings are [`READ_INTERVAL`] apart, so that a loop of short iterations rarely
/// reads the clock. A loop of long iterations reads it each time.
pub(super) struct Progress {
    total: Option<u64>,
    start: Duration,
    last_read: Duration,
    last_sent: Duration,
    stride: u64,
    countdown: u64,
}

impl Progress {
    pub(super) fn new(cx: &mut TestContext, total: Option<u64>) -> Progress {
        let now = cx.clock.peek();
        Progress {
            total,
            start: now,
            last_read: now,
            last_sent: now,
            stride: 1,
            countdown: 1,
        }
    }

    /// Counts an iteration. Returns whether it is time for [`send_if_due`](Self::send_if_due).
    #[inline]
    pub(super) fn count(&mut self) -> bool {
        self.countdown -= 1;
        self.countdown == 0
    }

    pub(super) fn send_if_due(&mut self, cx: &mut TestContext) {
        if self.countdown == 0 {
            self.read(cx);
        }
    }

    #[cold]
    fn read(&mut self, cx: &mut TestContext) {
        let now = cx.clock.peek();
        self.stride = match now.saturating_sub(self.last_read) {
            apart if apart < READ_INTERVAL => (self.stride * 2).min(MAX_STRIDE),
            apart if apart > SEND_INTERVAL => 1,
            _ => self.stride,
        };
        self.countdown = self.stride;
        self.last_read = now;
        if now.saturating_sub(self.last_sent) >= SEND_INTERVAL {
            self.last_sent = now;
            let elapsed_s = now.saturating_sub(self.start).as_secs_f64();
            let (iteration, total) = (cx.iteration, self.total);
            cx.send(Event::Progress {
                iteration,
                total,
                elapsed_s,
            });
        }
    }
}

//! A thread that calls a function periodically until it is told to stop.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use autotest_report::LocalTime;

/// Handle of the thread.
#[derive(Debug)]
pub(super) struct Sampler {
    stop: Sender<()>,
    thread: JoinHandle<io::Result<()>>,
}

/// The thread's side of the request to stop.
#[derive(Debug)]
pub(super) struct Stop(Receiver<()>);

impl Sampler {
    /// Calls `sample` at once and then every `interval`; after a call that took longer, at the next multiple. If
    /// `sample` is told to stop while it runs, it returns `Interrupted`.
    ///
    /// # Errors
    /// If the thread cannot be started.
    pub(super) fn start(
        interval: Duration,
        mut sample: impl FnMut(&Stop) -> io::Result<()> + Send + 'static,
    ) -> io::Result<Sampler> {
        let (stop, stopped) = channel();
        let stopped = Stop(stopped);
        let interval = interval.max(Duration::from_millis(1));
        let thread = thread::Builder::new().spawn(move || {
            let mut next = Instant::now();
            loop {
                match sample(&stopped) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
                    sampled => sampled?,
                }
                while next <= Instant::now() {
                    next += interval;
                }
                if stopped.is_told_within(next.saturating_duration_since(Instant::now())) {
                    return Ok(());
                }
            }
        })?;
        Ok(Sampler { stop, thread })
    }

    /// Stops the thread and joins it.
    ///
    /// # Errors
    /// The error that ended the thread, or that it panicked.
    pub(super) fn stop(self) -> io::Result<()> {
        let _ = self.stop.send(());
        let panicked = |_| io::Error::other("the thread that samples panicked");
        self.thread.join().map_err(panicked)?
    }
}

impl Stop {
    /// Waits for up to `time`; returns `true` as soon as the thread is told to stop.
    pub(super) fn is_told_within(&self, time: Duration) -> bool {
        match self.0.recv_timeout(time) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => true,
            Err(RecvTimeoutError::Timeout) => false,
        }
    }
}

/// The current local time in the format of the original's profilers: `Sun Nov 29 17:02:29 2026`.
pub(super) fn asctime() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = since.map_or(0, |since| since.as_secs());
    let now = LocalTime::at(i64::try_from(seconds).unwrap_or(0));
    let (weekday, time) = (weekday(now.year, now.month, now.day), now.in_status_log());
    format!("{weekday} {time} {}", now.year)
}

/// The day of the week, by Sakamoto's method.
fn weekday(year: i32, month: i32, day: i32) -> &'static str {
    const NAMES: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [i32; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
    let year = if month < 3 { year - 1 } else { year };
    let month = usize::try_from(month - 1)
        .ok()
        .and_then(|month| MONTHS.get(month));
    let days = year + year / 4 - year / 100 + year / 400 + month.unwrap_or(&0) + day;
    NAMES[usize::try_from(days.rem_euclid(7)).unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_week_are_right() {
        assert_eq!(weekday(2026, 11, 29), "Sun");
        assert_eq!(weekday(2000, 2, 29), "Tue");
        assert_eq!(weekday(1970, 1, 1), "Thu");
    }

    #[test]
    fn the_error_of_a_sample_is_that_of_the_stop() {
        let mut left = 2;
        let sampler = Sampler::start(Duration::ZERO, move |_| {
            left -= 1;
            match left {
                0 => Err(io::Error::other("full")),
                _ => Ok(()),
            }
        });
        let sampler = sampler.unwrap();
        while !sampler.thread.is_finished() {
            thread::yield_now();
        }
        assert_eq!(sampler.stop().unwrap_err().to_string(), "full");
    }
}

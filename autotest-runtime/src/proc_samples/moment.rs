//! The time of a sample, and the columns with which it begins every row.

use std::fmt::{self, Write};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The names of the first columns of every file.
pub(super) const COLUMNS: &str = "time_s,utc,missed";

/// The time of the current sample.
#[derive(Debug)]
pub(super) struct Moment {
    elapsed: Duration,
    /// Time since the last sample; zero for the first one, which later ones are only compared with.
    interval: Duration,
    /// The interval that was asked for.
    planned: Duration,
    columns: String,
}

impl Moment {
    /// The moment of the first sample. `planned` is the time between two samples.
    pub(super) fn first(at: SystemTime, planned: Duration) -> Moment {
        let mut moment = Moment {
            elapsed: Duration::ZERO,
            interval: Duration::ZERO,
            planned,
            columns: String::new(),
        };
        moment.advance(Duration::ZERO, at, 0);
        moment
    }

    /// Advances to the next sample. `missed` is the number of samples before it that could not be taken in time.
    pub(super) fn advance(&mut self, elapsed: Duration, at: SystemTime, missed: u64) {
        self.interval = elapsed.saturating_sub(self.elapsed);
        self.elapsed = elapsed;
        self.columns.clear();
        // Writing to a `String` cannot fail.
        let _ = write!(
            self.columns,
            "{}.{:03},{},{missed}",
            elapsed.as_secs(),
            elapsed.subsec_millis(),
            Utc(at)
        );
    }

    /// The first columns of a row.
    pub(super) fn columns(&self) -> &str {
        &self.columns
    }

    /// The time since the first sample.
    pub(super) fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The time since the first sample in seconds, for a plot.
    pub(super) fn at(&self) -> f32 {
        self.elapsed.as_secs_f32()
    }

    /// `true` if there is an earlier sample to compare this one with.
    pub(super) fn has_interval(&self) -> bool {
        !self.interval.is_zero()
    }

    /// `true` if a plot shows this sample. The last one may come shortly after another: its rates are right, but
    /// limited by the resolution of the kernel's counters, so that they would show as peaks.
    pub(super) fn is_plotted(&self) -> bool {
        self.has_interval() && (2 * self.interval >= self.planned || self.interval == self.elapsed)
    }

    /// The growth of a counter since the last sample, per second.
    pub(super) fn rate(&self, before: u64, now: u64) -> f64 {
        now.saturating_sub(before) as f64 / self.interval.as_secs_f64()
    }
}

/// Formats a time as `2026-01-31T23:59:59.999Z`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Utc(pub(super) SystemTime);

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = self.0.duration_since(UNIX_EPOCH).unwrap_or_default();
        let (days, second) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
        let (year, month, day) = date(days);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let millis = since.subsec_millis();
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z"
        )
    }
}

/// The year, month and day of the date `days` days after 1970-01-01. Years start in March here, so that a leap day ends
/// one; eras have 400 years, and thus all have the same number of days.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let leap_days = day_of_era / 1460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = 400 * era + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(seconds: u64, expected: &str) {
        let at = UNIX_EPOCH + Duration::from_millis(1000 * seconds + 7);
        assert_eq!(Utc(at).to_string(), expected);
    }

    #[test]
    fn times_are_dates() {
        check(0, "1970-01-01T00:00:00.007Z");
        check(951_782_399, "2000-02-28T23:59:59.007Z");
        check(951_782_400, "2000-02-29T00:00:00.007Z");
        check(1_709_251_200, "2024-03-01T00:00:00.007Z");
        check(4_107_542_399, "2100-02-28T23:59:59.007Z");
        check(4_107_542_400, "2100-03-01T00:00:00.007Z");
        check(1_767_225_599, "2025-12-31T23:59:59.007Z");
    }

    #[test]
    fn a_row_begins_with_both_times_and_what_was_missed() {
        let mut moment = Moment::first(UNIX_EPOCH, Duration::from_secs(1));
        assert!(!moment.has_interval());
        let at = UNIX_EPOCH + Duration::from_millis(86_401_500);
        moment.advance(Duration::from_millis(1500), at, 2);
        assert_eq!(moment.columns(), "1.500,1970-01-02T00:00:01.500Z,2");
        assert!(moment.has_interval());
        assert_eq!(moment.rate(10, 40), 20.0);
        assert_eq!(moment.rate(40, 10), 0.0);
        assert!(moment.is_plotted());
        moment.advance(Duration::from_millis(1600), at, 0);
        assert!(moment.has_interval() && !moment.is_plotted());
    }
}

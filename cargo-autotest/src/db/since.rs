//! `--since`: the time from which jobs count.

use super::{Database, DbError};

pub(super) const DAY_S: f64 = 86_400.0;

/// A value that is neither a number of days nor a date.
#[derive(Debug, thiserror::Error)]
#[error(
    "`--since {0}` is neither a number of days nor a date; write `--since 7` or `--since 2026-11-30`"
)]
pub(crate) struct SinceError(String);

/// Parses `--since` into a time in seconds since 1970. Days are counted back from the newest job, so that an old
/// database has answers, too.
pub(super) fn time(database: &mut Database, text: &str) -> Result<f64, DbError> {
    let error = || SinceError(autotest_core::excerpt(text).into_owned());
    if let Some(day) = days_since_1970(text) {
        return Ok(day as f64 * DAY_S);
    }
    let days: f64 = text.parse().map_err(|_| error())?;
    if !(days.is_finite() && days >= 0.0) {
        return Err(error().into());
    }
    let newest = database.rows("SELECT MAX(started_t) FROM jobs", &[])?;
    let newest = newest.first().and_then(|row| row[0].as_real());
    Ok(newest.unwrap_or(0.0) - days * DAY_S)
}

/// The number of days from 1970-01-01 to a date such as 2026-11-30. `None` if it is not a date.
pub(super) fn days_since_1970(date: &str) -> Option<i64> {
    let parts: Vec<&str> = date.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return None;
    };
    let (year, month, day): (i64, i64, i64) =
        (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let february = if is_leap { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let length = usize::try_from(month - 1)
        .ok()
        .and_then(|month| months.get(month))?;
    if !(1970..=9999).contains(&year) || !(1..=*length).contains(&day) {
        return None;
    }
    let before: i64 = months.iter().take(usize::try_from(month - 1).ok()?).sum();
    let leap_days = |year: i64| (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400;
    Some((year - 1970) * 365 + leap_days(year) - leap_days(1970) + before + day - 1)
}

#[cfg(test)]
mod tests {
    use super::days_since_1970;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (date, day) in [
            ("1970-01-01", Some(0)),
            ("1970-12-31", Some(364)),
            ("1972-03-01", Some(790)),
            ("2000-02-29", Some(11_016)),
            ("2026-11-30", Some(20_787)),
            ("2026-02-29", None),
            ("2026-13-01", None),
            ("2026-00-01", None),
            ("2026-11-00", None),
            ("1969-12-31", None),
            ("2026-11", None),
            ("7", None),
        ] {
            assert_eq!(days_since_1970(date), day, "{date}");
        }
    }
}

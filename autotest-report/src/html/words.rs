//! Human-readable numbers, times and texts.

use crate::localtime::LocalTime;
use crate::sanitize;

/// A text of a test, safe to print. It may have several lines.
pub(super) fn lines(text: &str) -> String {
    sanitize::printable(text.trim_end())
}

/// The same on one line.
pub(super) fn line(text: &str) -> String {
    sanitize::single_line(text)
}

/// A number with about five significant digits.
pub(super) fn number(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e12).contains(&size) {
        return format!("{value:.4e}");
    }
    let whole_digits = if size < 1.0 {
        0.0
    } else {
        size.log10().floor() + 1.0
    };
    // The cast is in range, since the value is clamped.
    let decimals = (5.0 - whole_digits).clamp(0.0, 6.0) as usize;
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// A time span.
pub(super) fn seconds(elapsed_s: f64) -> String {
    match elapsed_s {
        s if !s.is_finite() || s < 0.0 => "unknown".to_owned(),
        s if s < 0.001 => format!("{:.0}\u{a0}µs", s * 1e6),
        s if s < 0.1 => format!("{:.1}\u{a0}ms", s * 1e3),
        s if s < 0.9995 => format!("{:.0}\u{a0}ms", s * 1e3),
        s if s < 59.95 => format!("{s:.1}\u{a0}s"),
        s => long(s.round()),
    }
}

fn long(elapsed_s: f64) -> String {
    let (minutes, second) = ((elapsed_s / 60.0).floor(), elapsed_s % 60.0);
    let (hours, minute) = ((minutes / 60.0).floor(), minutes % 60.0);
    match hours {
        0.0 => format!("{minute:.0}\u{a0}min {second:02.0}\u{a0}s"),
        hours => format!("{hours:.0}\u{a0}h {minute:02.0}\u{a0}min"),
    }
}

/// A number of bytes.
pub(super) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes}\u{a0}bytes");
    }
    let mut size = bytes as f64 / 1024.0;
    let mut units = UNITS.iter();
    let mut unit = units.next();
    while size >= 1024.0
        && let Some(next) = units.next()
    {
        (size, unit) = (size / 1024.0, Some(next));
    }
    format!("{size:.1}\u{a0}{}", unit.copied().unwrap_or_default())
}

/// A count with its noun: `1 test`, `2 tests`.
pub(super) fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        number => format!("{number} {noun}s"),
    }
}

/// A time in UTC; `t` is in seconds since 1970.
pub(super) fn moment(t: f64) -> String {
    let LocalTime {
        year,
        month,
        day,
        hour,
        minute,
        second,
    } = LocalTime::utc(t.floor() as i64);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_people_compare() {
        let numbers = [
            0.0,
            1.0,
            0.125,
            0.123_456_7,
            9.876_543,
            310.118_087,
            134_225_920.0,
            -2.5,
            1e-5,
            1e12,
            99_999_999_999.0,
            0.000_1,
        ];
        let shown = [
            "0",
            "1",
            "0.125",
            "0.12346",
            "9.8765",
            "310.12",
            "134225920",
            "-2.5",
            "1.0000e-5",
            "1.0000e12",
            "99999999999",
            "0.0001",
        ];
        assert_eq!(numbers.map(number), shown);
    }

    #[test]
    fn times_have_the_unit_that_fits() {
        let times = [
            0.0,
            0.000_25,
            0.001,
            0.099,
            0.25,
            0.9994,
            0.9996,
            59.9,
            59.96,
            61.0,
            3599.6,
            7260.0,
            -1.0,
            f64::NAN,
            f64::INFINITY,
        ];
        let shown = [
            "0 µs",
            "250 µs",
            "1.0 ms",
            "99.0 ms",
            "250 ms",
            "999 ms",
            "1.0 s",
            "59.9 s",
            "1 min 00 s",
            "1 min 01 s",
            "1 h 00 min",
            "2 h 01 min",
            "unknown",
            "unknown",
            "unknown",
        ];
        assert_eq!(
            times.map(|time| seconds(time).replace('\u{a0}', " ")),
            shown
        );
    }

    #[test]
    fn sizes_have_the_unit_that_fits() {
        let sizes = [0, 1023, 1024, 1536, 1 << 20, 5 << 30, 1 << 50];
        let shown = [
            "0 bytes",
            "1023 bytes",
            "1.0 KiB",
            "1.5 KiB",
            "1.0 MiB",
            "5.0 GiB",
            "1024.0 TiB",
        ];
        assert_eq!(sizes.map(|size| bytes(size).replace('\u{a0}', " ")), shown);
    }

    #[test]
    fn texts_of_tests_cannot_act() {
        assert_eq!(lines("a\r\u{202e}b\nc\n"), "a??b\nc");
        assert_eq!(line("a\nb"), "a b");
        assert_eq!([count(1, "test"), count(2, "test")], ["1 test", "2 tests"]);
        assert_eq!(moment(1_700_000_000.9), "2023-11-14 22:13:20 UTC");
    }
}

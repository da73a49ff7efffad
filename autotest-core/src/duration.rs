//! Parsing of lengths of time.
//!
//! This module must not depend on a feature, since the macros use it.

use std::time::Duration;

/// Parses a length of time: a number of seconds, or a number with one of the units `ms`, `s`, `m`, `h`, `d`.
///
/// # Errors
/// If the text is neither.
///
/// ```
/// use autotest_core::duration;
/// use std::time::Duration;
/// assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
/// assert_eq!(duration("1.5"), Ok(Duration::from_millis(1500)));
/// assert!(duration("soon").is_err());
/// ```
pub fn duration(text: &str) -> Result<Duration, String> {
    const UNITS: &[(&str, f64)] = &[
        ("ms", 0.001),
        ("s", 1.0),
        ("m", 60.0),
        ("h", 3600.0),
        ("d", 86400.0),
    ];
    let text = text.trim();
    let (number, seconds) = UNITS
        .iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, *seconds)))
        .unwrap_or((text, 1.0));
    let number = number.trim().parse::<f64>().ok();
    number
        .and_then(|number| Duration::try_from_secs_f64(number * seconds).ok())
        .ok_or_else(|| "expected a length of time such as `90`, `1.5s`, `2m` or `1h`".to_owned())
}

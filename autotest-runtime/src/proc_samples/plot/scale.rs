//! Axes with steps of 1, 2 and 5, and units for readers.

use std::time::Duration;

/// The unit of a panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::proc_samples) enum Unit {
    Percent,
    Bytes,
    BytesPerSecond,
}

const PREFIXES: [&str; 6] = ["", "Ki", "Mi", "Gi", "Ti", "Pi"];

impl Unit {
    /// Formats a value with its unit, such as `1.5 MiB/s`.
    pub(in crate::proc_samples) fn shown(self, value: f64) -> String {
        self.shown_as(value, value)
    }

    /// Formats a value with the prefix that suits `largest`.
    fn shown_as(self, value: f64, largest: f64) -> String {
        let suffix = match self {
            Unit::Percent => return format!("{} %", short(value)),
            Unit::Bytes => "B",
            Unit::BytesPerSecond => "B/s",
        };
        let power = power_of_1024(largest);
        let number = short(value / unit_of(power));
        format!("{number} {}{suffix}", PREFIXES[power])
    }

    /// The shortest axis: a shorter one would make noise look like a peak.
    fn least(self) -> f64 {
        match self {
            Unit::Percent => 10.0,
            Unit::Bytes => 1024.0 * 1024.0,
            Unit::BytesPerSecond => 10.0 * 1024.0,
        }
    }
}

/// The vertical axis of a panel, which starts at 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Axis {
    unit: Unit,
    step: f64,
    pub(super) end: f64,
}

impl Axis {
    /// An axis for values up to `largest`, with two to five steps.
    pub(super) fn new(unit: Unit, largest: f64) -> Axis {
        let largest = largest.max(unit.least());
        let least_step = largest / 4.0;
        let base = match unit {
            Unit::Percent => 1.0,
            Unit::Bytes | Unit::BytesPerSecond => 1024_f64.powi(power_of_1024(least_step) as i32),
        };
        let step = base * step_of_at_least(least_step / base);
        let end = step * (largest / step).ceil();
        Axis { unit, step, end }
    }

    /// The ticks: values with their labels.
    pub(super) fn ticks(&self) -> impl Iterator<Item = (f64, String)> {
        let count = (self.end / self.step).round() as u32;
        (0..=count).map(|i| {
            let value = f64::from(i) * self.step;
            let label = match i {
                0 => "0".to_owned(),
                _ => self.unit.shown_as(value, self.end),
            };
            (value, label)
        })
    }
}

/// The time axis, in seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeAxis {
    step: f64,
    end: f64,
}

impl TimeAxis {
    pub(super) fn new(seconds: f64) -> TimeAxis {
        let least_step = seconds / 12.0;
        let clock = [60, 120, 300, 600, 1200, 1800, 3600, 7200, 21_600, 43_200];
        let step = match least_step {
            least if least <= 30.0 => step_of_at_least(least).min(30.0),
            least => {
                let mut steps = clock.into_iter().map(f64::from);
                let day = 86_400.0;
                let days = day * step_of_at_least(least / day);
                steps.find(|step| *step >= least).unwrap_or(days)
            }
        };
        TimeAxis { step, end: seconds }
    }

    pub(super) fn ticks(&self) -> impl Iterator<Item = f64> {
        let count = (self.end / self.step + 1e-9).floor() as u32;
        (0..=count).map(|i| f64::from(i) * self.step)
    }

    /// The label of a tick, in the unit of the step.
    pub(super) fn label(&self, seconds: f64) -> String {
        match self.step {
            step if step < 60.0 => format!("{} s", short(seconds)),
            step if step < 3600.0 => format!("{} min", short(seconds / 60.0)),
            step if step < 86_400.0 => format!("{} h", short(seconds / 3600.0)),
            _ => format!("{} d", short(seconds / 86_400.0)),
        }
    }
}

/// Formats a duration, such as `1.5 s`.
pub(super) fn shown_duration(duration: Duration) -> String {
    match duration.as_secs_f64() {
        seconds if seconds < 1.0 => format!("{} ms", short(1000.0 * seconds)),
        seconds if seconds < 120.0 => format!("{} s", short(seconds)),
        seconds => format!("{} min", short(seconds / 60.0)),
    }
}

fn power_of_1024(value: f64) -> usize {
    let mut power = 0;
    let mut rest = value;
    while rest >= 1024.0 && power < PREFIXES.len() - 1 {
        rest /= 1024.0;
        power += 1;
    }
    power
}

fn unit_of(power: usize) -> f64 {
    (1_u64 << (10 * power)) as f64
}

/// The smallest of …, 0.5, 1, 2, 5, 10, … that is at least `least`. Computing it with logarithms would add 9 KB of
/// code.
fn step_of_at_least(least: f64) -> f64 {
    let mut decade = 1e-4;
    while 10.0 * decade < least * (1.0 - 1e-9) {
        decade *= 10.0;
    }
    let mut steps = [1.0, 2.0, 5.0].into_iter().map(|step| step * decade);
    let step = steps.find(|step| *step >= least * (1.0 - 1e-9));
    step.unwrap_or(10.0 * decade)
}

/// Formats a number with three digits, or with all its integer digits if those are more, without trailing zeros.
fn short(number: f64) -> String {
    let digits = match number.abs() {
        0.0 => 0,
        large if large >= 99.95 => 0,
        middle if middle >= 9.995 => 1,
        small if small >= 0.01 => 2,
        _ => 4,
    };
    let text = format!("{number:.digits$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(unit: Unit, largest: f64, expected: &[&str]) {
        let axis = Axis::new(unit, largest);
        let labels: Vec<_> = axis.ticks().map(|(_, label)| label).collect();
        assert_eq!(labels, expected);
        assert!(axis.end >= largest);
    }

    #[test]
    fn steps_are_one_two_or_five() {
        check(Unit::Percent, 100.0, &["0", "50 %", "100 %"]);
        check(Unit::Percent, 3.0, &["0", "5 %", "10 %"]);
        check(
            Unit::Percent,
            199.0,
            &["0", "50 %", "100 %", "150 %", "200 %"],
        );
        check(
            Unit::Percent,
            790.0,
            &["0", "200 %", "400 %", "600 %", "800 %"],
        );
    }

    #[test]
    fn bytes_have_binary_units() {
        let mib = 1024.0 * 1024.0;
        check(
            Unit::Bytes,
            1.2 * mib,
            &["0", "0.49 MiB", "0.98 MiB", "1.46 MiB"],
        );
        check(
            Unit::Bytes,
            700.0 * mib,
            &["0", "200 MiB", "400 MiB", "600 MiB", "800 MiB"],
        );
        check(
            Unit::BytesPerSecond,
            5.0 * 1024.0 * mib,
            &["0", "2 GiB/s", "4 GiB/s", "6 GiB/s"],
        );
        assert_eq!(Unit::Bytes.shown(1536.0), "1.5 KiB");
        assert_eq!(Unit::Bytes.shown(0.0), "0 B");
    }

    #[track_caller]
    fn check_time(seconds: f64, second: &str, last: &str) {
        let axis = TimeAxis::new(seconds);
        let labels: Vec<_> = axis.ticks().map(|tick| axis.label(tick)).collect();
        assert!(labels.len() <= 14, "{labels:?}");
        assert_eq!(
            (labels[1].as_str(), labels.last().unwrap().as_str()),
            (second, last)
        );
    }

    #[test]
    fn time_is_in_the_unit_of_its_steps() {
        check_time(0.3, "0.05 s", "0.3 s");
        check_time(12.0, "1 s", "12 s");
        check_time(100.0, "10 s", "100 s");
        check_time(300.0, "30 s", "300 s");
        check_time(1000.0, "2 min", "16 min");
        check_time(40_000.0, "1 h", "11 h");
        check_time(864_000.0, "1 d", "10 d");
    }

    #[test]
    fn durations_are_short() {
        assert_eq!(shown_duration(Duration::from_millis(100)), "100 ms");
        assert_eq!(shown_duration(Duration::from_millis(12_345)), "12.3 s");
        assert_eq!(shown_duration(Duration::from_secs(600)), "10 min");
    }
}

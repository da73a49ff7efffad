//! Formats verdicts on metrics for people.

use autotest_report::html::MetricVerdict;

use crate::stats::{Change, Lack, Verdict};

/// The word for a verdict.
pub(crate) const fn word(verdict: Verdict) -> &'static str {
    on_page(verdict).word()
}

/// The reason why there is not enough data, with advice; `None` for other verdicts.
pub(crate) const fn advice(verdict: Verdict) -> Option<&'static str> {
    let Verdict::NotEnoughData(lack) = verdict else {
        return None;
    };
    Some(match lack {
        Lack::TooFew => {
            "too few values for any change to show; run 10 jobs of each in turn, or compare fewer tests"
        }
        Lack::NotFinite => "a value is infinite or not a number; correct the test",
        Lack::TooNoisy => {
            "a change that matters is possible, but not certain; run more jobs in turn, on a quieter machine, or measure for longer"
        }
        Lack::FewJobs => {
            "they differ, but one job may be unlike all others; run one or two more of each, best in turn"
        }
        Lack::Jobs => {
            "they differ, but so may jobs of one build; run 10 jobs of each in turn, or import more earlier jobs"
        }
    })
}

/// The verdict for HTML pages.
pub(crate) const fn on_page(verdict: Verdict) -> MetricVerdict {
    match verdict {
        Verdict::Regress => MetricVerdict::Regress,
        Verdict::Improve => MetricVerdict::Improve,
        Verdict::Differ => MetricVerdict::Differ,
        Verdict::Same => MetricVerdict::Same,
        Verdict::NotEnoughData(_) => MetricVerdict::NotEnoughData,
    }
}

/// The verdict with the advice.
pub(crate) fn in_full(verdict: Verdict) -> String {
    match advice(verdict) {
        None => word(verdict).to_owned(),
        Some(advice) => format!("{}: {advice}", word(verdict)),
    }
}

/// A relative change in percent.
pub(crate) fn percent(change: f64) -> String {
    format!("{:+.1} %", 100.0 * change)
}

/// The interval of a change in percent.
pub(crate) fn interval(change: &Change) -> String {
    format!("{:+.1} to {}", 100.0 * change.low, percent(change.high))
}

/// A value with four significant digits or more.
pub(crate) fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let magnitude = value.abs().log10().floor();
    match magnitude {
        15.0.. | ..-9.0 => format!("{value:.3e}"),
        _ => {
            let digits = (3.0 - magnitude).max(0.0) as usize;
            let text = format!("{value:.digits$}");
            match digits {
                0 => text,
                _ => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_short_as_people_need_them() {
        let numbers = [
            0.0,
            2.0,
            2.5,
            1234.567,
            -0.001_234_56,
            123_456.7,
            1e20,
            1.5e-12,
            0.1 + 0.2,
        ];
        let texts = numbers.map(number);
        let expected = [
            "0",
            "2",
            "2.5",
            "1235",
            "-0.001235",
            "123457",
            "1.000e20",
            "1.500e-12",
            "0.3",
        ];
        assert_eq!(texts, expected);
        assert_eq!(number(f64::INFINITY), "inf");
    }

    #[test]
    fn not_enough_data_says_what_to_do() {
        assert_eq!(in_full(Verdict::Same), "same");
        let text = in_full(Verdict::NotEnoughData(Lack::Jobs));
        assert!(
            text.starts_with("not enough data: they differ, but so may jobs of one build; run ")
        );
    }
}

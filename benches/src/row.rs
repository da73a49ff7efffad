//! What a measurement is made of. It knows neither how one is made nor how it is shown.

use serde::Serialize;

use crate::bench::Bench;

/// One entry of the benchmark: a name for the command line, and what it measures.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// What it measures, for `--list`.
    pub(crate) about: &'static str,
    /// Whether `--quick` has it.
    pub(crate) is_quick: bool,
    pub(crate) measure: fn(&Bench) -> Result<Vec<Line>, LeftOut>,
}

/// Why something was not measured.
#[derive(Clone, Debug)]
pub(crate) struct LeftOut(pub(crate) String);

impl LeftOut {
    /// A measurement that is not possible here, with the cause.
    pub(crate) fn because(what: impl std::fmt::Display, cause: impl std::fmt::Display) -> LeftOut {
        LeftOut(format!("{what}: {cause}"))
    }
}

impl From<std::io::Error> for LeftOut {
    fn from(error: std::io::Error) -> LeftOut {
        LeftOut(error.to_string())
    }
}

/// One line of the table.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Line {
    pub(crate) work: String,
    pub(crate) ours: Figure,
    /// What it is held against, and what that took.
    pub(crate) against: Option<(String, Figure)>,
    pub(crate) compared: Compared,
    pub(crate) bar: Bar,
    pub(crate) notes: Vec<String>,
}

impl Line {
    /// A figure that is held against nothing.
    pub(crate) fn reported(work: &str, ours: Figure) -> Line {
        Line {
            work: work.into(),
            ours,
            against: None,
            compared: Compared::Nothing,
            bar: Bar::None,
            notes: Vec::new(),
        }
    }

    /// Says something below the table.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Line {
        self.notes.push(note.into());
        self
    }
}

/// A figure with what it counts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Figure {
    pub(crate) value: f64,
    pub(crate) unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    Seconds,
    Bytes,
    PerSecond,
    Instructions,
}

impl Unit {
    pub(crate) fn of(self, value: f64) -> Figure {
        Figure { value, unit: self }
    }
}

/// What several rounds gave.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// What is counted and does not vary.
    pub(crate) fn exactly(value: f64) -> Spread {
        Spread {
            median: value,
            min: value,
            max: value,
        }
    }
}

/// How ours and the other are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Compared {
    /// Ours divided by the other, in each round.
    Ratio(Spread),
    /// By how much ours is more.
    MoreBytes(f64),
    Nothing,
}

/// What is aimed at.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bar {
    Ratio(f64),
    MoreBytes(f64),
    /// The figure itself, in its unit.
    AtMost(f64),
    /// Nothing: the figure is to be known.
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    Met,
    NotMet,
    Reported,
}

impl Line {
    /// Judged as measured: nothing is rounded before.
    pub(crate) fn verdict(&self) -> Verdict {
        let is_met = match (self.compared, self.bar) {
            (Compared::Ratio(spread), Bar::Ratio(bar)) => spread.median <= bar,
            (Compared::MoreBytes(bytes), Bar::MoreBytes(bar)) => bytes <= bar,
            (_, Bar::AtMost(bar)) => self.ours.value <= bar,
            (_, Bar::None) => return Verdict::Reported,
            (_, Bar::Ratio(_) | Bar::MoreBytes(_)) => false,
        };
        if is_met {
            Verdict::Met
        } else {
            Verdict::NotMet
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(compared: Compared, bar: Bar, verdict: Verdict) {
        let line = Line {
            work: String::new(),
            ours: Unit::Seconds.of(1.0),
            against: None,
            compared,
            bar,
            notes: Vec::new(),
        };
        assert_eq!(line.verdict(), verdict);
    }

    fn ratio(median: f64) -> Compared {
        Compared::Ratio(Spread {
            median,
            min: 0.0,
            max: 9.0,
        })
    }

    #[test]
    fn a_bar_is_met_by_the_median_unrounded() {
        check(ratio(1.6), Bar::Ratio(1.6), Verdict::Met);
        check(ratio(1.601), Bar::Ratio(1.6), Verdict::NotMet);
        check(ratio(99.0), Bar::None, Verdict::Reported);
        check(Compared::MoreBytes(2e6), Bar::MoreBytes(2e6), Verdict::Met);
        check(
            Compared::MoreBytes(2e6 + 1.0),
            Bar::MoreBytes(2e6),
            Verdict::NotMet,
        );
    }

    #[test]
    fn a_figure_of_its_own_may_have_a_bar() {
        // One second.
        check(Compared::Nothing, Bar::AtMost(1.0), Verdict::Met);
        check(Compared::Nothing, Bar::AtMost(0.9), Verdict::NotMet);
    }

    #[test]
    fn a_bar_without_its_figure_is_not_met() {
        check(Compared::Nothing, Bar::Ratio(1.0), Verdict::NotMet);
        check(ratio(0.5), Bar::MoreBytes(1.0), Verdict::NotMet);
    }
}

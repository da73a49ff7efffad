//! Alternating rounds: ours and the other in turn, so that what else the machine does meets both.

use crate::row::{Bar, Compared, LeftOut, Line, Spread, Unit};

/// What both took, round by round.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    ours: Vec<f64>,
    other: Vec<f64>,
}

/// Measures both in each round; which is first changes from round to round.
pub(crate) fn alternate(
    rounds: usize,
    mut ours: impl FnMut() -> Result<f64, LeftOut>,
    mut other: impl FnMut() -> Result<f64, LeftOut>,
) -> Result<Pairs, LeftOut> {
    let [pairs] = alternate_each(rounds, || Ok([ours()?]), || Ok([other()?]))?;
    Ok(pairs)
}

/// The same for several figures that are had together.
pub(crate) fn alternate_each<const N: usize>(
    rounds: usize,
    mut ours: impl FnMut() -> Result<[f64; N], LeftOut>,
    mut other: impl FnMut() -> Result<[f64; N], LeftOut>,
) -> Result<[Pairs; N], LeftOut> {
    let mut pairs = std::array::from_fn(|_| Pairs::default());
    for round in 0..rounds {
        let (ours, other) = if round % 2 == 0 {
            let ours = ours()?;
            (ours, other()?)
        } else {
            let other = other()?;
            (ours()?, other)
        };
        for (pairs, (ours, other)) in pairs.iter_mut().zip(ours.into_iter().zip(other)) {
            pairs.ours.push(ours);
            pairs.other.push(other);
        }
    }
    Ok(pairs)
}

impl Pairs {
    /// Ours divided by the other, each within its round.
    pub(crate) fn ratio(&self) -> Spread {
        let ratios = self.ours.iter().zip(&self.other);
        spread(ratios.map(|(ours, other)| ours / other).collect())
    }

    /// A note, where these are seconds of processors. What else the machine does changes them less than
    /// what a clock shows.
    pub(crate) fn of_processor_time(&self) -> String {
        let Spread { median, min, max } = self.ratio();
        format!("Of processor time the ratio is {median:.2} ({min:.2} to {max:.2}).")
    }

    /// The line of the table for a bar on the difference: its median, within the rounds.
    pub(crate) fn more(&self, work: &str, against: &str, unit: Unit, bar: Bar) -> Line {
        let more = self.ours.iter().zip(&self.other);
        let more = spread(more.map(|(ours, other)| ours - other).collect());
        Line {
            ours: unit.of(more.median),
            ..self.line(work, against, unit, bar)
        }
    }

    /// The line of the table: the medians of both, and their ratio.
    pub(crate) fn line(&self, work: &str, against: &str, unit: Unit, bar: Bar) -> Line {
        Line {
            work: work.to_owned(),
            ours: unit.of(spread(self.ours.clone()).median),
            against: Some((
                against.to_owned(),
                unit.of(spread(self.other.clone()).median),
            )),
            compared: Compared::Ratio(self.ratio()),
            bar,
            notes: Vec::new(),
        }
    }
}

/// Of an even number of values the median is the mean of the two in the middle.
pub(crate) fn spread(mut values: Vec<f64>) -> Spread {
    values.sort_by(f64::total_cmp);
    let (below, above) = (values.len().saturating_sub(1) / 2, values.len() / 2);
    let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
    Spread {
        median: f64::midpoint(at(below), at(above)),
        min: at(0),
        max: at(values.len().saturating_sub(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(values: &[f64], median: f64, min: f64, max: f64) {
        assert_eq!(spread(values.to_vec()), Spread { median, min, max });
    }

    #[test]
    fn the_median_is_in_the_middle() {
        check(&[3.0, 1.0, 2.0], 2.0, 1.0, 3.0);
        check(&[4.0, 1.0, 2.0, 3.0], 2.5, 1.0, 4.0);
        check(&[7.0], 7.0, 7.0, 7.0);
    }

    #[test]
    fn nothing_measured_is_no_number() {
        assert!(spread(Vec::new()).median.is_nan());
    }

    #[test]
    fn who_is_first_changes_and_ratios_are_of_a_round() {
        let order = std::cell::RefCell::new(String::new());
        let mut ours = [2.0, 9.0].into_iter();
        let mut other = [1.0, 3.0].into_iter();
        let pairs = alternate(
            2,
            || {
                order.borrow_mut().push('o');
                Ok(ours.next().unwrap())
            },
            || {
                order.borrow_mut().push('p');
                Ok(other.next().unwrap())
            },
        );
        assert_eq!(pairs.unwrap().ratio(), spread(vec![2.0, 3.0]));
        assert_eq!(order.into_inner(), "oppo");
    }

    #[test]
    fn a_failure_ends_the_rounds() {
        let failed = alternate(3, || Err(LeftOut("no".into())), || Ok(1.0));
        assert_eq!(failed.unwrap_err().0, "no");
    }
}

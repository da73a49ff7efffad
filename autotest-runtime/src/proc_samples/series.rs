//! The samples kept for a plot: a bounded number of points that includes all peaks.

use super::moment::Moment;

/// The maximum number of buckets; each yields up to two points.
const MAX_BUCKETS: usize = 1000;

/// The values of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point<const N: usize> {
    /// Seconds since the first sample.
    pub(super) at: f32,
    pub(super) values: [f32; N],
}

impl<const N: usize> Point<N> {
    fn sum(&self) -> f32 {
        self.values.iter().sum()
    }
}

/// The samples with the least and the greatest sum among consecutive ones.
#[derive(Clone, Copy, Debug)]
struct Bucket<const N: usize> {
    least: Point<N>,
    greatest: Point<N>,
}

impl<const N: usize> Bucket<N> {
    fn join(self, other: Bucket<N>) -> Bucket<N> {
        let less = |a: Point<N>, b: Point<N>| if b.sum() < a.sum() { b } else { a };
        let more = |a: Point<N>, b: Point<N>| if b.sum() > a.sum() { b } else { a };
        Bucket {
            least: less(self.least, other.least),
            greatest: more(self.greatest, other.greatest),
        }
    }
}

/// A series of samples of values that are plotted together.
#[derive(Debug)]
pub(super) struct Series<const N: usize> {
    buckets: Vec<Bucket<N>>,
    /// The number of samples in a full bucket.
    bucket_size: u32,
    /// The number of samples in the last bucket.
    last_size: u32,
}

impl<const N: usize> Default for Series<N> {
    fn default() -> Self {
        Series::new()
    }
}

impl<const N: usize> Series<N> {
    pub(super) fn new() -> Self {
        Series {
            buckets: Vec::new(),
            bucket_size: 1,
            last_size: 1,
        }
    }

    /// Adds the values of the current sample.
    pub(super) fn push(&mut self, moment: &Moment, values: [f32; N]) {
        if !moment.is_plotted() {
            return;
        }
        self.add(Point {
            at: moment.at(),
            values,
        });
    }

    fn add(&mut self, point: Point<N>) {
        let new = Bucket {
            least: point,
            greatest: point,
        };
        match self.buckets.last_mut() {
            Some(last) if self.last_size < self.bucket_size => {
                *last = last.join(new);
                self.last_size += 1;
            }
            _ => {
                if self.buckets.len() == MAX_BUCKETS {
                    self.halve();
                }
                self.buckets.push(new);
                self.last_size = 1;
            }
        }
    }

    /// Halves the number of buckets by joining pairs.
    fn halve(&mut self) {
        let pairs = self.buckets.chunks(2);
        let joined = pairs.map(|pair| pair.iter().copied().reduce(Bucket::join));
        self.buckets = joined.flatten().collect();
        self.bucket_size *= 2;
    }

    /// The kept samples, in order of time.
    pub(super) fn points(&self) -> Vec<Point<N>> {
        let mut points = Vec::new();
        for Bucket { least, greatest } in &self.buckets {
            let is_least_first = least.at <= greatest.at;
            let (first, second) = match is_least_first {
                true => (least, greatest),
                false => (greatest, least),
            };
            points.push(*first);
            if second.at != first.at {
                points.push(*second);
            }
        }
        points
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: impl IntoIterator<Item = f32>) -> Series<1> {
        let mut series = Series::new();
        for (i, value) in values.into_iter().enumerate() {
            let at = i as f32;
            series.add(Point {
                at,
                values: [value],
            });
        }
        series
    }

    #[test]
    fn a_few_samples_are_all_kept() {
        let points = series([3.0, 1.0, 2.0]).points();
        let values: Vec<_> = points.iter().map(|point| point.values[0]).collect();
        assert_eq!(values, [3.0, 1.0, 2.0]);
    }

    #[test]
    fn peaks_stay_among_many_samples() {
        let value = |i: u32| match i {
            77_777 => 9.0,
            50_001 => -9.0,
            i => (i % 7) as f32 / 7.0,
        };
        let points = series((0..100_000).map(value)).points();
        assert!(points.len() <= 2 * MAX_BUCKETS && points.len() > MAX_BUCKETS / 2);
        assert!(points.is_sorted_by(|a, b| a.at < b.at));
        let at = |value| points.iter().find(|point| point.values == [value]);
        assert_eq!(at(9.0).unwrap().at, 77_777.0);
        assert_eq!(at(-9.0).unwrap().at, 50_001.0);
    }

    #[test]
    fn layers_of_a_stack_stay_together() {
        let mut series = Series::<2>::new();
        for i in 0..5000_u32 {
            let part = (i % 10) as f32;
            let at = i as f32;
            series.add(Point {
                at,
                values: [part, 10.0 - part],
            });
        }
        let points = series.points();
        assert!(points.iter().all(|point| point.sum() == 10.0));
    }
}

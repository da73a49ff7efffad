//! Sources of simulated values. The typical value of each is 100.

use fastrand::Rng;

/// The distribution of the values of a metric.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    /// Normal noise, in percent.
    Normal(f64),
    /// Values whose logarithm is normal: a tail to the right.
    Lognormal(f64),
    /// Three in ten values are 20 % greater: another frequency, another core, a cache that was cold.
    Bimodal,
    /// Whole numbers with normal noise, about seven different ones: a clock with a coarse tick.
    Ticks,
    /// One value in twenty is three times as great.
    Outliers,
    /// Student's distribution with two degrees of freedom, which has no variance.
    HeavyTail,
    /// Each value has half of the deviation of the last one, and normal noise.
    Autocorrelated,
    /// The level moves with each value.
    Drifting,
}

impl Source {
    /// Its name in the table.
    pub(super) fn name(self) -> String {
        match self {
            Source::Normal(percent) => format!("normal, {percent} % noise"),
            Source::Lognormal(percent) => format!("lognormal, {percent} % noise"),
            Source::Bimodal => "two modes, 20 % apart".to_owned(),
            Source::Ticks => "whole numbers, many equal".to_owned(),
            Source::Outliers => "5 % outliers".to_owned(),
            Source::HeavyTail => "heavy tail (Student's t, 2)".to_owned(),
            Source::Autocorrelated => "autocorrelated, 5 % noise".to_owned(),
            Source::Drifting => "drifting, 5 % noise".to_owned(),
        }
    }

    /// Draws a sample of `count` values.
    pub(super) fn draw(self, count: usize, rng: &mut Rng) -> Vec<f64> {
        let mut last = 0.0;
        let mut next = |_| {
            let noise = normal(rng);
            match self {
                Source::Normal(percent) => 100.0 + percent * noise,
                Source::Lognormal(percent) => 100.0 * (percent / 100.0 * noise).exp(),
                Source::Bimodal => {
                    let mode = if rng.f64() < 0.3 { 120.0 } else { 100.0 };
                    mode + 2.0 * noise
                }
                Source::Ticks => (20.0 + noise).round() * 5.0,
                Source::Outliers => {
                    let factor = if rng.f64() < 0.05 { 3.0 } else { 1.0 };
                    factor * (100.0 + 5.0 * noise)
                }
                Source::HeavyTail => 100.0 * (0.03 * noise / chi(rng)).exp(),
                Source::Autocorrelated => {
                    last = 0.5 * last + 0.75_f64.sqrt() * noise;
                    100.0 + 5.0 * last
                }
                Source::Drifting => {
                    last += noise;
                    100.0 + 5.0 * normal(rng) + last
                }
            }
        };
        (0..count).map(&mut next).collect()
    }
}

/// A normal deviate, by the method of Box and Muller.
pub(super) fn normal(rng: &mut Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.f64()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.f64()).cos()
}

/// The root of the mean of two squares of normal deviates.
pub(super) fn chi(rng: &mut Rng) -> f64 {
    (-(1.0 - rng.f64()).ln()).sqrt().max(1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: Source, mean: f64, deviation: f64) {
        let values = source.draw(100_000, &mut Rng::with_seed(7));
        let count = values.len() as f64;
        let found = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|x| (x - found).powi(2)).sum();
        assert!((found - mean).abs() < 0.3, "{source:?}: mean {found}");
        let found = (squares / count).sqrt();
        assert!((found - deviation).abs() < 0.3, "{source:?}: {found}");
    }

    #[test]
    fn sources_have_the_moments_of_their_distribution() {
        check(Source::Normal(5.0), 100.0, 5.0);
        check(Source::Lognormal(20.0), 102.02, 20.61);
        check(Source::Bimodal, 106.0, 9.38);
        check(Source::Ticks, 100.0, 5.20);
        check(Source::Autocorrelated, 100.0, 5.0);
    }

    #[test]
    fn a_seed_gives_the_same_values() {
        let values = |seed| Source::Drifting.draw(5, &mut Rng::with_seed(seed));
        assert_eq!(values(1), values(1));
        assert_ne!(values(1), values(2));
    }
}

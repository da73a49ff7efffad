//! The metrics of a run: its perf values, and the perf keyvals of its iterations.

use autotest_core::PerfValue;

use super::RunDigest;

/// The measurements of a metric in a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric<'r> {
    /// Its name.
    pub name: &'r str,
    /// How it was recorded.
    pub source: MetricSource,
    /// The unit, if there is one. A perf keyval has none.
    pub units: Option<&'r str>,
    /// Whether more is better, if the test says it.
    pub higher_is_better: Option<bool>,
    /// The measurements, in order. At least one, and each is finite.
    pub points: Vec<Point>,
}

/// How a metric is recorded. A test may use the same name in both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MetricSource {
    /// By `output_perf_value` or `cx.perf`.
    PerfValue,
    /// By `write_perf_keyval` or `write_iteration_keyval`.
    Iteration,
}

/// A measurement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The number of the iteration, or of the value if it is a perf value; from 1.
    pub at: usize,
    /// The number.
    pub value: f64,
}

impl Metric<'_> {
    /// The measurements alone.
    pub fn values(&self) -> Vec<f64> {
        self.points.iter().map(|point| point.value).collect()
    }
}

impl MetricSource {
    /// The word for it in databases.
    pub const fn word(self) -> &'static str {
        match self {
            MetricSource::PerfValue => "perf value",
            MetricSource::Iteration => "iteration",
        }
    }

    /// The name of a metric for display; says so if the metric is not a perf value.
    pub fn shown(self, name: &str) -> String {
        match self {
            MetricSource::PerfValue => name.to_owned(),
            MetricSource::Iteration => format!("{name} (iterations)"),
        }
    }
}

impl RunDigest {
    /// The perf values that count, in the order in which they were recorded. As in the chart, a value may replace all
    /// earlier ones of its metric.
    pub fn perf_values(&self) -> Vec<&PerfValue> {
        let mut kept: Vec<&PerfValue> = Vec::new();
        for value in &self.perf {
            if value.replace_existing_values() {
                kept.retain(|earlier| earlier.description() != value.description());
            }
            kept.push(value);
        }
        kept
    }

    /// The metrics of the run: perf values by name and unit, then perf keyvals by name, each in the order of its first
    /// measurement. A keyval is a measurement if Python's `float()` converts it to a finite number.
    pub fn metrics(&self) -> Vec<Metric<'_>> {
        let mut all = Vec::new();
        for value in self.perf_values() {
            let metric = metric(
                &mut all,
                value.description(),
                MetricSource::PerfValue,
                value.units(),
            );
            metric.higher_is_better = value.higher_is_better().or(metric.higher_is_better);
            for &value in value.measured().numbers() {
                let at = metric.points.len() + 1;
                metric.points.push(Point { at, value });
            }
        }
        for (iteration, at) in self.iterations.iter().zip(1..) {
            for (name, value) in &iteration.perf {
                if let Some(value) = value.as_float().filter(|value| value.is_finite()) {
                    let metric = metric(&mut all, name, MetricSource::Iteration, None);
                    metric.points.push(Point { at, value });
                }
            }
        }
        all.retain(|metric| !metric.points.is_empty());
        all
    }
}

/// The metric of this name and source, which is added if it is missing.
fn metric<'a, 'r>(
    all: &'a mut Vec<Metric<'r>>,
    name: &'r str,
    source: MetricSource,
    units: Option<&'r str>,
) -> &'a mut Metric<'r> {
    let mut known = all.iter();
    let known =
        known.position(|known| (known.name, known.source, known.units) == (name, source, units));
    let index = known.unwrap_or_else(|| {
        all.push(Metric {
            name,
            source,
            units,
            higher_is_better: None,
            points: Vec::new(),
        });
        all.len() - 1
    });
    &mut all[index]
}

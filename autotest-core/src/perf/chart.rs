//! `results/results-chart.json`, a fold of perf values.

mod ordered;
mod read;

use super::text::{push_display, push_quoted, push_quoted_or_null};
use super::{Measured, PerfValue};
use crate::value::FloatRepr;
use ordered::Ordered;

pub use read::ChartError;

/// The name of the trace of a metric without a graph; its chart has the metric's name.
const SUMMARY: &str = "summary";

/// All perf values of a test, by chart and trace: numbers, units and direction.
///
/// Charts, and traces in a chart, are in the order of their first values. The cost of adding a value does not
/// depend on the number of values before it; the original read and wrote the whole file each time.
///
/// ```
/// use autotest_core::perf::{Chart, PerfRequest};
/// let mut chart = Chart::default();
/// chart.add(&PerfRequest::new("lat", 1).check()?);
/// assert_eq!(chart.render(), concat!(
///     "{\n  \"lat\": {\n    \"summary\": {\n      \"units\": null, \n      \"type\": \"scalar\", \n",
///     "      \"value\": 1.0, \n      \"improvement_direction\": \"down\"\n    }\n  }\n}",
/// ));
/// # Ok::<(), autotest_core::perf::PerfError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    charts: Ordered<Ordered<Trace>>,
}

/// An entry of the file.
#[derive(Clone, Debug, PartialEq)]
struct Trace {
    units: Option<String>,
    measured: Measured,
    higher_is_better: bool,
}

/// A metric of a [`Chart`] as one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metric<'a> {
    /// The graph; the metric's own name if it has no graph.
    pub chart: &'a str,
    /// The metric's name in its graph; `None` without a graph.
    pub trace: Option<&'a str>,
    /// The unit.
    pub units: Option<&'a str>,
    /// The mean of its values.
    pub mean: f64,
}

impl Chart {
    /// The metrics that have values, in the order of the file.
    ///
    /// ```
    /// use autotest_core::perf::{Chart, PerfRequest};
    /// let mut chart = Chart::default();
    /// chart.add(&PerfRequest::new("lat", 1).check()?);
    /// chart.add(&PerfRequest::new("lat", 2).check()?);
    /// assert_eq!(chart.metrics().next().map(|metric| metric.mean), Some(1.5));
    /// # Ok::<(), autotest_core::perf::PerfError>(())
    /// ```
    pub fn metrics(&self) -> impl Iterator<Item = Metric<'_>> {
        self.charts.iter().flat_map(|(chart, traces)| {
            let traces = traces.iter();
            traces.filter_map(move |(trace, entry)| entry.metric(chart, trace))
        })
    }

    /// Whether no value was added. The original writes no file in that case.
    pub fn is_empty(&self) -> bool {
        self.charts.is_empty()
    }

    /// Adds a value to those of its metric, or replaces them if the value demands it. Units and direction
    /// become those of this value.
    pub fn add(&mut self, value: &PerfValue) {
        let measured = value.measured();
        let (chart, trace) = match value.graph() {
            Some(graph) if !graph.is_empty() => (graph, value.description()),
            _ => (value.description(), SUMMARY),
        };
        let traces = self.charts.entry(chart, Ordered::default);
        let mut is_new = false;
        let entry = traces.entry(trace, || {
            is_new = true;
            Trace {
                units: None,
                measured: measured.clone(),
                higher_is_better: false,
            }
        });
        if !is_new {
            entry.combine(measured, value.replace_existing_values());
        }
        if entry.units.as_deref() != value.units() {
            entry.units = value.units().map(str::to_owned);
        }
        entry.higher_is_better = value.higher_is_better() == Some(true);
    }

    /// The text of the file, without a newline at its end, in the format of Python 2's `json.dumps(…,
    /// indent=2)`, which leaves a blank after a comma at the end of a line (`conformance:
    /// perf-chart/perf-chart-raw-text-s000`).
    pub fn render(&self) -> String {
        let mut out = String::new();
        push_block(
            &mut out,
            0,
            ['{', '}'],
            self.charts.iter(),
            |out, (chart, traces)| {
                push_key(out, chart);
                push_block(out, 1, ['{', '}'], traces.iter(), |out, (trace, entry)| {
                    push_key(out, trace);
                    entry.push_json(out);
                });
            },
        );
        out
    }
}

impl Trace {
    fn metric<'a>(&'a self, chart: &'a str, trace: &'a str) -> Option<Metric<'a>> {
        let numbers = self.measured.numbers();
        let count = numbers.len() as f64;
        let sum: f64 = numbers.iter().sum();
        let mean = if sum.is_finite() {
            sum / count
        } else {
            numbers.iter().map(|number| number / count).sum()
        };
        (!numbers.is_empty()).then_some(Metric {
            chart,
            trace: (trace != SUMMARY).then_some(trace),
            units: self.units.as_deref(),
            mean,
        })
    }

    /// Combines a new value with the existing ones, by the table of formats §5, rule 6.
    fn combine(&mut self, new: &Measured, replace: bool) {
        if replace {
            self.measured = new.clone();
            return;
        }
        if let Measured::Scalar(old) = self.measured {
            self.measured = Measured::List(vec![old]);
        }
        if let Measured::List(numbers) = &mut self.measured {
            numbers.extend_from_slice(new.numbers());
        }
    }

    fn push_json(&self, out: &mut String) {
        push_block(out, 2, ['{', '}'], self.keys().iter(), |out, key| {
            push_key(out, key);
            self.push_part(out, key);
        });
    }

    /// The four keys, in Python 2's hash order.
    fn keys(&self) -> [&'static str; 4] {
        match self.measured {
            Measured::Scalar(_) => ["units", "type", "value", "improvement_direction"],
            Measured::List(_) => ["units", "values", "type", "improvement_direction"],
        }
    }

    fn push_part(&self, out: &mut String, key: &str) {
        match (key, &self.measured) {
            ("units", _) => push_quoted_or_null(out, self.units.as_deref()),
            ("type", Measured::Scalar(_)) => push_quoted(out, "scalar"),
            ("type", Measured::List(_)) => push_quoted(out, "list_of_scalar_values"),
            ("improvement_direction", _) => {
                push_quoted(out, if self.higher_is_better { "up" } else { "down" })
            }
            (_, Measured::Scalar(number)) => push_display(out, FloatRepr(*number)),
            (_, Measured::List(numbers)) => {
                push_block(out, 3, ['[', ']'], numbers.iter(), |out, number| {
                    push_display(out, FloatRepr(*number));
                })
            }
        }
    }
}

fn push_key(out: &mut String, key: &str) {
    push_quoted(out, key);
    out.push_str(": ");
}

/// Writes an object or list with each part on its own line, indented by two blanks for each level.
fn push_block<T>(
    out: &mut String,
    depth: usize,
    [open, close]: [char; 2],
    parts: impl Iterator<Item = T>,
    mut push_part: impl FnMut(&mut String, T),
) {
    out.push(open);
    let mut is_empty = true;
    for part in parts {
        out.push_str(if is_empty { "\n" } else { ", \n" });
        is_empty = false;
        push_indent(out, depth + 1);
        push_part(out, part);
    }
    if !is_empty {
        out.push('\n');
        push_indent(out, depth);
    }
    out.push(close);
}

fn push_indent(out: &mut String, depth: usize) {
    (0..depth).for_each(|_| out.push_str("  "));
}

//! Perf values, as recorded by the original's `output_perf_value`, and the two files that contain them
//! (formats §5).
//!
//! Only [`PerfRequest::check`] decides whether a value is valid. `results/perf_measurements` has a
//! [`measurement_line`] for each value, and `results/results-chart.json` is the [`Chart`] of all. This module
//! must not know files or when something is written.

mod chart;
mod error;
mod measured;
mod text;
mod wire;

use crate::value::Value;

pub use chart::{Chart, ChartError, Metric};
pub use error::PerfError;
pub use measured::Measured;

/// The longest description, in bytes before replacement, as in the original.
pub const MAX_DESCRIPTION_BYTES: usize = 256;

/// The longest units, in bytes before replacement.
pub const MAX_UNITS_BYTES: usize = 32;

/// The usual length of a line.
const USUAL_LINE_BYTES: usize = 160;

/// The arguments of `output_perf_value`, before they are checked.
///
/// ```
/// use autotest_core::perf::PerfRequest;
/// let mut request = PerfRequest::new("read speed", vec![1.5, 2.0]);
/// request.units = Some("MB/s".to_owned());
/// request.higher_is_better = Some(true);
/// let value = request.check()?;
/// assert_eq!((value.description(), value.units()), ("read_speed", Some("MB_s")));
/// # Ok::<(), autotest_core::perf::PerfError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PerfRequest {
    /// The metric's name, at most 256 characters. Characters other than ASCII letters, digits, `_`, `.` and
    /// `-` are replaced.
    pub description: String,
    /// A number, a text that Python converts to a float, or a list of these.
    pub value: Value,
    /// The unit, at most 32 characters, with the same replacement. Empty means none.
    pub units: Option<String>,
    /// Whether higher values are better. `None` leaves it to the dashboard, and is `down` in the chart.
    pub higher_is_better: Option<bool>,
    /// The graph that shows the metric together with others; not changed. Empty means none.
    pub graph: Option<String>,
    /// The replacement for each illegal character; may be empty or longer than one character.
    pub replacement: String,
    /// Replace the metric's values in the chart instead of adding to them.
    pub replace_existing_values: bool,
}

impl PerfRequest {
    /// A request with the original's defaults: no units, direction or graph, and `_` as the replacement.
    pub fn new(description: impl Into<String>, value: impl Into<Value>) -> PerfRequest {
        PerfRequest {
            description: description.into(),
            value: value.into(),
            units: None,
            higher_is_better: None,
            graph: None,
            replacement: "_".to_owned(),
            replace_existing_values: false,
        }
    }

    /// Checks the request in the original's order (length of the description, length of the units,
    /// replacement, value) and replaces illegal characters.
    ///
    /// # Errors
    /// If a limit is exceeded or the value is not finite. The original accepted `nan` and `inf`, which made
    /// its chart invalid JSON.
    pub fn check(self) -> Result<PerfValue, PerfError> {
        if self.description.len() > MAX_DESCRIPTION_BYTES {
            return Err(PerfError::DescriptionTooLong);
        }
        let units = self.units.filter(|units| !units.is_empty());
        if units
            .as_ref()
            .is_some_and(|units| units.len() > MAX_UNITS_BYTES)
        {
            return Err(PerfError::UnitsTooLong);
        }
        if !text::is_legal(&self.replacement) {
            return Err(PerfError::Replacement {
                replacement: self.replacement,
            });
        }
        Ok(PerfValue {
            measured: Measured::from_value(&self.description, &self.value)?,
            description: text::replace_illegal(self.description, &self.replacement),
            units: units.map(|units| text::replace_illegal(units, &self.replacement)),
            value: self.value,
            higher_is_better: self.higher_is_better,
            graph: self.graph,
            replace_existing_values: self.replace_existing_values,
        })
    }
}

/// A checked perf value.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "wire::PerfWire")]
pub struct PerfValue {
    description: String,
    value: Value,
    /// Derived from the value, so it is not serialised.
    #[serde(skip)]
    measured: Measured,
    #[serde(skip_serializing_if = "Option::is_none")]
    units: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    higher_is_better: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    graph: Option<String>,
    #[serde(skip_serializing_if = "wire::is_false")]
    replace_existing_values: bool,
}

impl PerfValue {
    /// The metric's name.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The value that was given.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The numbers for the chart.
    pub fn measured(&self) -> &Measured {
        &self.measured
    }

    /// The unit. It may be empty if the replacement is.
    pub fn units(&self) -> Option<&str> {
        self.units.as_deref()
    }

    /// Whether higher values are better.
    pub fn higher_is_better(&self) -> Option<bool> {
        self.higher_is_better
    }

    /// The graph that was given.
    pub fn graph(&self) -> Option<&str> {
        self.graph.as_deref()
    }

    /// Whether it replaces earlier values of the metric in the chart.
    pub fn replace_existing_values(&self) -> bool {
        self.replace_existing_values
    }
}

/// The value's line in `results/perf_measurements`, without a newline: JSON in Python's format, with sorted
/// keys and default separators (`conformance: perf-lines/*`).
///
/// ```
/// use autotest_core::perf::{PerfRequest, measurement_line};
/// let value = PerfRequest::new("lat", "5").check()?;
/// assert_eq!(
///     measurement_line(&value),
///     r#"{"description": "lat", "graph": null, "higher_is_better": null, "units": null, "value": "5"}"#,
/// );
/// # Ok::<(), autotest_core::perf::PerfError>(())
/// ```
pub fn measurement_line(value: &PerfValue) -> String {
    let mut line = String::with_capacity(USUAL_LINE_BYTES);
    line.push_str("{\"description\": ");
    text::push_quoted(&mut line, value.description());
    line.push_str(", \"graph\": ");
    text::push_quoted_or_null(&mut line, value.graph());
    line.push_str(", \"higher_is_better\": ");
    line.push_str(match value.higher_is_better() {
        None => "null",
        Some(true) => "true",
        Some(false) => "false",
    });
    line.push_str(", \"units\": ");
    text::push_quoted_or_null(&mut line, value.units());
    line.push_str(", \"value\": ");
    text::push_value(&mut line, value.value());
    line.push('}');
    line
}

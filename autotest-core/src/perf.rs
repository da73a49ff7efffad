//! Measured values: one call of the original's `output_perf_value`, checked, and the two files that
//! hold them (formats §5).
//!
//! [`PerfRequest::check`] is the one place where a value is judged; `results/perf_measurements` has a
//! [`measurement_line`] for each, `results/results-chart.json` is the [`Chart`] folded from all. This
//! module must not know files or when something is written.

mod chart;
mod error;
mod measured;
mod text;
mod wire;

use crate::value::Value;

pub use chart::{Chart, ChartError, Metric};
pub use error::PerfError;
pub use measured::Measured;

/// The longest description, in bytes before replacement: the original counted a text of bytes.
pub const MAX_DESCRIPTION_BYTES: usize = 256;

/// The longest units, in bytes before replacement.
pub const MAX_UNITS_BYTES: usize = 32;

/// What a value's line usually has room in.
const USUAL_LINE_BYTES: usize = 160;

/// The arguments of one `output_perf_value`, not checked yet.
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
    /// The metric's name, at most 256 characters. What is not an ASCII letter or digit, `_`, `.` or
    /// `-` is replaced.
    pub description: String,
    /// A number, a text that Python reads as a float, or a list of these.
    pub value: Value,
    /// The unit, at most 32 characters, with the same replacement. An empty one is none.
    pub units: Option<String>,
    /// Which way is better; `None` leaves it to the dashboard, and shows as `down` in the chart.
    pub higher_is_better: Option<bool>,
    /// The graph on which the metric is drawn among others; taken as it is. An empty one is none.
    pub graph: Option<String>,
    /// What stands for each illegal character; may be empty, may be longer than one.
    pub replacement: String,
    /// Forget what the chart has for this metric, instead of adding to it.
    pub replace_existing_values: bool,
}

impl PerfRequest {
    /// A request with the original's defaults: no units, direction or graph; `_` replaces.
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

    /// Checks in the original's order (length of the description, of the units, replacement, value)
    /// and replaces the illegal characters.
    ///
    /// # Errors
    /// If a limit is passed or the value is no finite number. The original let `nan` and `inf`
    /// through, and its chart was then no JSON.
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

/// One measured value that passed the checks.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "wire::PerfWire")]
pub struct PerfValue {
    description: String,
    value: Value,
    /// Follows from the value, so it does not travel.
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

    /// The value as it was given.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The value as the chart takes it.
    pub fn measured(&self) -> &Measured {
        &self.measured
    }

    /// The unit. It may be empty: if it was not, and the replacement was.
    pub fn units(&self) -> Option<&str> {
        self.units.as_deref()
    }

    /// Which way is better.
    pub fn higher_is_better(&self) -> Option<bool> {
        self.higher_is_better
    }

    /// The graph, as given.
    pub fn graph(&self) -> Option<&str> {
        self.graph.as_deref()
    }

    /// Whether earlier values of the metric leave the chart.
    pub fn replace_existing_values(&self) -> bool {
        self.replace_existing_values
    }
}

/// The value's line in `results/perf_measurements`, without a newline: JSON as Python writes it with
/// sorted keys and its default separators (`conformance: perf-lines/*`).
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

//! The numbers of a perf value.

use super::PerfError;
use crate::value::{FloatRepr, Value};

/// The measured numbers for the chart. Every number is finite.
#[derive(Clone, Debug, PartialEq)]
pub enum Measured {
    /// One number.
    Scalar(f64),
    /// A list of numbers, which may be empty.
    List(Vec<f64>),
}

impl Measured {
    /// Converts a value like Python's `float(value)`, applied to each element of a list.
    ///
    /// `description` names the metric in an error.
    pub(super) fn from_value(description: &str, value: &Value) -> Result<Measured, PerfError> {
        match value {
            Value::List(items) => {
                let numbers = items.iter().map(|item| finite_number(description, item));
                numbers.collect::<Result<_, _>>().map(Measured::List)
            }
            other => finite_number(description, other).map(Measured::Scalar),
        }
    }

    /// The number or the list, as a slice.
    pub fn numbers(&self) -> &[f64] {
        match self {
            Measured::Scalar(number) => std::slice::from_ref(number),
            Measured::List(numbers) => numbers,
        }
    }
}

fn finite_number(description: &str, value: &Value) -> Result<f64, PerfError> {
    let number = value.as_float().ok_or_else(|| match value {
        Value::Str(_) => PerfError::NotANumber { text: value.repr() },
        _ => PerfError::NotNumeric {
            type_name: value.type_name(),
        },
    })?;
    if number.is_finite() {
        Ok(number)
    } else {
        Err(not_finite(description, number))
    }
}

fn not_finite(description: &str, number: f64) -> PerfError {
    PerfError::NotFinite {
        description: description.to_owned(),
        value: FloatRepr(number).to_string(),
    }
}

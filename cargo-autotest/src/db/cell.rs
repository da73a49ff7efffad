//! A value in a row.

use autotest_core::Value;

/// A value of a type that every database has.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
}

impl Cell {
    /// A text, without NUL, which PostgreSQL cannot store.
    pub(crate) fn text(text: &str) -> Cell {
        Cell::Text(text.replace('\0', "\u{fffd}"))
    }

    /// JSON; null if it cannot be represented.
    pub(crate) fn json(value: &impl serde::Serialize) -> Cell {
        serde_json::to_string(value).map_or(Cell::Null, Cell::Text)
    }

    /// A value as a number; null if it is not a number, or not finite.
    pub(crate) fn number(value: &Value) -> Cell {
        value.as_float().map_or(Cell::Null, Cell::real)
    }

    /// A number; null if it is not finite: SQLite has no NaN.
    pub(crate) fn real(number: f64) -> Cell {
        match number.is_finite() {
            true => Cell::Real(number),
            false => Cell::Null,
        }
    }

    /// A count, limited to the largest integer.
    pub(crate) fn count(count: impl TryInto<i64>) -> Cell {
        Cell::Int(count.try_into().unwrap_or(i64::MAX))
    }

    /// The cell as an integer; 0 if it is not a number.
    pub(crate) fn as_int(&self) -> i64 {
        match self {
            Cell::Int(number) => *number,
            Cell::Real(number) => *number as i64,
            Cell::Null | Cell::Text(_) => 0,
        }
    }

    /// The cell as a number, if it is one.
    pub(crate) fn as_real(&self) -> Option<f64> {
        match self {
            Cell::Int(number) => Some(*number as f64),
            Cell::Real(number) => Some(*number),
            Cell::Null | Cell::Text(_) => None,
        }
    }

    /// The cell as a text; empty if it is not a text.
    pub(crate) fn into_text(self) -> String {
        match self {
            Cell::Text(text) => text,
            Cell::Null | Cell::Int(_) | Cell::Real(_) => String::new(),
        }
    }
}

/// A text, or null.
impl From<Option<&str>> for Cell {
    fn from(text: Option<&str>) -> Cell {
        text.map_or(Cell::Null, Cell::text)
    }
}

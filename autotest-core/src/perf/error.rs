//! What a perf value is refused for.

use thiserror::Error;

use super::{MAX_DESCRIPTION_BYTES, MAX_UNITS_BYTES};

/// Why a perf value was not recorded.
///
/// The first five texts are the original's, those about a number as Python 3 words them
/// (`conformance: perf-chart/perf-chart-too-long-s000, perf-chart-not-numeric-types-s000`).
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum PerfError {
    /// The description, before replacement.
    #[error("The description must be at most {MAX_DESCRIPTION_BYTES} characters.")]
    DescriptionTooLong,
    /// The units, before replacement.
    #[error("The units must be at most {MAX_UNITS_BYTES} characters.")]
    UnitsTooLong,
    /// The replacement has a character that it should replace.
    #[error(
        "Invalid replacement string to mask illegal characters. May only contain letters, numbers, \
         periods, dashes, and underscores. replacement: {replacement}"
    )]
    Replacement {
        /// The replacement.
        replacement: String,
    },
    /// A text that is no number.
    #[error("could not convert string to float: {text}")]
    NotANumber {
        /// The text, as Python's `repr()` shows it.
        text: String,
    },
    /// Neither a number nor a text.
    #[error("float() argument must be a string or a real number, not '{type_name}'")]
    NotNumeric {
        /// What it is, as Python calls the type.
        type_name: &'static str,
    },
    /// Not a number, or infinite; JSON has neither, so one such value would lose the whole chart.
    #[error(
        "perf value `{description}` is `{value}`: record a finite number, or fail the test instead"
    )]
    NotFinite {
        /// The metric, as given.
        description: String,
        /// `nan`, `inf`, `-inf`.
        value: String,
    },
    /// A description or unit that arrived as a checked one but is not.
    #[error("`{text}` has characters that no recorded perf value has")]
    Unchecked {
        /// The text.
        text: String,
    },
}

//! Errors in perf values.

use thiserror::Error;

use super::{MAX_DESCRIPTION_BYTES, MAX_UNITS_BYTES};

/// Why a perf value was not recorded.
///
/// The first five messages are the original's; those about numbers are in Python 3's words (`conformance:
/// perf-chart/perf-chart-too-long-s000, perf-chart-not-numeric-types-s000`).
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum PerfError {
    /// The description is too long, before replacement.
    #[error("The description must be at most {MAX_DESCRIPTION_BYTES} characters.")]
    DescriptionTooLong,
    /// The units are too long, before replacement.
    #[error("The units must be at most {MAX_UNITS_BYTES} characters.")]
    UnitsTooLong,
    /// The replacement contains an illegal character.
    #[error(
        "Invalid replacement string to mask illegal characters. May only contain letters, numbers, \
         periods, dashes, and underscores. replacement: {replacement}"
    )]
    Replacement {
        /// The replacement.
        replacement: String,
    },
    /// A text is not a number.
    #[error("could not convert string to float: {text}")]
    NotANumber {
        /// The text, as Python's `repr()` shows it.
        text: String,
    },
    /// The value is neither a number nor a text.
    #[error("float() argument must be a string or a real number, not '{type_name}'")]
    NotNumeric {
        /// Python's name for the type.
        type_name: &'static str,
    },
    /// The value is NaN or infinite. JSON has neither, so such a value would make the whole chart invalid.
    #[error(
        "perf value `{description}` is `{value}`: record a finite number, or fail the test instead"
    )]
    NotFinite {
        /// The metric, as given.
        description: String,
        /// `nan`, `inf`, `-inf`.
        value: String,
    },
    /// A received description or unit has illegal characters, although the sender should have replaced them.
    #[error("`{text}` has characters that no recorded perf value has")]
    Unchecked {
        /// The text.
        text: String,
    },
}

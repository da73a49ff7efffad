//! From an argument to a value of the parameter's type. Generated code calls these functions.

use std::fmt::{Debug, Display};
use std::ops::RangeBounds;

use serde::de::DeserializeOwned;

use super::Arg;
use super::args::json_text;

/// An argument that a parameter does not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamError {
    /// It is not a value of the parameter's type.
    #[error("parameter `{name}` takes a value of type `{ty}`, not `{given}`: {cause}")]
    Type {
        /// The parameter.
        name: String,
        /// Its type, as written.
        ty: String,
        /// The argument, as given.
        given: String,
        /// What the type's reader said.
        cause: String,
    },
    /// It is outside of the parameter's range.
    #[error("parameter `{name}` (`{ty}`) must be in `{range}`, not `{given}`")]
    Range {
        /// The parameter.
        name: String,
        /// Its type, as written.
        ty: String,
        /// The range, as written.
        range: String,
        /// The argument, as given.
        given: String,
    },
    /// It is none of the parameter's choices.
    #[error("parameter `{name}` (`{ty}`) must be one of {choices}, not `{given}`")]
    Choices {
        /// The parameter.
        name: String,
        /// Its type, as written.
        ty: String,
        /// The choices, as written.
        choices: String,
        /// The argument, as given.
        given: String,
    },
    /// No keyval can hold its name.
    #[error("`{name}` can not be a parameter: {cause}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        cause: String,
    },
    /// A constraint that does not parse.
    #[error("constraint `{text}` does not parse: {cause}")]
    Constraint {
        /// The constraint.
        text: String,
        /// What is wrong with it, and where.
        cause: String,
    },
    /// It is required, and no argument was given.
    #[error("parameter `{name}` (`{ty}`) has no default: give it with `--param {name}=…`")]
    Missing {
        /// The parameter.
        name: String,
        /// Its type, as written.
        ty: String,
    },
}

impl ParamError {
    /// A missing argument.
    pub fn missing(name: &str, ty: &str) -> ParamError {
        ParamError::Missing {
            name: name.to_owned(),
            ty: ty.to_owned(),
        }
    }

    fn mismatch(name: &str, ty: &str, arg: &Arg, cause: impl Display) -> ParamError {
        let (name, ty) = (name.to_owned(), ty.to_owned());
        ParamError::Type {
            name,
            ty,
            given: arg.to_string(),
            cause: cause.to_string(),
        }
    }
}

/// Reads an argument: JSON as it is; a text first as JSON, then as a JSON string.
///
/// # Errors
/// If neither is a `T`.
///
/// ```
/// use autotest_core::{Arg, decode};
/// assert_eq!(decode::<u64>("mb", "u64", &Arg::Text("64".into())), Ok(64));
/// assert_eq!(decode::<String>("disk", "String", &Arg::Text("64".into())), Ok("64".to_owned()));
/// let error = decode::<u64>("mb", "u64", &Arg::Text("many".into())).unwrap_err();
/// assert!(error.to_string().starts_with("parameter `mb` takes a value of type `u64`, not `many`"));
/// ```
pub fn decode<T: DeserializeOwned>(name: &str, ty: &str, arg: &Arg) -> Result<T, ParamError> {
    let value = match arg {
        Arg::Json(json) => serde_json::from_value(json.clone()),
        // Not `from_str`: all else that is read are bytes, and a second reader would be 10 KB of code.
        Arg::Text(text) => serde_json::from_slice(text.as_bytes())
            .or_else(|_| serde_json::from_value(serde_json::Value::String(text.clone()))),
    };
    value.map_err(|error| ParamError::mismatch(name, ty, arg, error))
}

/// Reads an argument by a function of the author's (`#[param(with = f)]`), which is given its text.
///
/// # Errors
/// What `f` says.
pub fn with<T, E: Display>(
    name: &str,
    ty: &str,
    arg: &Arg,
    f: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, ParamError> {
    let text = match arg {
        Arg::Text(text) | Arg::Json(serde_json::Value::String(text)) => text.clone(),
        Arg::Json(json) => json_text(json),
    };
    f(&text).map_err(|error| ParamError::mismatch(name, ty, arg, error))
}

/// Refuses a value outside of `range`.
///
/// # Errors
/// [`ParamError::Range`].
pub fn in_range<T, R>(
    name: &str,
    ty: &str,
    value: &T,
    range: &R,
    range_text: &str,
) -> Result<(), ParamError>
where
    T: PartialOrd + Debug,
    R: RangeBounds<T>,
{
    if range.contains(value) {
        return Ok(());
    }
    let (name, ty) = (name.to_owned(), ty.to_owned());
    Err(ParamError::Range {
        name,
        ty,
        range: range_text.to_owned(),
        given: format!("{value:?}"),
    })
}

/// Refuses a value that is none of `choices`.
///
/// # Errors
/// [`ParamError::Choices`].
pub fn in_choices<T, C>(
    name: &str,
    ty: &str,
    value: &T,
    choices: &[C],
    choices_text: &str,
) -> Result<(), ParamError>
where
    T: Debug,
    C: PartialEq<T>,
{
    if choices.iter().any(|choice| choice == value) {
        return Ok(());
    }
    let (name, ty, choices) = (name.to_owned(), ty.to_owned(), choices_text.to_owned());
    Err(ParamError::Choices {
        name,
        ty,
        choices,
        given: format!("{value:?}"),
    })
}

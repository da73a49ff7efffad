//! Converts arguments to values of the parameters' types. Generated code calls these functions.

use std::fmt::{Debug, Display};
use std::ops::RangeBounds;

use serde::de::{DeserializeOwned, IgnoredAny};

use super::args::json_text;
use super::{Arg, SECRET, Secret};
use crate::excerpt::{excerpt, excerpt_ends};

/// An argument that a parameter does not accept.
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
        /// The error of the conversion.
        cause: String,
    },
    /// It is outside the parameter's range.
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
    /// It is not one of the parameter's choices.
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
    /// Its name is not allowed as the key of a keyval.
    #[error("`{name}` cannot be a parameter: {cause}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        cause: String,
    },
    /// A constraint that does not parse.
    #[error("constraint `{}` does not parse: {cause}", excerpt(.text))]
    Constraint {
        /// The constraint.
        text: String,
        /// What is wrong with it, and where.
        cause: String,
    },
    /// It is secret, and its value is on record nowhere.
    #[error(
        "parameter `{name}` (`{ty}`) is secret, so its value is not on record: give it again, with \
         `--param {name}=…`"
    )]
    Unrecorded {
        /// The parameter.
        name: String,
        /// Its type, as written.
        ty: String,
    },
    /// It is required, but no argument was given.
    #[error("parameter `{name}` (`{ty}`) has no default: give it with `--param {name}=…`")]
    Missing {
        /// The parameter.
        name: String,
        /// Its type, as written.
        ty: String,
    },
}

impl ParamError {
    /// An error for a missing argument.
    pub fn missing(name: &str, ty: &str) -> ParamError {
        ParamError::Missing {
            name: name.to_owned(),
            ty: ty.to_owned(),
        }
    }

    /// The parameter that the error is about; `None` for a constraint.
    pub fn parameter(&self) -> Option<&str> {
        match self {
            ParamError::Type { name, .. }
            | ParamError::Range { name, .. }
            | ParamError::Choices { name, .. }
            | ParamError::Name { name, .. }
            | ParamError::Unrecorded { name, .. }
            | ParamError::Missing { name, .. } => Some(name),
            ParamError::Constraint { .. } => None,
        }
    }

    /// The error of a secret argument: without the argument.
    #[must_use]
    pub fn hidden(mut self) -> ParamError {
        if let ParamError::Type { cause, .. } = &mut self {
            *cause = "the value is not shown".to_owned();
        }
        if let ParamError::Type { given, .. }
        | ParamError::Range { given, .. }
        | ParamError::Choices { given, .. } = &mut self
        {
            *given = SECRET.to_owned();
        }
        self
    }

    fn mismatch(name: &str, ty: &str, arg: &Arg, cause: &dyn Display) -> ParamError {
        let (name, ty) = (name.to_owned(), ty.to_owned());
        let error = ParamError::Type {
            name,
            ty,
            given: excerpt(&arg.to_string()).into_owned(),
            cause: excerpt_ends(&cause.to_string()).into_owned(),
        };
        match arg {
            Arg::Secret(_) => error.hidden(),
            Arg::Json(_) | Arg::Text(_) => error,
        }
    }
}

/// What an argument consists of, secret or not.
enum Plain<'a> {
    Json(&'a serde_json::Value),
    Text(&'a str),
}

impl Plain<'_> {
    /// # Errors
    /// If the argument is a secret without a value.
    fn of<'a>(name: &str, ty: &str, arg: &'a Arg) -> Result<Plain<'a>, ParamError> {
        match arg {
            Arg::Json(json) => Ok(Plain::Json(json)),
            Arg::Text(text) | Arg::Secret(Secret(Some(text))) => Ok(Plain::Text(text)),
            Arg::Secret(Secret(None)) => Err(ParamError::Unrecorded {
                name: name.to_owned(),
                ty: ty.to_owned(),
            }),
        }
    }
}

/// Converts an argument. A text is tried as JSON first, then as a string.
///
/// # Errors
/// If it cannot be converted to a `T`.
///
/// ```
/// use autotest_core::{Arg, decode};
/// assert_eq!(decode::<u64>("mb", "u64", &Arg::Text("64".into())), Ok(64));
/// assert_eq!(decode::<String>("disk", "String", &Arg::Text("64".into())), Ok("64".to_owned()));
/// let error = decode::<u64>("mb", "u64", &Arg::Text("many".into())).unwrap_err();
/// assert!(error.to_string().starts_with("parameter `mb` takes a value of type `u64`, not `many`"));
/// ```
pub fn decode<T: DeserializeOwned>(name: &str, ty: &str, arg: &Arg) -> Result<T, ParamError> {
    let value = match Plain::of(name, ty, arg)? {
        Plain::Json(json) => serde_json::from_value(json.clone()),
        // Not `from_str`: everything else is read from bytes, and a second reader would be 10 KB of code.
        Plain::Text(text) => serde_json::from_slice(text.as_bytes()).or_else(|as_json| {
            let as_text = serde_json::from_value(serde_json::Value::String(text.to_owned()));
            as_text.map_err(|as_text| match is_meant_as_json(text) {
                true => as_json,
                false => as_text,
            })
        }),
    };
    value.map_err(|error| ParamError::mismatch(name, ty, arg, &error))
}

/// Whether a text is JSON, or begins like a JSON object, list or string.
fn is_meant_as_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[', '"'])
        || serde_json::from_slice::<IgnoredAny>(text.as_bytes()).is_ok()
}

/// Converts the text of an argument with a function of the author (`#[param(with = f)]`).
///
/// # Errors
/// The error of `f`.
pub fn with<T, E: Display>(
    name: &str,
    ty: &str,
    arg: &Arg,
    f: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, ParamError> {
    let text = match Plain::of(name, ty, arg)? {
        Plain::Text(text) => text.to_owned(),
        Plain::Json(serde_json::Value::String(text)) => text.clone(),
        Plain::Json(json) => json_text(json),
    };
    f(&text).map_err(|error| ParamError::mismatch(name, ty, arg, &error))
}

/// Refuses a value outside `range`.
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
        given: excerpt(&format!("{value:?}")).into_owned(),
    })
}

/// Refuses a value that is not one of `choices`.
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
        given: excerpt(&format!("{value:?}")).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "it is only read")]
    struct Net {
        host: String,
        port: u16,
    }

    #[track_caller]
    fn check<T: DeserializeOwned + Debug>(text: &str, expected: &str) {
        let error = decode::<T>("net", "Net", &Arg::Text(text.to_owned())).unwrap_err();
        let error = error.to_string();
        let prefix = "parameter `net` takes a value of type `Net`, not ";
        assert_eq!(error.strip_prefix(prefix), Some(expected));
    }

    #[test]
    fn what_is_wrong_with_json_is_said_of_json() {
        check::<Net>(
            r#"{"host":"x","port":99999}"#,
            "`{\"host\":\"x\",\"port\":99999}`: invalid value: integer `99999`, expected u16 at line 1 column 24",
        );
        check::<Net>(
            r#"{"host":"x"}"#,
            "`{\"host\":\"x\"}`: missing field `port` at line 1 column 12",
        );
        check::<Net>(
            r#" {"host":"x","port":1"#,
            "` {\"host\":\"x\",\"port\":1`: EOF while parsing an object at line 1 column 21",
        );
        check::<u8>(
            "300",
            "`300`: invalid value: integer `300`, expected u8 at line 1 column 3",
        );
        check::<u8>(
            "[1]",
            "`[1]`: invalid type: sequence, expected u8 at line 1 column 0",
        );
    }

    #[test]
    fn what_is_wrong_with_a_text_is_said_of_the_text() {
        check::<u8>("many", "`many`: invalid type: string \"many\", expected u8");
        check::<u8>(
            "true story",
            "`true story`: invalid type: string \"true story\", expected u8",
        );
        check::<u8>("", "``: invalid type: string \"\", expected u8");
    }

    #[test]
    fn a_long_argument_is_cut() {
        let text = "x".repeat(100_000);
        let error = decode::<u8>("n", "u8", &Arg::Text(text))
            .unwrap_err()
            .to_string();
        assert!(error.len() < 500, "{error}");
        assert!(error.contains("[cut: 100000 bytes in all]"), "{error}");
        assert!(error.ends_with("\", expected u8"), "{error}");
        let long = vec![0; 100_000];
        let error = in_choices("n", "Vec", &long, &[vec![1]], "[1]")
            .unwrap_err()
            .to_string();
        assert!(error.len() < 500, "{error}");
    }
}

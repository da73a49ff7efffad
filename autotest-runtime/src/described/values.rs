//! Checks values by the name of a parameter's type, unless the type is the author's own.

use std::fmt::Debug;
use std::path::PathBuf;

use autotest_core::{Arg, ParamDef, ParamError, decode, duration, in_choices, in_range, with};
use serde::de::DeserializeOwned;

use super::literals::{Literal, range};

/// `true` if [`check`] finds every mistake that the binary would find.
pub(super) fn are_known(param: &ParamDef) -> bool {
    match of(param) {
        Some((row, _)) => (row.are_limits_known)(param),
        None => false,
    }
}

/// Checks an argument if the type is known. The messages are those of the code that the macro generates.
pub(super) fn check(param: &ParamDef, arg: &Arg) -> Result<(), ParamError> {
    match of(param) {
        Some((row, Optional(true))) => (row.check_optional)(param, arg),
        Some((row, Optional(false))) => (row.check)(param, arg),
        None => Ok(()),
    }
}

/// `true` if the type is `Option<T>`.
struct Optional(bool);

/// A type, by the names that authors write for it.
struct Row {
    names: &'static [&'static str],
    check: Check,
    check_optional: Check,
    are_limits_known: fn(&ParamDef) -> bool,
}

type Check = fn(&ParamDef, &Arg) -> Result<(), ParamError>;

macro_rules! row {
    ($type:ty: $($name:literal),+) => {
        Row {
            names: &[$($name),+],
            check: |param, arg| within::<$type>(param, Some(read::<$type>(param, arg)?)),
            check_optional: |param, arg| within(param, read::<Option<$type>>(param, arg)?),
            are_limits_known: |param| Limits::<$type>::of(param).is_some(),
        }
    };
}

/// The types whose values can be checked.
const TYPES: &[Row] = &[
    row!(u8: "u8"),
    row!(u16: "u16"),
    row!(u32: "u32"),
    row!(u64: "u64"),
    row!(u128: "u128"),
    row!(usize: "usize"),
    row!(i8: "i8"),
    row!(i16: "i16"),
    row!(i32: "i32"),
    row!(i64: "i64"),
    row!(i128: "i128"),
    row!(isize: "isize"),
    row!(f32: "f32"),
    row!(f64: "f64"),
    row!(bool: "bool"),
    row!(char: "char"),
    row!(String: "String", "&str"),
    row!(PathBuf: "PathBuf", "std::path::PathBuf", "&Path"),
    row!(Vec<String>: "Vec<String>", "&[String]"),
    row!(Vec<u32>: "Vec<u32>", "&[u32]"),
    row!(Vec<u64>: "Vec<u64>", "&[u64]"),
    row!(Vec<f64>: "Vec<f64>", "&[f64]"),
    DURATION,
];

/// Durations are parsed from a text such as `1.5s`.
const DURATION: Row = Row {
    names: &["Duration", "std::time::Duration"],
    check: |param, arg| with(param.name, param.ty, arg, duration).map(drop),
    check_optional: |param, arg| with(param.name, param.ty, arg, duration).map(drop),
    are_limits_known: |param| param.range.is_none() && param.choices.is_empty(),
};

/// The type of a parameter, unless a function of the author parses it.
fn of(param: &ParamDef) -> Option<(&'static Row, Optional)> {
    if param.with.is_some() {
        return None;
    }
    let inner = param.ty.strip_prefix("Option<");
    let inner = inner.and_then(|inner| inner.strip_suffix('>'));
    let name = inner.unwrap_or(param.ty).trim();
    let row = TYPES.iter().find(|row| row.names.contains(&name))?;
    Some((row, Optional(inner.is_some())))
}

fn read<T: DeserializeOwned>(param: &ParamDef, arg: &Arg) -> Result<T, ParamError> {
    decode(param.name, param.ty, arg)
}

/// The limits of a parameter.
struct Limits<T> {
    range: Option<(std::ops::Bound<T>, std::ops::Bound<T>)>,
    choices: Vec<T>,
}

impl<T: Literal> Limits<T> {
    /// `None` if they are not all literals.
    fn of(param: &ParamDef) -> Option<Limits<T>> {
        let range = match param.range {
            Some(text) => Some(range(text)?),
            None => None,
        };
        let choices = param.choices.iter().map(|choice| T::of_text(choice));
        Some(Limits {
            range,
            choices: choices.collect::<Option<_>>()?,
        })
    }
}

fn within<T: Literal + PartialOrd + Debug>(
    param: &ParamDef,
    value: Option<T>,
) -> Result<(), ParamError> {
    let (Some(value), Some(limits)) = (value, Limits::<T>::of(param)) else {
        return Ok(());
    };
    let (name, ty) = (param.name, param.ty);
    if let (Some(range), Some(text)) = (limits.range, param.range) {
        in_range(name, ty, &value, &range, text)?;
    }
    match limits.choices.is_empty() {
        true => Ok(()),
        false => in_choices(name, ty, &value, &limits.choices, &param.choices.join(", ")),
    }
}

//! The arguments of the default `execute`.

use crate::constraint::Constraint;
use crate::context::TestContext;
use crate::excerpt::{excerpt, excerpt_ends};
use crate::keyval;
use crate::outcome::TestResult;
use crate::params::{Arg, Args, ParamError};
use crate::value::Value;

/// The arguments of the default `execute`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExecuteArgs {
    /// The number of iterations: 1 by default, none for 0 or less.
    pub iterations: Option<i64>,
    /// Iterate until this many seconds have passed, ignoring `iterations`; at least once if positive.
    pub test_length: Option<f64>,
    /// Run every iteration under the profilers; the job's default if `None`.
    pub profile_only: Option<bool>,
    /// Whether `postprocess_iteration` follows the profiled run; the test's option if `None`.
    pub postprocess_profiled_run: Option<bool>,
    /// Constraints in addition to those of the test's definition.
    pub constraints: Vec<String>,
}

impl ExecuteArgs {
    /// Reads them from a run's arguments.
    ///
    /// # Errors
    /// If one has the wrong type.
    ///
    /// ```
    /// use autotest_core::{Args, ExecuteArgs};
    /// let args = ExecuteArgs::parse(&Args::new().with("iterations", 3)).unwrap();
    /// assert_eq!(args.iterations, Some(3));
    /// let error = ExecuteArgs::parse(&Args::new().with("iterations", "many")).unwrap_err();
    /// assert!(error.to_string().starts_with("parameter `iterations` takes a value of type"));
    /// ```
    pub fn parse(args: &Args) -> Result<ExecuteArgs, ParamError> {
        Ok(ExecuteArgs {
            iterations: read(args, "iterations", "whole number", integer)?,
            test_length: read(args, "test_length", "number of seconds", float)?
                .filter(|length| *length != 0.0),
            profile_only: boolean(args, "profile_only")?,
            postprocess_profiled_run: boolean(args, "postprocess_profiled_run")?,
            constraints: read(args, "constraints", "list of texts", texts)?.unwrap_or_default(),
        })
    }

    /// The arguments of a run, with defaults from the test's definition.
    pub(crate) fn of(cx: &TestContext) -> TestResult<ExecuteArgs> {
        let mut args = ExecuteArgs::parse(&cx.args)?;
        args.iterations = args.iterations.or(cx.def.meta.iterations.map(i64::from));
        Ok(args)
    }
}

/// Every mistake in the framework's arguments, in constraints and in names that can be found before the run.
pub fn check_arguments(args: &Args) -> Vec<ParamError> {
    let mut errors: Vec<ParamError> = boolean(args, "run_cleanup").err().into_iter().collect();
    match ExecuteArgs::parse(args) {
        Ok(args) => errors.extend(args.constraints.into_iter().filter_map(unparsable)),
        Err(error) => errors.push(error),
    }
    errors.extend(read(args, "test_attributes", "object", map).err());
    let names = args.iter().map(|(name, _)| name);
    errors.extend(names.filter_map(|name| {
        let error = keyval::check_key(name, None).err()?;
        Some(ParamError::Name {
            name: excerpt(name).into_owned(),
            cause: excerpt_ends(&error.to_string()).into_owned(),
        })
    }));
    errors
}

fn unparsable(text: String) -> Option<ParamError> {
    let cause = Constraint::parse(&text).err()?.to_string();
    Some(ParamError::Constraint { text, cause })
}

fn map(value: &Value) -> Option<()> {
    matches!(value, Value::Map(_)).then_some(())
}

/// Reads a boolean.
fn boolean(args: &Args, name: &str) -> Result<Option<bool>, ParamError> {
    read(args, name, "true or false", |_| truth(args.arg(name)?))
}

/// Whether an argument is true. A JSON value is truthy as in Python. A text must be `true` or `false`, since Python
/// would treat even `False` as true.
pub(super) fn truth(arg: &Arg) -> Option<bool> {
    match (arg, arg.value()) {
        (Arg::Text(_), Value::Str(text)) => match text.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        },
        (_, value) => Some(value.is_truthy()),
    }
}

fn read<T>(
    args: &Args,
    name: &str,
    ty: &str,
    convert: impl FnOnce(&Value) -> Option<T>,
) -> Result<Option<T>, ParamError> {
    let Some(arg) = args.arg(name) else {
        return Ok(None);
    };
    match arg.value() {
        Value::None => Ok(None),
        value => match convert(&value) {
            Some(number) => Ok(Some(number)),
            None => Err(ParamError::Type {
                name: name.to_owned(),
                ty: ty.to_owned(),
                given: arg.to_string(),
                cause: format!("it is {}", value.repr()),
            }),
        },
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => i64::try_from(*number).ok(),
        Value::Bool(flag) => Some(i64::from(*flag)),
        _ => None,
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(number) => Some(*number),
        other => integer(other).map(|number| number as f64),
    }
}

fn texts(value: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| match value {
        Value::Str(text) => Some(text.clone()),
        _ => None,
    };
    match value {
        Value::List(values) => values.iter().map(text).collect(),
        single => text(single).map(|text| vec![text]),
    }
}

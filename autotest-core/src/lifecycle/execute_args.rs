//! The arguments that the default `execute` takes for itself.

use crate::context::TestContext;
use crate::outcome::TestResult;
use crate::params::{Arg, Args, ParamError};
use crate::value::Value;

/// The arguments of the default `execute`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExecuteArgs {
    /// How many iterations; 1 if nobody says, none for 0 or less.
    pub iterations: Option<i64>,
    /// Iterate until this many seconds have passed, instead; at least once if positive.
    pub test_length: Option<f64>,
    /// Profile every iteration and nothing else; the job's default if `None`.
    pub profile_only: Option<bool>,
    /// Whether `postprocess_iteration` follows the profiled run; the test's own word if `None`.
    pub postprocess_profiled_run: Option<bool>,
    /// Constraints beside those of the test's definition.
    pub constraints: Vec<String>,
}

impl ExecuteArgs {
    /// Reads them out of a run's arguments.
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
        let truth = |name| {
            args.arg(name)
                .map(Arg::value)
                .filter(|value| *value != Value::None)
        };
        Ok(ExecuteArgs {
            iterations: read(args, "iterations", "whole number", whole)?,
            test_length: read(args, "test_length", "number of seconds", real)?
                .filter(|length| *length != 0.0),
            profile_only: truth("profile_only").map(|value| value.is_truthy()),
            postprocess_profiled_run: truth("postprocess_profiled_run")
                .map(|value| value.is_truthy()),
            constraints: read(args, "constraints", "list of texts", texts)?.unwrap_or_default(),
        })
    }

    /// Those of a run, with what the test's definition says where the run says nothing.
    pub(crate) fn of(cx: &TestContext) -> TestResult<ExecuteArgs> {
        let mut args = ExecuteArgs::parse(&cx.args)?;
        args.iterations = args.iterations.or(cx.def.iterations.map(i64::from));
        Ok(args)
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

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => i64::try_from(*number).ok(),
        Value::Bool(truth) => Some(i64::from(*truth)),
        _ => None,
    }
}

fn real(value: &Value) -> Option<f64> {
    match value {
        Value::Float(number) => Some(*number),
        other => whole(other).map(|number| number as f64),
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

//! The steps in which generated functions compute the values of parameters.

use std::rc::Rc;

use autotest_core::{Arg, Args, Bind, Binding, Failure, ParamError, Phase, TestResult};

/// A generated function that parses an argument.
type Read<T> = fn(&'static str, &Arg) -> Result<T, ParamError>;

/// The value of the argument `name`, if that was given.
///
/// # Errors
/// If it is not a value of the parameter's type.
pub fn given<T>(binding: &Binding<'_>, name: &'static str, read: Read<T>) -> TestResult<Option<T>> {
    Ok(binding
        .args
        .arg(name)
        .map(|arg| read(name, arg))
        .transpose()?)
}

/// Reports that a required parameter was not given.
///
/// # Errors
/// Always.
pub fn missing<T>(name: &str, ty: &str) -> TestResult<T> {
    Err(Failure::from(ParamError::missing(name, ty)))
}

/// Returns the value if it is within its limits.
///
/// # Errors
/// The error of `limits`.
pub fn within<T>(
    name: &'static str,
    value: T,
    limits: fn(&'static str, &T) -> Result<(), ParamError>,
) -> Result<T, ParamError> {
    limits(name, &value).map(|()| value)
}

/// Hides the value of a secret in its error.
///
/// # Errors
/// The error of `result`.
pub fn hidden<T>(result: Result<T, ParamError>) -> Result<T, ParamError> {
    result.map_err(ParamError::hidden)
}

/// Computes the values of a control function's parameters.
///
/// # Errors
/// If an argument is missing or wrong.
pub fn bound<T: 'static>(bind: Bind, args: &Args) -> TestResult<Rc<T>> {
    let mut binding = Binding {
        phase: Phase::Execute,
        args: args.clone(),
        case_index: 0,
        context: None,
    };
    match bind(&mut binding)? {
        Some(bound) => bound.values(),
        None => Err(Failure::foreign("ParameterError", "no parameters")),
    }
}

/// Computes the values of the parameters of a profiler's step.
///
/// # Errors
/// If an argument is missing or wrong.
#[cfg(feature = "profilers")]
pub fn bound_in<T: 'static>(bind: Bind, phase: Phase, args: &Args) -> TestResult<Rc<T>> {
    let mut binding = Binding {
        phase,
        args: args.clone(),
        case_index: 0,
        context: None,
    };
    match bind(&mut binding)? {
        Some(bound) => bound.values(),
        None => Err(Failure::foreign("ParameterError", "no parameters")),
    }
}

/// The arguments that the phase does not declare, for its catch-all parameter.
pub fn rest(args: &Args, declared: &[&str]) -> Args {
    args.filtered(&|name| !declared.contains(&name))
}

/// The argument for a default that is a string literal.
pub fn text(text: &str) -> Arg {
    Arg::Text(text.to_owned())
}

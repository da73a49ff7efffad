//! Makes the values of parameters; the steps that every generated function takes.

use autotest_core::{Arg, Args, Binding, Failure, ParamError, TestResult};

/// How a generated function reads an argument.
type Read<T> = fn(&'static str, &Arg) -> Result<T, ParamError>;

/// The argument `name`, if it was given.
///
/// # Errors
/// If it is no value of the parameter.
pub fn given<T>(binding: &Binding<'_>, name: &'static str, read: Read<T>) -> TestResult<Option<T>> {
    Ok(binding
        .args
        .arg(name)
        .map(|arg| read(name, arg))
        .transpose()?)
}

/// A required parameter was not given.
///
/// # Errors
/// Always.
pub fn missing<T>(name: &str, ty: &str) -> TestResult<T> {
    Err(Failure::from(ParamError::missing(name, ty)))
}

/// The value, if its limits allow it.
///
/// # Errors
/// What `limits` says.
pub fn within<T>(
    name: &'static str,
    value: T,
    limits: fn(&'static str, &T) -> Result<(), ParamError>,
) -> Result<T, ParamError> {
    limits(name, &value).map(|()| value)
}

/// The arguments that the phase does not declare itself.
pub fn rest(args: &Args, declared: &[&str]) -> Args {
    args.filtered(&|name| !declared.contains(&name))
}

/// An argument, as a default in quotes gives it.
pub fn text(text: &str) -> Arg {
    Arg::Text(text.to_owned())
}

//! What an expansion requires of an author's types. Each requirement is a trait whose error message says what
//! to write.
//!
//! Each is implemented for every type that has the underlying trait. Without them, compiler errors would name
//! that trait, and bounds in code that the author has never seen.

use autotest_core::{Arg, ParamError, Phases, TestContext, TestResult, decode};
use serde::de::DeserializeOwned;

/// The type of an `impl` test without `fn new`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a test, but nothing says how to create one",
    label = "it has neither `Default` nor `fn new`",
    note = "write `#[derive(Default)]` above the type, or `fn new() -> Self` into this block"
)]
pub trait Made: Sized {
    /// Creates the test.
    fn made() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Default> Made for T {
    fn made() -> T {
        T::default()
    }
}

/// The constructor for a test without `fn new`.
///
/// # Errors
/// Never.
pub fn by_default<T: Made + Phases + 'static>(_: &mut TestContext) -> TestResult<Box<dyn Phases>> {
    Ok(Box::new(T::made()))
}

/// The type of a parameter without `#[param(with = …)]`.
#[diagnostic::on_unimplemented(
    message = "a parameter of type `{Self}` cannot be read from an argument",
    label = "it is not `Deserialize`",
    note = "write `#[derive(Clone, serde::Deserialize)]` above the type, or give the parameter a function that reads \
            text: `#[param(with = function)]`"
)]
pub trait Argument: Sized {
    /// Reads the value of the parameter `name` from an argument. `ty` is the type's name for messages.
    ///
    /// # Errors
    /// If the argument is not a value of this type.
    fn read(name: &str, ty: &str, arg: &Arg) -> Result<Self, ParamError>;
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> Argument for T {
    fn read(name: &str, ty: &str, arg: &Arg) -> Result<T, ParamError> {
        decode(name, ty, arg)
    }
}

/// Reads the value of a parameter from an argument.
///
/// # Errors
/// If the argument is not a `T`.
pub fn argument<T: Argument>(name: &str, ty: &str, arg: &Arg) -> Result<T, ParamError> {
    T::read(name, ty, arg)
}

/// The type of a parameter without `#[param(with = …)]`, for which a string literal is given.
#[diagnostic::on_unimplemented(
    message = "a literal in quotes needs `From<{L}>`, which `{Self}` does not implement",
    label = "not a value of type `{Self}`",
    note = "write an expression of type `{Self}`, or give the parameter a function that reads text: \
            `#[param(with = function)]`"
)]
pub trait FromLiteral<L>: Sized {
    /// Converts the literal.
    fn from_literal(literal: L) -> Self;
}

#[diagnostic::do_not_recommend]
impl<L, T: From<L>> FromLiteral<L> for T {
    fn from_literal(literal: L) -> T {
        T::from(literal)
    }
}

/// Converts a string literal.
pub fn literal<L, T: FromLiteral<L>>(literal: L) -> T {
    T::from_literal(literal)
}

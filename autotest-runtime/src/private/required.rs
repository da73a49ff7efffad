//! What an expansion requires of an author's types, each as a trait that can say what to write.
//!
//! Each holds wherever the trait does that does the work. The compiler would speak of that one, and of bounds in
//! code that its author never saw.

use autotest_core::{Arg, ParamError, Phases, TestContext, TestResult, decode};
use serde::de::DeserializeOwned;

/// An `impl` test without `fn new`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a test, and nothing says how to make one",
    label = "it has neither `Default` nor `fn new`",
    note = "write `#[derive(Default)]` above the type, or `fn new() -> Self` into this block"
)]
pub trait Made: Sized {
    /// Makes one.
    fn made() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Default> Made for T {
    fn made() -> T {
        T::default()
    }
}

/// The constructor of a test without `fn new`.
///
/// # Errors
/// Never.
pub fn by_default<T: Made + Phases + 'static>(_: &mut TestContext) -> TestResult<Box<dyn Phases>> {
    Ok(Box::new(T::made()))
}

/// The type of a parameter without a reader of its own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a parameter, and nothing says how to read one from an argument",
    label = "it is not `Deserialize`",
    note = "write `#[derive(Clone, serde::Deserialize)]` above the type, or give the parameter a function that reads \
            a text: `#[param(with = function)]`"
)]
pub trait Argument: Sized {
    /// Reads one.
    ///
    /// # Errors
    /// If the argument is none.
    fn read(name: &str, ty: &str, arg: &Arg) -> Result<Self, ParamError>;
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> Argument for T {
    fn read(name: &str, ty: &str, arg: &Arg) -> Result<T, ParamError> {
        decode(name, ty, arg)
    }
}

/// Reads an argument.
///
/// # Errors
/// If it is no `T`.
pub fn argument<T: Argument>(name: &str, ty: &str, arg: &Arg) -> Result<T, ParamError> {
    T::read(name, ty, arg)
}

/// The type of a parameter with a literal in quotes for a value, and without a reader of its own.
#[diagnostic::on_unimplemented(
    message = "a value in quotes becomes `{Self}` only by `From<{L}>`, which it does not have",
    label = "not a value of type `{Self}`",
    note = "write an expression of type `{Self}`, or give the parameter a function that reads a text: \
            `#[param(with = function)]`"
)]
pub trait FromLiteral<L>: Sized {
    /// Converts one.
    fn from_literal(literal: L) -> Self;
}

#[diagnostic::do_not_recommend]
impl<L, T: From<L>> FromLiteral<L> for T {
    fn from_literal(literal: L) -> T {
        T::from(literal)
    }
}

/// Converts a literal in quotes.
pub fn literal<L, T: FromLiteral<L>>(literal: L) -> T {
    T::from_literal(literal)
}

//! From whatever an author's function returns to a [`TestResult`](autotest_core::TestResult).
//!
//! Coherence allows no one trait for `()`, for errors and for what only derefs to one, so the method
//! is looked up by autoref: the receiver has one `&` more for each level, and the compiler takes the
//! first level whose bounds hold. Nothing here runs but one conversion.

use std::fmt::Debug;
use std::marker::PhantomData;

/// The type of a returned value, on which [`levels`] are tried.
#[derive(Debug)]
pub struct Returned<T>(PhantomData<T>);

impl<T> Returned<T> {
    /// The type of this value.
    pub fn of(_: &T) -> Returned<T> {
        Returned(PhantomData)
    }
}

/// Makes a `TestResult` of what a test returned, and classifies its error.
#[doc(hidden)]
#[macro_export]
macro_rules! __conclude {
    ($returned:expr) => {
        match $returned {
            value => {
                use $crate::__private::levels::*;
                (&&&&&&&&$crate::__private::Returned::of(&value)).__autotest_conclude(value)
            }
        }
    };
}

/// What can be returned, most specific first.
pub mod levels {
    use std::error::Error;

    use autotest_core::{Failure, TestResult, class_of};

    use super::{Debug, Returned};

    /// What can be concluded from. One trait for all levels: a trait of its own for each would be a
    /// candidate at each.
    pub trait IsReturned<R, T> {
        /// Converts the value.
        ///
        /// # Errors
        /// The one that was returned.
        fn __autotest_conclude(&self, returned: R) -> TestResult<T>;
    }

    macro_rules! level {
        (
            [$($refs:tt)*]: ($($generics:tt)*) $from:ty => $to:ty, |$value:ident| $made:expr
        ) => {
            impl<$($generics)*> IsReturned<$from, $to> for $($refs)* Returned<$from> {
                fn __autotest_conclude(&self, $value: $from) -> TestResult<$to> {
                    $made
                }
            }
        };
    }

    level! {
        [&&&&&&&]: () () => (), |value| Ok(value)
    }
    // A failure that `?` made.
    level! {
        [&&&&&&]: (T) Result<T, Failure> => T, |result| result
    }
    level! {
        [&&&&&]: (T, E: Error + 'static) Result<T, E> => T,
        |result| result.map_err(|error| Failure::from_error(&error, &class_of::<E>(), None))
    }
    // What leads to an error: `anyhow::Error`, `eyre::Report`, `Box<dyn Error>`.
    level! {
        [&&&&]: (T, E: AsRef<dyn Error>) Result<T, E> => T,
        |result| result.map_err(|error| Failure::from_error(error.as_ref(), &class_of::<E>(), None))
    }
    // `Box<dyn Error + Send + Sync>`
    level! {
        [&&&]: (T, E: AsRef<dyn Error + Send + Sync>) Result<T, E> => T,
        |result| result.map_err(|error| Failure::from_error(error.as_ref(), &class_of::<E>(), None))
    }
    // What becomes an error: `String`, `&str`.
    level! {
        [&&]: (T, E: Into<Box<dyn Error + Send + Sync>>) Result<T, E> => T,
        |result| result.map_err(|error| {
            Failure::from_error(&*error.into(), &class_of::<E>(), None)
        })
    }
    // Anything that can at least be shown.
    level! {
        [&]: (T, E: Debug) Result<T, E> => T,
        |result| result.map_err(|error| {
            // Not `Failure::foreign`, which takes the line that it is called from: this one.
            let shown: Box<dyn Error + Send + Sync> = format!("{error:?}").into();
            Failure::from_error(&*shown, &class_of::<E>(), None)
        })
    }

    /// What cannot be returned: the last level takes it to say so.
    #[diagnostic::on_unimplemented(
        message = "a test returns `()` or `Result<(), E>`, not `{Self}`",
        label = "can not say how the test ended",
        note = "an `E` is any error, or at least `Debug`"
    )]
    pub trait Conclusion {}

    /// Everything else.
    pub trait IsNothing<R> {
        /// Never compiles.
        ///
        /// # Errors
        /// None.
        fn __autotest_conclude<T>(&self, returned: R) -> TestResult<T>
        where
            R: Conclusion;
    }

    impl<R> IsNothing<R> for Returned<R> {
        fn __autotest_conclude<T>(&self, _: R) -> TestResult<T>
        where
            R: Conclusion,
        {
            unreachable!("nothing is a `Conclusion`")
        }
    }
}

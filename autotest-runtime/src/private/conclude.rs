//! Converts the return value of an author's function to a [`TestResult`](autotest_core::TestResult).
//!
//! Coherence does not allow one trait for `()`, for errors and for types that only deref to an error, so the
//! method is looked up by autoref specialisation: the receiver has one more `&` for each level, and the
//! compiler takes the first level whose bounds hold. At run time, only one conversion is left.

use std::fmt::Debug;
use std::marker::PhantomData;

/// A marker with the type of the returned value, which selects the conversion in [`levels`].
#[derive(Debug)]
pub struct Returned<T>(PhantomData<T>);

impl<T> Returned<T> {
    /// The marker for this value.
    pub fn of(_: &T) -> Returned<T> {
        Returned(PhantomData)
    }
}

/// Converts what a test returned to a `TestResult`, and classifies its error.
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

/// The types that can be returned, most specific first.
pub mod levels {
    use std::error::Error;

    use autotest_core::{Failure, TestResult, class_of};

    use super::{Debug, Returned};

    /// A type that can be converted. All levels share one trait: if each had its own, all of them would be
    /// candidates at each level.
    pub trait IsReturned<R, T> {
        /// Converts the returned value.
        ///
        /// # Errors
        /// The returned error.
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
    // A failure, which `?` creates in a function that returns `TestResult`.
    level! {
        [&&&&&&]: (T) Result<T, Failure> => T, |result| result
    }
    level! {
        [&&&&&]: (T, E: Error + 'static) Result<T, E> => T,
        |result| result.map_err(|error| Failure::from_error(&error, &class_of::<E>(), None))
    }
    // Types that refer to an error: `anyhow::Error`, `eyre::Report`, `Box<dyn Error>`.
    level! {
        [&&&&]: (T, E: AsRef<dyn Error>) Result<T, E> => T,
        |result| result.map_err(|error| Failure::from_error(error.as_ref(), &class_of::<E>(), None))
    }
    // `Box<dyn Error + Send + Sync>`
    level! {
        [&&&]: (T, E: AsRef<dyn Error + Send + Sync>) Result<T, E> => T,
        |result| result.map_err(|error| Failure::from_error(error.as_ref(), &class_of::<E>(), None))
    }
    // Types that convert to an error: `String`, `&str`.
    level! {
        [&&]: (T, E: Into<Box<dyn Error + Send + Sync>>) Result<T, E> => T,
        |result| result.map_err(|error| {
            Failure::from_error(&*error.into(), &class_of::<E>(), None)
        })
    }
    // Any other type that is `Debug`.
    level! {
        [&]: (T, E: Debug) Result<T, E> => T,
        |result| result.map_err(|error| {
            // Not `Failure::foreign`, which would record this line as the place.
            let shown: Box<dyn Error + Send + Sync> = format!("{error:?}").into();
            Failure::from_error(&*shown, &class_of::<E>(), None)
        })
    }

    /// Implemented by no type: the last level requires it, to print this message.
    #[diagnostic::on_unimplemented(
        message = "a test returns `()` or `Result<(), E>`, not `{Self}`",
        label = "this does not tell how the test ended",
        note = "`E` is any error type, or at least `Debug`"
    )]
    pub trait Conclusion {}

    /// The last level: any type that cannot be returned.
    pub trait IsNothing<R> {
        /// Never compiles, since no type is a [`Conclusion`].
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

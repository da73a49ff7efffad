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

    macro_rules! level {
        (
            $(#[$doc:meta])*
            $name:ident of [$($refs:tt)*]: ($($generics:tt)*) $from:ty => $to:ty,
            |$value:ident| $made:expr
        ) => {
            $(#[$doc])*
            pub trait $name<R, T> {
                /// Converts the value.
                ///
                /// # Errors
                /// The one that was returned.
                fn __autotest_conclude(&self, returned: R) -> TestResult<T>;
            }

            impl<$($generics)*> $name<$from, $to> for $($refs)* Returned<$from> {
                fn __autotest_conclude(&self, $value: $from) -> TestResult<$to> {
                    $made
                }
            }
        };
    }

    level! {
        /// `()`
        IsUnit of [&&&&&&&]: () () => (), |value| Ok(value)
    }
    level! {
        /// A failure that `?` made.
        IsFailure of [&&&&&&]: (T) Result<T, Failure> => T, |result| result
    }
    level! {
        /// An error.
        IsError of [&&&&&]: (T, E: Error + 'static) Result<T, E> => T,
        |result| result.map_err(|error| Failure::from_error(&error, &class_of::<E>(), None))
    }
    level! {
        /// What leads to an error: `anyhow::Error`, `eyre::Report`, `Box<dyn Error>`.
        LeadsToError of [&&&&]: (T, E: AsRef<dyn Error>) Result<T, E> => T,
        |result| result.map_err(|error| Failure::from_error(error.as_ref(), &class_of::<E>(), None))
    }
    level! {
        /// `Box<dyn Error + Send + Sync>`
        LeadsToSendError of [&&&]: (T, E: AsRef<dyn Error + Send + Sync>) Result<T, E> => T,
        |result| result.map_err(|error| Failure::from_error(error.as_ref(), &class_of::<E>(), None))
    }
    level! {
        /// What becomes an error: `String`, `&str`.
        BecomesError of [&&]: (T, E: Into<Box<dyn Error + Send + Sync>>) Result<T, E> => T,
        |result| result.map_err(|error| {
            Failure::from_error(&*error.into(), &class_of::<E>(), None)
        })
    }
    level! {
        /// Anything that can at least be shown.
        IsShown of [&]: (T, E: Debug) Result<T, E> => T,
        |result| result.map_err(|error| Failure::foreign(class_of::<E>(), format!("{error:?}")))
    }

    /// What can not be returned: the last level takes it to say so.
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

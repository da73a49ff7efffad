//! Results that a test returns.

use std::error::Error;
use std::fmt;
use std::panic::Location;

use super::Kind;

/// A result that a test returns as an error.
///
/// It is an ordinary error: it can be wrapped with context, boxed, or passed through `anyhow`. The result
/// inside is still found, because it is the last `source()` of the chain.
///
/// ```
/// use autotest_core::{Failure, Kind, TestError};
/// let error = TestError::not_applicable("no such disk");
/// assert_eq!(error.to_string(), "no such disk");
/// assert_eq!(error.kind(), Some(Kind::NotApplicable));
/// ```
pub struct TestError(Box<Record>);

/// The result at the end of a [`TestError`]'s source chain.
#[derive(Debug)]
pub(super) struct Record {
    /// `None` if the phase decides, as for a foreign error.
    pub(super) kind: Option<Kind>,
    /// The class of a foreign error; empty for none.
    pub(super) class: &'static str,
    reason: String,
    pub(super) location: &'static Location<'static>,
}

macro_rules! said {
    ($($(#[$doc:meta])* $name:ident => $kind:ident;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(reason: impl Into<String>) -> TestError {
            TestError::new(Kind::$kind, reason)
        }
    )*};
}

impl TestError {
    said! {
        /// The thing under test is broken: FAIL.
        fail => Fail;
        /// The test could not do its work: ERROR.
        error => Error;
        /// The test does not apply to this target: TEST_NA.
        not_applicable => NotApplicable;
        /// The test passed, but something needs attention: WARN.
        warn => Warn;
        /// FAIL, but another attempt may pass. The iteration is repeated at most `test_retry` times.
        retry => Retry;
        /// The whole job must end: ABORT, and no further test starts.
        abort_job => AbortJob;
    }

    /// An error of any kind.
    #[track_caller]
    pub fn new(kind: Kind, reason: impl Into<String>) -> TestError {
        TestError(Box::new(Record::new(Some(kind), "", reason.into())))
    }

    /// The failure of a helper: FAIL in the body of a test, and ERROR around it, like a foreign error, but the
    /// reason is as it is.
    ///
    /// ```
    /// use autotest_core::{Failure, Kind, TestError};
    /// let failed = || Failure::from(TestError::unclassified("`fio` exited with 1"));
    /// let verdict = failed().classify(true);
    /// assert_eq!((verdict.kind, verdict.reason.as_str()), (Kind::Fail, "`fio` exited with 1"));
    /// assert_eq!(failed().classify(false).kind, Kind::Error);
    /// ```
    #[track_caller]
    pub fn unclassified(reason: impl Into<String>) -> TestError {
        TestError(Box::new(Record::new(None, "", reason.into())))
    }

    /// An invalid call of the library. The original raised a ValueError, which is FAIL or ERROR depending on
    /// the phase. Conformance: `perf-chart-too-long-fails-test`.
    #[track_caller]
    pub(crate) fn refused(error: impl fmt::Display) -> TestError {
        TestError(Box::new(Record::new(
            None,
            REFUSED_CLASS,
            error.to_string(),
        )))
    }

    /// The same error with another location: the place where the library was called.
    pub(crate) fn at(mut self, location: &'static Location<'static>) -> TestError {
        self.0.location = location;
        self
    }

    /// The kind; `None` if it is FAIL or ERROR depending on the phase.
    pub fn kind(&self) -> Option<Kind> {
        self.0.kind
    }

    /// The reason.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }
}

impl Record {
    #[track_caller]
    fn new(kind: Option<Kind>, class: &'static str, reason: String) -> Record {
        Record {
            kind,
            class,
            reason,
            location: Location::caller(),
        }
    }
}

/// The class of a refused call of the library, as in the original.
const REFUSED_CLASS: &str = "ValueError";

impl fmt::Display for TestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

impl fmt::Debug for TestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "TestError({} {:?} at {})",
            self.0,
            self.reason(),
            self.0.location
        )
    }
}

impl Error for TestError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Some(kind) => write!(f, "{}", kind.status()),
            None => f.write_str(self.class),
        }
    }
}

impl Error for Record {}

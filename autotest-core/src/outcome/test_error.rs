//! What a test says.

use std::error::Error;
use std::fmt;
use std::panic::Location;

use super::Kind;

/// What a test says of its own result.
///
/// It is an ordinary error: put context around it, box it, hand it through `anyhow`; the verdict
/// inside is still found, because it is the last `source()` of the chain.
///
/// ```
/// use autotest_core::{Failure, Kind, TestError};
/// let error = TestError::not_applicable("no such disk");
/// assert_eq!(error.to_string(), "no such disk");
/// assert_eq!(error.kind(), Some(Kind::NotApplicable));
/// ```
pub struct TestError(Box<Record>);

/// The verdict at the end of a [`TestError`]'s source chain.
#[derive(Debug)]
pub(super) struct Record {
    /// `None` for a call that the library refuses: FAIL or ERROR by the phase, like a foreign error.
    pub(super) kind: Option<Kind>,
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
        /// The test passed, but somebody should look: WARN.
        warn => Warn;
        /// FAIL, but another try may pass (at most the job's `test_retry` times).
        retry => Retry;
        /// ABORT, and no further test of the job starts.
        abort_job => AbortJob;
    }

    /// An error of any kind.
    #[track_caller]
    pub fn new(kind: Kind, reason: impl Into<String>) -> TestError {
        TestError(Box::new(Record::new(Some(kind), reason.into())))
    }

    /// A call of the library that its caller got wrong. The original raised a ValueError there, which
    /// is FAIL or ERROR by the phase. Conformance: `perf-chart-too-long-fails-test`.
    #[track_caller]
    pub(crate) fn refused(error: impl fmt::Display) -> TestError {
        TestError(Box::new(Record::new(None, error.to_string())))
    }

    /// The same error, said somewhere else: where a call of the library stands.
    pub(crate) fn at(mut self, location: &'static Location<'static>) -> TestError {
        self.0.location = location;
        self
    }

    /// What the test says; `None` if the library refused a call, which is FAIL or ERROR by the phase.
    pub fn kind(&self) -> Option<Kind> {
        self.0.kind
    }

    /// Why.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }
}

impl Record {
    #[track_caller]
    fn new(kind: Option<Kind>, reason: String) -> Record {
        Record {
            kind,
            reason,
            location: Location::caller(),
        }
    }
}

/// The class under which a refused call of the library is reported: the original's.
pub(super) const REFUSED_CLASS: &str = "ValueError";

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
            None => f.write_str(REFUSED_CLASS),
        }
    }
}

impl Error for Record {}

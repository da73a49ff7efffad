//! What a test says ([`TestError`]), what went wrong in it ([`Failure`]), and what becomes of that
//! ([`Verdict`]).
//!
//! Two error types, because coherence does not let one type be an `Error` and be made from every
//! error by `?`. This module must not know who calls a test.

use std::error::Error;
use std::fmt;
use std::panic::Location;

use crate::status::Status;

/// What a phase, a hook or a free test returns.
///
/// `?` turns any error into a [`Failure`] and records the line.
///
/// ```
/// use autotest_core::TestResult;
/// fn node_exists() -> TestResult {
///     std::fs::metadata("/dev/null")?;
///     Ok(())
/// }
/// # node_exists().unwrap();
/// ```
pub type TestResult<T = (), E = Failure> = Result<T, E>;

/// How a test ended if it did not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Kind {
    /// The thing under test is broken (`TestFail`).
    Fail,
    /// The test could not do its work (`TestError`).
    Error,
    /// The test does not apply here (`TestNAError`).
    NotApplicable,
    /// The test passed but noticed something (`TestWarn`).
    Warn,
    /// Like `Fail`, but another try may pass (`TestFailRetry`).
    Retry,
    /// The whole job must end (`JobError`).
    AbortJob,
}

impl Kind {
    /// The status that the log shows for this kind.
    pub const fn status(self) -> Status {
        match self {
            Kind::Fail | Kind::Retry => Status::Fail,
            Kind::Error => Status::Error,
            Kind::NotApplicable => Status::TestNa,
            Kind::Warn => Status::Warn,
            Kind::AbortJob => Status::Abort,
        }
    }
}

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
struct Record {
    /// `None` for a call that the library refuses: FAIL or ERROR by the phase, like a foreign error.
    kind: Option<Kind>,
    reason: String,
    location: &'static Location<'static>,
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
            None => f.write_str(REFUSED_CLASS),
        }
    }
}

impl Error for Record {}

/// What went wrong in a test's code, not yet classified.
///
/// Not an `Error` itself, so that every error converts into it by `?`. An error that nobody
/// classified becomes FAIL or ERROR by the phase that it came from.
///
/// ```
/// use autotest_core::{Failure, Kind};
/// let failure = Failure::from(std::io::Error::other("gone"));
/// let verdict = failure.classify(true);
/// assert_eq!((verdict.kind, verdict.unhandled), (Kind::Fail, true));
/// assert_eq!(verdict.reason, "Unhandled io::Error: gone");
/// ```
pub struct Failure(Box<Cause>);

struct Cause {
    /// What the test said; `None` for an error that is not a [`TestError`].
    said: Option<Kind>,
    /// The type of a foreign error, `panic` for a panic.
    class: String,
    reason: String,
    location: Option<String>,
    backtrace: Option<String>,
    /// Whether a verdict that was already given was one of an unhandled error.
    unhandled: bool,
}

impl Failure {
    /// A verdict of the default `execute`, on its way through an own one: nothing of it changes.
    pub(crate) fn from_verdict(verdict: Verdict) -> Failure {
        let Verdict {
            kind,
            reason,
            unhandled,
            location,
            backtrace,
        } = verdict;
        let class = String::new();
        Failure(Box::new(Cause {
            said: Some(kind),
            class,
            reason,
            location,
            backtrace,
            unhandled,
        }))
    }

    /// An error that is not the test's own word: its class (a type name) and its text.
    #[track_caller]
    pub fn foreign(class: impl Into<String>, reason: impl Into<String>) -> Failure {
        let location = Some(Location::caller().to_string());
        let (class, reason) = (class.into(), reason.into());
        Failure(Box::new(Cause {
            said: None,
            class,
            reason,
            location,
            backtrace: None,
            unhandled: false,
        }))
    }

    /// A panic, with what the panic hook knows of it.
    pub fn panic(reason: String, location: Option<String>, backtrace: Option<String>) -> Failure {
        let class = "panic".to_owned();
        Failure(Box::new(Cause {
            said: None,
            class,
            reason,
            location,
            backtrace,
            unhandled: false,
        }))
    }

    /// The failure that an error stands for: the verdict at the end of its chain, or a foreign error
    /// of class `class`.
    pub fn from_error(
        error: &(dyn Error + 'static),
        class: &str,
        location: Option<String>,
    ) -> Failure {
        let mut reason = String::new();
        let mut record = None;
        let mut next = Some(error);
        while let Some(link) = next {
            match link.downcast_ref::<Record>() {
                Some(found) => record = Some(found),
                None => add_link(&mut reason, &link.to_string()),
            }
            next = link.source();
        }
        let (said, class, location) = match record {
            Some(r) => (r.kind, REFUSED_CLASS, Some(r.location.to_string())),
            None => (None, class, location),
        };
        Failure(Box::new(Cause {
            said,
            class: class.to_owned(),
            reason,
            location,
            backtrace: None,
            unhandled: false,
        }))
    }

    /// The verdict. `in_test_body` says whether a foreign error is FAIL (in `warmup`, `execute` and
    /// everything inside it) or ERROR (elsewhere). Conformance: topic `phase-failure`.
    pub fn classify(self, in_test_body: bool) -> Verdict {
        let Cause {
            said,
            class,
            reason,
            location,
            backtrace,
            unhandled,
        } = *self.0;
        let kind = said.unwrap_or(if in_test_body {
            Kind::Fail
        } else {
            Kind::Error
        });
        let reason = match said {
            Some(_) => reason,
            None => format!("Unhandled {class}: {reason}"),
        };
        Verdict {
            kind,
            reason,
            unhandled: unhandled || said.is_none(),
            location,
            backtrace,
        }
    }
}

/// Appends a link of an error chain, unless the link before it already ends with its text.
fn add_link(reason: &mut String, link: &str) {
    if !reason.is_empty() {
        if reason.ends_with(link) {
            return;
        }
        reason.push_str(": ");
    }
    reason.push_str(link);
}

impl<E> From<E> for Failure
where
    E: Into<Box<dyn Error + Send + Sync>> + 'static,
{
    #[track_caller]
    fn from(error: E) -> Failure {
        let location = Some(Location::caller().to_string());
        let error: Box<dyn Error + Send + Sync> = error.into();
        Failure::from_error(&*error, &class_of::<E>(), location)
    }
}

#[cfg(feature = "anyhow")]
impl From<Failure> for anyhow::Error {
    fn from(failure: Failure) -> anyhow::Error {
        let Cause {
            said,
            class,
            reason,
            ..
        } = *failure.0;
        match said {
            Some(kind) => TestError::new(kind, reason).into(),
            None => anyhow::anyhow!("{class}: {reason}"),
        }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.said {
            Some(kind) => write!(f, "{}: {}", kind.status(), self.0.reason)?,
            None => write!(f, "{}: {}", self.0.class, self.0.reason)?,
        }
        self.0
            .location
            .iter()
            .try_for_each(|location| write!(f, " ({location})"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.reason)
    }
}

/// The name under which a foreign error of type `E` is reported: short, but `io::Error` and not just
/// `Error`; plain `error` for erased types.
pub fn class_of<E: ?Sized>() -> String {
    let path = std::any::type_name::<E>();
    let erased = ["anyhow::", "eyre::", "&", "alloc::", "dyn "];
    if path.contains('<') || erased.iter().any(|prefix| path.starts_with(prefix)) {
        return "error".to_owned();
    }
    let mut names = path.rsplit("::");
    let last = names.next().unwrap_or(path);
    match names.find(|name| *name != "error") {
        Some(module) if last == "Error" => format!("{module}::{last}"),
        _ => last.to_owned(),
    }
}

/// The classified end of a run that did not pass.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Verdict {
    /// How it ended.
    pub kind: Kind,
    /// Why; the message of the status line.
    pub reason: String,
    /// Whether it was a foreign error or a panic that the test did not handle.
    pub unhandled: bool,
    /// Where in the source, as `file:line:column`.
    pub location: Option<String>,
    /// The backtrace of a panic, where backtraces are on.
    pub backtrace: Option<String>,
}

impl Verdict {
    /// A verdict that the framework itself gives.
    pub fn new(kind: Kind, reason: impl Into<String>) -> Verdict {
        Verdict {
            kind,
            reason: reason.into(),
            unhandled: false,
            location: None,
            backtrace: None,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.status(), self.reason)
    }
}

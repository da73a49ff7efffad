//! What a test says ([`TestError`]), what went wrong in it ([`Failure`]), and what becomes of that
//! ([`Verdict`]).
//!
//! Two error types, because coherence does not let one type be an `Error` and be made from every
//! error by `?`. This module must not know who calls a test.

mod failure;
mod test_error;

use std::fmt;

use crate::status::Status;

pub use failure::{Failure, class_of};
pub use test_error::TestError;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// It was interrupted with its job, by a signal, a crash or a reboot. Only a supervisor says this.
    CutOff,
}

impl Kind {
    /// The status that the log shows for this kind.
    pub const fn status(self) -> Status {
        match self {
            Kind::Fail | Kind::Retry => Status::Fail,
            Kind::Error => Status::Error,
            Kind::NotApplicable => Status::TestNa,
            Kind::Warn => Status::Warn,
            Kind::AbortJob | Kind::CutOff => Status::Abort,
        }
    }
}

/// The classified end of a run that did not pass.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
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

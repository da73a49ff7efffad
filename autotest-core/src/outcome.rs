//! The result of a test: the error that it returns ([`TestError`]), any error before it is classified
//! ([`Failure`]), and the classified end of a run ([`Verdict`]).
//!
//! There are two error types, because coherence does not allow one type to be an `Error` and to be
//! convertible from every error by `?`. This module must not know who calls a test.

mod failure;
mod several;
mod test_error;

use std::fmt;

use crate::status::Status;

pub use failure::{Failure, class_of};
pub use test_error::TestError;

/// The return type of phases, hooks and test functions.
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

/// The kind of a verdict: how a test ended that did not pass.
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
    /// Like `Fail`, but another attempt may pass (`TestFailRetry`).
    Retry,
    /// The whole job must end (`JobError`).
    AbortJob,
    /// The test was interrupted with its job, by a signal, a crash or a reboot. Only a supervisor gives this
    /// verdict.
    CutOff,
}

impl Kind {
    /// The status for this kind in the status log.
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

/// The result of a run that did not pass.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Verdict {
    /// The kind.
    pub kind: Kind,
    /// The reason, which is the message of the status line.
    pub reason: String,
    /// Whether it is a foreign error or a panic that the test did not handle.
    pub unhandled: bool,
    /// The place in the source, as `file:line:column`.
    pub location: Option<String>,
    /// The backtrace of a panic, if backtraces are enabled.
    pub backtrace: Option<String>,
}

impl Verdict {
    /// A verdict of the framework itself.
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

/// How a run ended.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RunResult {
    /// The status.
    pub status: Status,
    /// The verdict; `None` if the test passed.
    pub verdict: Option<Verdict>,
    /// The output directory relative to the job's; empty if it could not be created.
    pub subdir: String,
}

impl RunResult {
    /// The result of a run with this verdict.
    pub fn new(verdict: Option<Verdict>, subdir: impl Into<String>) -> RunResult {
        let kind = verdict.as_ref().map(|verdict| verdict.kind);
        RunResult {
            status: kind.map_or(Status::Good, Kind::status),
            verdict,
            subdir: subdir.into(),
        }
    }

    /// Whether the test passed: its status is GOOD.
    pub fn is_good(&self) -> bool {
        self.status == Status::Good
    }

    /// The reason of a verdict; empty if the test passed.
    pub fn reason(&self) -> &str {
        self.verdict.as_ref().map_or("", |verdict| &verdict.reason)
    }
}

impl fmt::Display for RunResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.verdict {
            Some(verdict) => verdict.fmt(f),
            None => self.status.fmt(f),
        }
    }
}

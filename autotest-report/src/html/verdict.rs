//! The verdict of a run in a word, which is also the name of its colour.

use autotest_core::status::Status;

use crate::digest::RunDigest;
use crate::runs::Grade;

/// A verdict as the page shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shown {
    Fail,
    Error,
    Abort,
    Warn,
    Known,
    Skip,
    Pass,
}

impl Shown {
    /// Worst first.
    pub(super) const ALL: [Shown; 7] = [
        Shown::Fail,
        Shown::Error,
        Shown::Abort,
        Shown::Warn,
        Shown::Known,
        Shown::Skip,
        Shown::Pass,
    ];

    pub(super) fn of(run: &RunDigest) -> Shown {
        match run.status() {
            Status::Error => Shown::Error,
            Status::Abort => Shown::Abort,
            Status::Fail => Shown::Fail,
            Status::Warn => Shown::Warn,
            Status::TestNa => Shown::Skip,
            _ if run.grade == Grade::Failed => Shown::Fail,
            _ if run.known_failure.is_some() => Shown::Known,
            _ => Shown::Pass,
        }
    }

    /// The word in the table; also the class in the style sheet.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Shown::Fail => "fail",
            Shown::Error => "error",
            Shown::Abort => "abort",
            Shown::Warn => "warn",
            Shown::Known => "known",
            Shown::Skip => "skip",
            Shown::Pass => "pass",
        }
    }

    /// The word in a count.
    pub(super) const fn counted(self) -> &'static str {
        match self {
            Shown::Fail => "failed",
            Shown::Error => "in error",
            Shown::Abort => "aborted",
            Shown::Warn => "warned",
            Shown::Known => "failed as known",
            Shown::Skip => "skipped",
            Shown::Pass => "passed",
        }
    }
}

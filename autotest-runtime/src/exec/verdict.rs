//! Decides a run's verdict from the end of its process and the outcome that it sent before.

use std::time::Duration;

use autotest_core::{INTERRUPTED, Kind, Verdict};

use super::unix::Change;

/// Why the supervisor ended a process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cause {
    /// The test exceeded this timeout.
    Timeout(Duration),
    /// The job exceeded this time limit.
    JobTimeout(Duration),
    /// The process was stopped by this signal, and nothing would have continued it.
    Stopped(i32),
    /// This signal interrupted the job.
    Interrupted(i32),
    /// The test that waited for it ended.
    Parent,
    /// The control function that requested it ended.
    Control,
}

/// What the supervisor knows about an ended process.
#[derive(Debug)]
pub(super) struct End<'a> {
    pub(super) change: Change,
    pub(super) cause: Option<Cause>,
    /// The outcome that the test sent; `None` if it sent none.
    pub(super) outcome: Option<&'a Option<Verdict>>,
    /// Problems that make a pass a WARN: leaked processes, too many events.
    pub(super) flaws: &'a [String],
    /// The place where it crashed, such as `in net::ping at tests/net.rs:12`; empty if it did not, or the place is
    /// unknown.
    #[cfg(feature = "crash-handler")]
    pub(super) place: &'a str,
}

impl End<'_> {
    /// `true` if the lifecycle did not complete, so that `cleanup` may not have run.
    pub(super) fn is_abnormal(&self) -> bool {
        self.outcome.is_none()
    }

    /// `true` if the test passed, so that the verdict is made of the flaws. Any other verdict does not mention them.
    pub(super) fn is_pass(&self) -> bool {
        let has_passed = matches!(self.outcome, Some(None));
        has_passed && self.cause.is_none() && matches!(self.change, Change::Exited(0))
    }

    /// The verdict; `None` is a pass.
    pub(super) fn verdict(&self) -> Option<Verdict> {
        if let Some(cause) = self.cause {
            return Some(ended(cause));
        }
        match (self.outcome, self.change) {
            (None, Change::Exited(status)) => Some(error(format!(
                "ended without an outcome: exit status {status}"
            ))),
            (None, change) => Some(error(self.ended_by(change))),
            (Some(Some(verdict)), Change::Exited(0)) => Some(verdict.clone()),
            (Some(Some(verdict)), _) if verdict.kind.status().is_failure() => Some(verdict.clone()),
            (Some(Some(verdict)), change) => Some(error(format!(
                "reported {verdict}, but then {}",
                self.ended_by(change)
            ))),
            (Some(None), Change::Exited(0)) => self.flawed(),
            (Some(None), change) => {
                Some(error(format!("passed, but then {}", self.ended_by(change))))
            }
        }
    }

    /// Describes the end of the process, and the place of a crash.
    fn ended_by(&self, change: Change) -> String {
        let ended = ended_by(change);
        #[cfg(feature = "crash-handler")]
        if !self.place.is_empty() {
            return format!("{ended} {}", self.place);
        }
        ended
    }

    fn flawed(&self) -> Option<Verdict> {
        let verdict = || Verdict::new(Kind::Warn, self.flaws.join("; "));
        (!self.flaws.is_empty()).then(verdict)
    }
}

fn error(reason: String) -> Verdict {
    Verdict::new(Kind::Error, reason)
}

fn ended(cause: Cause) -> Verdict {
    match cause {
        Cause::Timeout(timeout) => error(format!("timed out after {timeout:?}")),
        Cause::JobTimeout(time) => error(format!(
            "ended: the job exceeded its time limit of {time:?}"
        )),
        Cause::Stopped(libc::SIGTTIN | libc::SIGTTOU) => {
            error("tried to use the terminal".to_owned())
        }
        Cause::Stopped(signal) => error(format!("was stopped by {}", signal_name(signal))),
        Cause::Interrupted(signal) => Verdict {
            kind: Kind::CutOff,
            ..error(format!("{INTERRUPTED}{}", signal_name(signal)))
        },
        Cause::Parent => error("the test that waited for it ended".to_owned()),
        Cause::Control => Verdict {
            kind: Kind::CutOff,
            ..error(format!("{INTERRUPTED}the end of the control function"))
        },
    }
}

fn ended_by(change: Change) -> String {
    match change {
        Change::Exited(status) => format!("exited with status {status}"),
        Change::Killed(signal) => format!("killed by {}", signal_name(signal)),
        Change::Stopped(signal) => format!("stopped by {}", signal_name(signal)),
    }
}

/// Formats a signal: its number, its name, and its usual meaning. The table has the signals that end tests.
pub(crate) fn signal_name(signal: i32) -> String {
    const NAMES: &[(i32, &str)] = &[
        (libc::SIGHUP, "SIGHUP"),
        (libc::SIGINT, "SIGINT"),
        (libc::SIGQUIT, "SIGQUIT"),
        (libc::SIGILL, "SIGILL, an illegal instruction"),
        (libc::SIGTRAP, "SIGTRAP"),
        (libc::SIGABRT, "SIGABRT, an abort"),
        (libc::SIGBUS, "SIGBUS, a bus error"),
        (libc::SIGFPE, "SIGFPE, an arithmetic error"),
        (libc::SIGKILL, "SIGKILL"),
        (libc::SIGSEGV, "SIGSEGV, a segfault or stack overflow"),
        (libc::SIGPIPE, "SIGPIPE"),
        (libc::SIGALRM, "SIGALRM"),
        (libc::SIGTERM, "SIGTERM"),
        (libc::SIGXCPU, "SIGXCPU, too much CPU time"),
        (libc::SIGXFSZ, "SIGXFSZ, a file too large"),
        (libc::SIGSYS, "SIGSYS, a forbidden system call"),
        (libc::SIGSTOP, "SIGSTOP"),
        (libc::SIGTSTP, "SIGTSTP"),
    ];
    match NAMES.iter().find(|(number, _)| *number == signal) {
        Some((number, name)) => format!("signal {number} ({name})"),
        None => format!("signal {signal}"),
    }
}

//! The conclusion of a job: whether a test failed, and why it stopped early, if it did.

use std::fs;
use std::time::Duration;

use autotest_core::{Event, INTERRUPTED, Status};

use super::Unfinished;
use super::job::{ExecOptions, Job};
use super::verdict::signal_name;
use crate::exit::Exit;

/// The result of the runs so far.
#[derive(Debug, Default)]
pub(crate) struct Conclusion {
    has_failures: bool,
    stop_reason: Option<StopReason>,
    /// `true` if the first failure ends the job.
    fail_fast: bool,
    /// `true` if WARN is a failure.
    is_strict: bool,
}

/// Why no further test starts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StopReason {
    /// This signal ended the job.
    Interrupted(i32),
    /// This test ended the job (ABORT).
    AbortedBy(String),
    /// The journal could not be written as durably as `--sync` demands.
    NotDurable,
    /// The job exceeded this time limit.
    OutOfTime(Duration),
    /// A test failed under `--fail-fast`.
    Failed,
    /// The control function failed, or broke a rule.
    Control(String),
    /// The control function asked for a reboot of the target.
    Reboot,
}

impl Conclusion {
    pub(crate) fn new(options: &ExecOptions, has_failures: bool) -> Conclusion {
        let mut conclusion = Conclusion {
            fail_fast: options.fail_fast,
            is_strict: options.is_strict,
            ..Conclusion::default()
        };
        conclusion.fail(has_failures);
        conclusion
    }

    /// Takes the result of a planned test into account.
    pub(crate) fn add(&mut self, test: &str, status: Status) {
        if status == Status::Abort {
            self.stop(StopReason::AbortedBy(test.to_owned()));
        }
        self.fail(status.fails(self.is_strict));
    }

    fn fail(&mut self, has_failed: bool) {
        self.has_failures |= has_failed;
        if has_failed && self.fail_fast {
            self.stop(StopReason::Failed);
        }
    }

    /// Prevents further tests from starting. The first reason is kept, except that a signal replaces any other.
    pub(crate) fn stop(&mut self, stop_reason: StopReason) {
        if self.stop_reason.is_none() || matches!(stop_reason, StopReason::Interrupted(_)) {
            self.stop_reason = Some(stop_reason);
        }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stop_reason.is_some()
    }

    /// Whether a signal ended the job: the sender waits for this process.
    pub(crate) fn is_interrupted(&self) -> bool {
        matches!(self.stop_reason, Some(StopReason::Interrupted(_)))
    }

    /// The job's last event.
    pub(crate) fn job_end(&self) -> Event {
        let (status, reason) = match &self.stop_reason {
            None => (Status::Good, String::new()),
            Some(stop_reason) => (Status::Abort, stop_reason.reason()),
        };
        Event::JobEnd { status, reason }
    }

    /// The exit code. `is_written` is `true` if all results were written.
    pub(crate) fn exit(&self, is_written: bool) -> Exit {
        match self.stop_reason {
            Some(StopReason::Interrupted(signal)) => Exit::Interrupted(signal),
            Some(StopReason::Reboot) => Exit::Reboot,
            _ if !is_written => Exit::Results,
            Some(
                StopReason::AbortedBy(_)
                | StopReason::OutOfTime(_)
                | StopReason::Failed
                | StopReason::Control(_),
            ) => Exit::Failed,
            Some(StopReason::NotDurable) => Exit::Results,
            None if self.has_failures => Exit::Failed,
            None => Exit::Passed,
        }
    }

    /// Ends a run that was interrupted together with its job, after its cleanup.
    pub(crate) fn end_unfinished(&mut self, job: &Job, unfinished: Unfinished) {
        let Unfinished {
            number,
            run,
            verdict,
            is_final,
            parent,
            directories,
            ..
        } = unfinished;
        let _ = fs::remove_dir_all(&directories.tmpdir);
        let subdir = run.name.subdir;
        let end = match is_final {
            false => Event::Attempt { subdir, verdict },
            true => Event::TestEnd {
                status: verdict.kind.status(),
                verdict: Some(verdict),
                elapsed_s: 0.0,
            },
        };
        job.send(number, end);
        self.fail(is_final && parent.is_none());
    }
}

/// `true` if a job that ended for this reason is to be continued, since it was ended prematurely.
pub(crate) fn is_to_be_continued(reason: &str) -> bool {
    reason.starts_with(INTERRUPTED)
        || [StopReason::NotDurable, StopReason::Reboot]
            .map(|it| it.reason())
            .iter()
            .any(|it| it == reason)
}

impl StopReason {
    fn reason(&self) -> String {
        match self {
            StopReason::Interrupted(signal) => format!("{INTERRUPTED}{}", signal_name(*signal)),
            StopReason::AbortedBy(test) => format!("{test} ended the job"),
            StopReason::NotDurable => "the journal cannot be written".to_owned(),
            StopReason::OutOfTime(time) => format!("the job exceeded its time limit of {time:?}"),
            StopReason::Failed => "a test failed".to_owned(),
            StopReason::Control(reason) => reason.clone(),
            StopReason::Reboot => "the target reboots; `--resume` continues the job".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(reasons: &[StopReason]) -> Conclusion {
        let mut conclusion = Conclusion::default();
        reasons
            .iter()
            .for_each(|stop_reason| conclusion.stop(stop_reason.clone()));
        conclusion
    }

    #[test]
    fn a_signal_wins_and_else_the_first_reason() {
        let out_of_time = StopReason::OutOfTime(Duration::from_secs(5));
        let job = ended(&[out_of_time.clone(), StopReason::Failed]);
        assert_eq!(job.stop_reason, Some(out_of_time.clone()));
        assert_eq!(job.exit(true), Exit::Failed);
        let job = ended(&[out_of_time, StopReason::Interrupted(15)]);
        assert_eq!(job.exit(false), Exit::Interrupted(15));
    }

    #[test]
    fn a_job_that_something_else_ended_is_to_be_continued() {
        for stopped in [
            StopReason::Interrupted(15),
            StopReason::NotDurable,
            StopReason::Reboot,
        ] {
            assert!(is_to_be_continued(&stopped.reason()), "{stopped:?}");
        }
        for stopped in [
            StopReason::AbortedBy("a".to_owned()),
            StopReason::OutOfTime(Duration::from_secs(5)),
            StopReason::Failed,
            StopReason::Control("it failed".to_owned()),
        ] {
            assert!(!is_to_be_continued(&stopped.reason()), "{stopped:?}");
        }
        assert!(!is_to_be_continued(""));
    }

    #[test]
    fn what_is_not_written_outweighs_what_failed() {
        assert_eq!(ended(&[StopReason::Failed]).exit(false), Exit::Results);
        assert_eq!(ended(&[StopReason::NotDurable]).exit(true), Exit::Results);
        assert_eq!(ended(&[]).exit(true), Exit::Passed);
    }
}

//! How a job ended: whether a test failed, and why it stopped before all runs were done.

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
    over: Option<Over>,
    /// Whether the first failure ends the job.
    fail_fast: bool,
    /// Whether WARN is a failure.
    is_strict: bool,
}

/// Why no further test starts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Over {
    /// This signal ended the job.
    Interrupted(i32),
    /// This test ended the job (ABORT).
    AbortedBy(String),
    /// The journal could not be written as durably as `--sync` demands.
    Unsafe,
    /// The job exceeded this time limit.
    OutOfTime(Duration),
    /// A test failed under `--fail-fast`.
    Failed,
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

    /// Adds the result of a planned test.
    pub(crate) fn add(&mut self, test: &str, status: Status) {
        if status == Status::Abort {
            self.end(Over::AbortedBy(test.to_owned()));
        }
        self.fail(status.fails(self.is_strict));
    }

    fn fail(&mut self, has_failed: bool) {
        self.has_failures |= has_failed;
        if has_failed && self.fail_fast {
            self.end(Over::Failed);
        }
    }

    /// No further test starts. The first reason counts, except that a signal replaces any other.
    pub(crate) fn end(&mut self, over: Over) {
        if self.over.is_none() || matches!(over, Over::Interrupted(_)) {
            self.over = Some(over);
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over.is_some()
    }

    /// Whether a signal ended the job: the sender waits for this process.
    pub(crate) fn is_interrupted(&self) -> bool {
        matches!(self.over, Some(Over::Interrupted(_)))
    }

    /// The job's last event.
    pub(crate) fn job_end(&self) -> Event {
        let (status, reason) = match &self.over {
            None => (Status::Good, String::new()),
            Some(over) => (Status::Abort, over.reason()),
        };
        Event::JobEnd { status, reason }
    }

    /// The exit code. `is_written` is whether all results were written.
    pub(crate) fn exit(&self, is_written: bool) -> Exit {
        match self.over {
            Some(Over::Interrupted(signal)) => Exit::Interrupted(signal),
            _ if !is_written => Exit::Results,
            Some(Over::AbortedBy(_) | Over::OutOfTime(_) | Over::Failed) => Exit::Failed,
            Some(Over::Unsafe) => Exit::Results,
            None if self.has_failures => Exit::Failed,
            None => Exit::Passed,
        }
    }

    /// Ends a run that was interrupted with its job, after its cleanup.
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

impl Over {
    fn reason(&self) -> String {
        match self {
            Over::Interrupted(signal) => format!("{INTERRUPTED}{}", signal_name(*signal)),
            Over::AbortedBy(test) => format!("{test} ended the job"),
            Over::Unsafe => "the journal cannot be written".to_owned(),
            Over::OutOfTime(time) => format!("the job exceeded its time limit of {time:?}"),
            Over::Failed => "a test failed".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(overs: &[Over]) -> Conclusion {
        let mut conclusion = Conclusion::default();
        overs.iter().for_each(|over| conclusion.end(over.clone()));
        conclusion
    }

    #[test]
    fn a_signal_wins_and_else_the_first_reason() {
        let out_of_time = Over::OutOfTime(Duration::from_secs(5));
        let job = ended(&[out_of_time.clone(), Over::Failed]);
        assert_eq!(job.over, Some(out_of_time.clone()));
        assert_eq!(job.exit(true), Exit::Failed);
        let job = ended(&[out_of_time, Over::Interrupted(15)]);
        assert_eq!(job.exit(false), Exit::Interrupted(15));
    }

    #[test]
    fn what_is_not_written_outweighs_what_failed() {
        assert_eq!(ended(&[Over::Failed]).exit(false), Exit::Results);
        assert_eq!(ended(&[Over::Unsafe]).exit(true), Exit::Results);
        assert_eq!(ended(&[]).exit(true), Exit::Passed);
    }
}

//! One profiler of a run: its current request and time limits.

use std::time::Duration;

use autotest_core::{ProfilerStep, excerpt};

use crate::exec::process::Process;
use crate::exec::profiled::function;
use crate::exec::unix::Change;
use crate::exec::verdict::{Cause, signal_name};
use crate::exec::wire::ProfilerRequest;

/// The time limits of a profiler's functions.
const LIMITS: [(&str, Duration); 6] = [
    ("initialize", Duration::from_secs(10)),
    ("setup", Duration::from_secs(600)),
    ("before_start", Duration::from_secs(10)),
    ("start", Duration::from_secs(10)),
    ("stop", Duration::from_secs(10)),
    ("report", Duration::from_secs(60)),
];

/// The functions whose time limit the author of a profiler may change.
const LONG: [&str; 2] = ["setup", "report"];

/// The time limit of each function once the job is to end.
const LIMIT_AT_THE_END: Duration = Duration::from_secs(2);

/// A profiler and its process.
#[derive(Debug)]
pub(in crate::exec) struct Member {
    pub(in crate::exec) process: Process,
    /// The mark of the processes that it starts.
    pub(in crate::exec) mark: String,
    /// The function that it is executing, from the request to the answer.
    pub(super) doing: Option<String>,
    pub(super) progress: Progress,
    /// The time limit of each function in [`LONG`], if its author sets one.
    timeout: Option<Duration>,
    /// `true` if the job is to end, which shortens time limits.
    is_urgent: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Progress {
    Idle,
    Started,
    Stopped,
    /// It failed, and its process has been killed.
    Out,
}

impl Member {
    /// A profiler that has done nothing yet. `timeout` is the limit that its author sets, if any.
    pub(in crate::exec) fn new(
        process: Process,
        mark: String,
        timeout: Option<Duration>,
    ) -> Member {
        Member {
            process,
            mark,
            timeout,
            doing: None,
            progress: Progress::Idle,
            is_urgent: false,
        }
    }

    /// `true` if it has anything to do in this step.
    pub(super) fn is_concerned(&self, step: ProfilerStep) -> bool {
        match (step, self.progress) {
            (_, Progress::Out) => false,
            (ProfilerStep::BeforeStart | ProfilerStep::Start, _) => true,
            (ProfilerStep::Stop, progress) => progress == Progress::Started,
            (ProfilerStep::Report, progress) => progress == Progress::Stopped,
        }
    }

    pub(super) fn ask(&mut self, request: &ProfilerRequest) {
        self.progress = match request.step {
            ProfilerStep::BeforeStart => self.progress,
            ProfilerStep::Start => Progress::Started,
            ProfilerStep::Stop => Progress::Stopped,
            ProfilerStep::Report => Progress::Idle,
        };
        self.enter(function(request.step));
        self.process.answer(&request.line());
    }

    /// Notes that it entered a function, and sets the time limit.
    pub(super) fn enter(&mut self, function: &str) {
        self.doing = Some(function.to_owned());
        let limit = self.limit(function);
        self.process.limit(match self.is_urgent {
            true => limit.min(LIMIT_AT_THE_END),
            false => limit,
        });
    }

    fn limit(&self, function: &str) -> Duration {
        if let Some(timeout) = self.timeout.filter(|_| LONG.contains(&function)) {
            return timeout;
        }
        let limit = LIMITS.iter().find(|(name, _)| *name == function);
        limit.map_or(LIMIT_AT_THE_END, |(_, limit)| *limit)
    }

    /// Shortens the time limit of each function from now on, including the current one.
    pub(super) fn hurry(&mut self) {
        let was_urgent = std::mem::replace(&mut self.is_urgent, true);
        if self.doing.is_some() && !was_urgent {
            self.process.limit(LIMIT_AT_THE_END);
        }
    }

    /// Ends the request. A profiler that failed before it measured has nothing to report, and is killed. Returns the
    /// name of the function.
    pub(super) fn done(&mut self, is_failed: bool) -> String {
        self.process.unlimited();
        let function = self.doing.take().unwrap_or_default();
        if is_failed && !["stop", "report"].contains(&&*function) {
            self.progress = Progress::Out;
            self.process.kill();
        }
        function
    }

    /// The end of its process, as a text to follow its name.
    pub(super) fn how_it_ended(&self, change: Change) -> String {
        let place = match &self.doing {
            Some(function) => format!(" in `{}`", excerpt(function)),
            None => String::new(),
        };
        match (self.process.cause, change) {
            (Some(Cause::Timeout(limit)), _) => {
                format!(
                    "was ended{place}: it did not return within {} s",
                    limit.as_secs_f64()
                )
            }
            (_, Change::Killed(signal)) => format!("was killed{place} by {}", signal_name(signal)),
            (_, Change::Exited(status)) => format!("exited{place} with status {status}"),
            (_, Change::Stopped(_)) => format!("was stopped{place}"),
        }
    }
}

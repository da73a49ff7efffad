//! Turns the results of a package's tests into the verdict of the package's run.

use std::collections::BTreeMap;
use std::process::ExitStatus;

use autotest_core::{Event, Status, TestError};
use autotest_report::Record;

/// The number of tests that a reason names.
const NAMED: usize = 10;

/// The tests of a package's job so far.
#[derive(Debug, Default)]
pub(super) struct Summary {
    /// The tests in progress, by the number of their run.
    open: BTreeMap<u32, String>,
    /// The tests that ended, in order.
    ended: Vec<(String, Status)>,
    /// The reason why the job was aborted, if it was.
    aborted: Option<String>,
}

impl Summary {
    pub(super) fn note(&mut self, record: &Record) {
        match &record.event {
            Event::TestStart(start) if start.parent.is_none() => {
                self.open.insert(record.run, start.operation.clone());
            }
            Event::TestEnd { status, .. } => {
                let ended = self.open.remove(&record.run);
                self.ended.extend(ended.map(|name| (name, *status)));
            }
            Event::JobEnd { status, reason } if *status != Status::Good => {
                self.aborted = Some(reason.clone());
            }
            _ => {}
        }
    }

    /// The verdict of the package's run, given the exit status of its executable.
    pub(super) fn verdict(self, ended: ExitStatus) -> Result<(), TestError> {
        let lost: Vec<&str> = self.open.values().map(String::as_str).collect();
        if !lost.is_empty() {
            let reason = format!(
                "the package's job ended ({ended}) while it ran {}",
                lost.join(", ")
            );
            return Err(TestError::error(reason));
        }
        let failed = self.of(Status::is_failure);
        let is_error =
            |(_, status): &(String, Status)| status.is_failure() && *status != Status::Fail;
        if !failed.is_empty() {
            let reason = self.reason(&failed, "failed");
            return Err(match self.ended.iter().any(is_error) {
                true => TestError::error(reason),
                false => TestError::fail(reason),
            });
        }
        if let Some(reason) = &self.aborted {
            return Err(TestError::error(format!(
                "the package's job was aborted: {reason}"
            )));
        }
        if !ended.success() {
            let reason = format!("the package's job ended with {ended}: see `debug/stderr`");
            return Err(TestError::error(reason));
        }
        self.passed()
    }

    fn passed(self) -> Result<(), TestError> {
        let warned = self.of(|status| status == Status::Warn);
        match (warned.is_empty(), self.ended.is_empty()) {
            (_, true) => Err(TestError::not_applicable("the package has no test to run")),
            (false, _) => Err(TestError::warn(self.reason(&warned, "ended with WARN"))),
            (true, false) => Ok(()),
        }
    }

    fn of(&self, is: impl Fn(Status) -> bool) -> Vec<&str> {
        let those = self.ended.iter().filter(|(_, status)| is(*status));
        those.map(|(name, _)| name.as_str()).collect()
    }

    fn reason(&self, names: &[&str], what: &str) -> String {
        let (count, all) = (names.len(), self.ended.len());
        let tests = if all == 1 { "test" } else { "tests" };
        let mut reason = format!("{count} of {all} {tests} {what}: ");
        reason.push_str(&names[..count.min(NAMED)].join(", "));
        if count > NAMED {
            reason.push_str(&format!(" and {} more", count - NAMED));
        }
        reason
    }
}

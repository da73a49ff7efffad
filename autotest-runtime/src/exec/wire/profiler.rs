//! The protocol between the supervisor and the process of a profiler: JSON lines over a socket.

use autotest_core::ProfilerStep;
use serde::{Deserialize, Serialize};

use crate::profilers::Mark;

/// A request of the supervisor; one at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::exec) struct ProfilerRequest {
    pub(in crate::exec) step: ProfilerStep,
    /// The iteration that is profiled.
    pub(in crate::exec) iteration: u64,
    /// The process of the test.
    pub(in crate::exec) test_pid: u32,
    /// The parts of the run so far.
    pub(in crate::exec) marks: Vec<Mark>,
}

/// A message of the profiler's process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::exec) enum ProfilerMessage {
    /// The profiler's function of this name is called. There may be several for one request.
    Entered(String),
    /// The request is done.
    Done {
        /// The error of the function that was entered last.
        error: Option<String>,
        /// What the profiler warned of.
        warnings: Vec<String>,
    },
}

impl ProfilerRequest {
    /// The line of this request.
    pub(in crate::exec) fn line(&self) -> Vec<u8> {
        super::line_of(self)
    }
}

impl ProfilerMessage {
    /// The line of this message.
    pub(in crate::exec) fn line(&self) -> Vec<u8> {
        super::line_of(self)
    }
}

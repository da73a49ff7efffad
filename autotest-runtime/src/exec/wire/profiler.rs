//! The protocol between the supervisor and the process of a profiler: JSON lines over a socket.

use autotest_core::ProfilerStep;
use serde::{Deserialize, Serialize};

use crate::profilers::Mark;

/// A request of the supervisor. There is one at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::exec) struct ProfilerRequest {
    pub(in crate::exec) step: ProfilerStep,
    /// The number of the profiled iteration.
    pub(in crate::exec) iteration: u64,
    /// The process id of the test.
    pub(in crate::exec) test_pid: u32,
    /// The parts of the run so far.
    pub(in crate::exec) marks: Vec<Mark>,
}

/// A message from the process of a profiler.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::exec) enum ProfilerMessage {
    /// The profiler's function of this name has been called. A request may call several.
    Entered(String),
    /// The request is complete.
    Done {
        /// The error of the function that was called last.
        error: Option<String>,
        /// The beginnings of the profiler's warnings.
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

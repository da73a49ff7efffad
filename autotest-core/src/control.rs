//! Control functions: what they request of the supervisor, and what it answers.
//!
//! A control function runs in a process of its own. Each of its requests has a [`CallId`], which is the same
//! whenever the function runs again, so that a resumed job answers from its journal. This module only has
//! the values; it must not run anything.

mod call_id;

use serde::{Deserialize, Serialize};

use crate::event::StatusRecord;
use crate::outcome::RunResult;
use crate::params::Args;
use crate::settings::Settings;

pub use call_id::CallId;

/// A request of a control function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Runs a test, and waits for its end.
    Run(RunRequest),
    /// Begins a group or a branch.
    BeginGroup {
        /// Its name.
        name: String,
        /// Whether it is a group or a branch.
        kind: GroupKind,
    },
    /// Ends the group or the branch that began last.
    EndGroup {
        /// The error with which its function ended.
        error: Option<String>,
    },
    /// Begins branches that run at the same time.
    Parallel {
        /// Their names.
        branches: Vec<String>,
    },
    /// Writes a line to the status log.
    Record(StatusRecord),
    /// Returns the value on record; otherwise the function computes one, and [keeps](Request::Keep) it.
    Once {
        /// The name of the value.
        name: String,
    },
    /// Records a value under the call of its [`Request::Once`].
    Keep {
        /// The name of the value.
        name: String,
        /// The value.
        value: serde_json::Value,
    },
    /// Changes the settings for the later runs of the branch.
    Settings(Settings),
    /// Ends this process until the target has rebooted.
    Reboot,
}

/// A request to run a test.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunRequest {
    /// The id of the test.
    pub test: String,
    /// The tag, which is part of the run's name and of its directory's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// A tag that is only part of the directory's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subdir_tag: Option<String>,
    /// The arguments, including the framework's.
    #[serde(skip_serializing_if = "Args::is_empty")]
    pub args: Args,
    /// The timeout in seconds; it wins over the test's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_s: Option<f64>,
    /// How often an iteration may be repeated; it wins over the test's own and the job's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
}

/// What contains several runs of a control function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupKind {
    /// A group of the original (`run_group`): its lines in the status log are between a START and an END.
    Group,
    /// A branch of `parallel`: its lines in the status log are one block.
    Branch,
}

/// What is compared before and after a reboot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetFacts {
    /// The release of the kernel.
    pub kernel: String,
    /// The number of processors.
    pub cpu_count: usize,
    /// The mounted devices, each with its mount point.
    pub mounts: Vec<String>,
}

impl TargetFacts {
    /// The problems of a target that was `before` and is `self` now, in the original's words.
    pub fn problems(&self, before: &TargetFacts) -> Vec<String> {
        let mut problems = Vec::new();
        if self.mounts != before.mounts {
            let missing = |here: &[String], there: &[String]| {
                let missing: Vec<_> = here.iter().filter(|mount| !there.contains(mount)).collect();
                missing
                    .iter()
                    .map(|mount| mount.as_str())
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            problems.push(format!(
                "mounted partitions are different after reboot (old entries: {}; new entries: {})",
                missing(&before.mounts, &self.mounts),
                missing(&self.mounts, &before.mounts)
            ));
        }
        if self.cpu_count != before.cpu_count {
            problems.push(format!(
                "Number of CPUs changed after reboot (old count: {}, new count: {})",
                before.cpu_count, self.cpu_count
            ));
        }
        problems
    }
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is done.
    Done,
    /// The run ended.
    Ran(RunResult),
    /// The value that is on record.
    Value(serde_json::Value),
    /// No value is on record: the function has to compute it.
    Compute,
    /// The request cannot be fulfilled, with the reason. The job goes on if the function does.
    Refused(String),
}

impl Request {
    /// Whether a function that runs again may have sent this request where `earlier` is on record.
    pub fn is_repeated(&self, earlier: &Request) -> bool {
        match (self, earlier) {
            (Request::Once { name }, Request::Keep { name: kept, .. }) => name == kept,
            (request, earlier) => request == earlier,
        }
    }
}

//! The content of events that concern a job as a whole.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::version::JournalVersion;
use crate::params::Args;
use crate::small_map::SmallMap;

/// The properties of a job.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobStart {
    /// The version of the journal. It is the first field, so that a reader finds it without parsing the rest.
    #[serde(skip_serializing_if = "JournalVersion::is_first")]
    pub version: JournalVersion,
    /// An id that no other job on the same host has.
    pub id: String,
    /// The name of the binary.
    pub label: String,
    /// The command line, without the program's name.
    pub argv: Vec<String>,
    /// The flags of `AUTOTEST_OPTIONS`, which precede those of the command line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// The parameters of `AUTOTEST_PARAM_…`, by name.
    #[serde(skip_serializing_if = "Args::is_empty")]
    pub environment: Args,
    /// The user who runs it.
    pub user: String,
    /// The host on which it runs.
    pub hostname: String,
    /// The release of its kernel.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kernel: String,
    /// Its architecture, as `uname -m` prints it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub machine: String,
    /// The number of processors that the job may use; 0 if it is not known.
    #[serde(skip_serializing_if = "is_zero")]
    pub cpu_count: usize,
    /// The process id of the supervisor.
    pub pid: u32,
    /// The build of the binary. A job can only be resumed with the same build.
    pub build_id: String,
    /// The commit under test, if the environment names it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub commit: String,
    /// The id of the target's current boot.
    pub boot_id: String,
    /// The process namespace to which its process ids belong.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pid_namespace: String,
    /// The records of earlier kernel crashes that the target still has, each with its name, size and time.
    #[cfg(feature = "sysinfo")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kernel_records: Vec<String>,
    /// The planned runs, in order; empty if a control function decides.
    pub plan: Vec<PlannedTest>,
    /// The control function or the job file, if the job has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control: Option<ControlStart>,
    /// Selected tests that are ignored, with the reason, which may be empty.
    pub ignored: Vec<(String, String)>,
    /// The number of tests that are not selected.
    pub filtered_out: usize,
    /// The seed of the order, if it was shuffled.
    pub shuffle_seed: Option<u64>,
    /// The shard of the tests, such as `2/3`.
    pub shard: Option<String>,
    /// The directory with the files of `setup`.
    #[serde(with = "super::path")]
    pub installed: PathBuf,
    /// The parent of temporary directories.
    #[serde(with = "super::path")]
    pub tmp: PathBuf,
    /// Whether WARN is a failure.
    pub is_strict: bool,
    /// Whether several tests may run at once. The status lines of each are kept together then.
    pub is_parallel: bool,
    /// The id of the job whose runs this one repeats.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub rerun_of: String,
    /// The jobs that were merged into this one, each with its host and its id. A merged job cannot be resumed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<(String, String)>,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// The control function of a job.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ControlStart {
    /// Its id, or the path of the job file.
    pub name: String,
    /// Its arguments.
    #[serde(default, skip_serializing_if = "Args::is_empty")]
    pub args: Args,
    /// The text of the job file, if that is what is executed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

impl JobStart {
    /// Whether the runs are known from the start: not if a control function decides.
    pub fn is_planned(&self) -> bool {
        let is_decided = |control: &ControlStart| control.file.is_none() && !self.is_merged();
        !self.control.as_ref().is_some_and(is_decided)
    }

    /// Whether it was made of several jobs.
    pub fn is_merged(&self) -> bool {
        !self.merged.is_empty()
    }
}

/// A planned run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlannedTest {
    /// The test's id.
    pub test: String,
    /// The tagged name.
    pub operation: String,
    /// The arguments.
    #[serde(default, skip_serializing_if = "Args::is_empty")]
    pub args: Args,
}

/// The properties of a job that change when it is resumed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobResume {
    /// The process id of the supervisor.
    pub pid: u32,
    /// The id of the target's current boot.
    pub boot_id: String,
    /// The process namespace to which its process ids belong.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pid_namespace: String,
    /// The new names of the directories of attempts, by number of the run.
    pub moved: SmallMap<u32, String>,
    /// The kernel's message of its crash since the journal was last written; empty if it did not crash, or that is not
    /// known.
    #[cfg(feature = "sysinfo")]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kernel_crash: String,
    /// As in [`JobStart`], including the records of that crash.
    #[cfg(feature = "sysinfo")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kernel_records: Vec<String>,
}

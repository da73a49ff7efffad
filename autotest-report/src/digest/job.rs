//! The digest of a job without its runs.

use autotest_core::status::Status;
use autotest_core::{ControlStart, GroupKind, GroupStart, JobStart, StatusRecord, TargetFacts};

use super::Timed;
use crate::runs::{GroupEnd, Rebooted};

/// A job without its runs. Times are in seconds since 1970.
#[derive(Clone, Debug, PartialEq)]
pub struct JobDigest {
    /// An id that no other job on the same host has.
    pub id: String,
    /// The name of the binary or of its suite.
    pub label: String,
    /// The command line, without the program's name.
    pub argv: Vec<String>,
    /// The user who ran it.
    pub user: String,
    /// The target.
    pub hostname: String,
    /// The release of its kernel; empty if it is not known.
    pub kernel: String,
    /// Its architecture, as `uname -m` prints it; empty if it is not known.
    pub machine: String,
    /// The number of its processors; 0 if it is not known.
    pub cpu_count: usize,
    /// The build of the binary.
    pub build_id: String,
    /// The commit under test; empty if it is not known.
    pub commit: String,
    /// The id of the job whose runs it repeats; empty if it is not a rerun.
    pub rerun_of: String,
    /// The jobs that were merged into this one, each with its target and its id.
    pub merged: Vec<(String, String)>,
    /// The shard of the tests, such as `2/3`.
    pub shard: Option<String>,
    /// The seed of the order, if it was shuffled.
    pub shuffle_seed: Option<u64>,
    /// The control function or the job file.
    pub control: Option<ControlStart>,
    /// The ids of the planned tests, in order; empty if a control function decides.
    pub planned: Vec<String>,
    /// Selected tests that are ignored, with the reason, which may be empty.
    pub ignored: Vec<(String, String)>,
    /// The number of tests that are not selected.
    pub filtered_out: usize,
    /// Whether WARN is a failure.
    pub is_strict: bool,
    /// When it began.
    pub started_t: f64,
    /// The time of its last record.
    pub ended_t: f64,
    /// When it was resumed after an interruption.
    pub resumed: Vec<f64>,
    /// How it ended: GOOD or ABORT.
    pub status: Status,
    /// Why it was aborted; otherwise empty.
    pub reason: String,
    /// The reboots that it asked for.
    pub reboots: Vec<RebootDigest>,
    /// Lines of the status log that belong to no run.
    pub status_lines: Vec<Timed<StatusRecord>>,
}

/// A reboot of the target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RebootDigest {
    /// When it began.
    pub started_t: f64,
    /// When the job continued; `None` if it did not.
    pub ended_t: Option<f64>,
    /// The target after it.
    pub target: TargetFacts,
    /// The differences from before the reboot.
    pub problems: Vec<String>,
}

/// A group or a branch of a control function.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupDigest {
    /// Its name.
    pub name: String,
    /// Whether it is a group or a branch.
    pub kind: GroupKind,
    /// The index of the group or branch around it.
    pub group: Option<usize>,
    /// When it began.
    pub started_t: f64,
    /// When it ended; `None` if it did not.
    pub ended_t: Option<f64>,
    /// The error of its function; otherwise empty.
    pub reason: String,
}

impl Default for JobDigest {
    fn default() -> JobDigest {
        JobDigest::new(0.0, &JobStart::default())
    }
}

impl JobDigest {
    /// The digest of a job that has just begun; it stays ABORT unless its end follows.
    pub(super) fn new(t: f64, job: &JobStart) -> JobDigest {
        JobDigest {
            id: job.id.clone(),
            label: job.label.clone(),
            argv: job.argv.clone(),
            user: job.user.clone(),
            hostname: job.hostname.clone(),
            kernel: job.kernel.clone(),
            machine: job.machine.clone(),
            cpu_count: job.cpu_count,
            build_id: job.build_id.clone(),
            commit: job.commit.clone(),
            rerun_of: job.rerun_of.clone(),
            merged: job.merged.clone(),
            shard: job.shard.clone(),
            shuffle_seed: job.shuffle_seed,
            control: job.control.clone(),
            planned: job.plan.iter().map(|run| run.test.clone()).collect(),
            ignored: job.ignored.clone(),
            filtered_out: job.filtered_out,
            is_strict: job.is_strict,
            started_t: t,
            ended_t: t,
            resumed: Vec::new(),
            status: Status::Abort,
            reason: String::new(),
            reboots: Vec::new(),
            status_lines: Vec::new(),
        }
    }

    /// The time that it took, in seconds.
    pub fn elapsed_s(&self) -> f64 {
        (self.ended_t - self.started_t).max(0.0)
    }

    /// Whether it was aborted.
    pub fn is_aborted(&self) -> bool {
        self.status != Status::Good
    }

    pub(super) fn end(&mut self, t: f64, status: Status, reason: &str) {
        (self.ended_t, self.status) = (t, status);
        reason.clone_into(&mut self.reason);
    }

    pub(super) fn reboot(&mut self, t: f64) {
        self.reboots.push(RebootDigest {
            started_t: t,
            ..RebootDigest::default()
        });
    }

    pub(super) fn rebooted(&mut self, t: f64, rebooted: Rebooted<'_>) {
        if let Some(reboot) = self.reboots.last_mut() {
            reboot.ended_t = Some(t);
            reboot.target = rebooted.target.clone();
            reboot.problems = rebooted.problems.to_vec();
        }
    }
}

impl GroupDigest {
    pub(super) fn new(t: f64, start: &GroupStart, group: Option<usize>) -> GroupDigest {
        GroupDigest {
            name: start.name.clone(),
            kind: start.kind,
            group,
            started_t: t,
            ended_t: None,
            reason: String::new(),
        }
    }

    pub(super) fn end(&mut self, t: f64, end: GroupEnd<'_>) {
        self.ended_t = Some(t);
        end.reason.clone_into(&mut self.reason);
    }
}

//! The changes that records make, as reports see them.

#[cfg(feature = "crash-handler")]
use autotest_core::Crash;
use autotest_core::status::Status;
use autotest_core::{
    CallId, GroupStart, JobResume, JobStart, PerfValue, Phase, RebootStart, StatusRecord,
    TargetFacts, TestStart, Value, Verdict,
};

use super::OpenRun;

/// The change that a record makes, as a report sees it.
pub(crate) enum Change<'r, T> {
    JobStart(&'r JobStart),
    JobResume(&'r JobResume),
    JobEnd {
        status: Status,
        reason: &'r str,
    },
    /// A run begins; it is among the runs in progress.
    Start(&'r TestStart),
    /// A run ended; it is no longer among the runs in progress.
    End(OpenRun<T>, End<'r>),
    /// A run that was interrupted with its job becomes an attempt.
    Attempt {
        run: OpenRun<T>,
        /// The new name of its directory.
        subdir: &'r str,
        verdict: &'r Verdict,
    },
    /// A group or a branch begins; it is among the open groups.
    GroupStart(&'r GroupStart),
    /// A group or a branch ended; it is no longer among the open groups.
    GroupEnd(GroupStart, GroupEnd<'r>),
    /// Branches will begin.
    Parallel(Parallel<'r>),
    /// The target reboots.
    Reboot(&'r RebootStart),
    /// The job continues after a reboot.
    Rebooted(Rebooted<'r>),
    /// An event of a run in progress.
    Detail(Detail<'r>),
    /// Nothing to show: bookkeeping of the supervisor, or a note that was added to its run.
    Nothing,
}

/// How a run ended.
#[derive(Clone, Copy)]
pub(crate) struct End<'r> {
    pub(crate) status: Status,
    /// The verdict; `None` if it passed.
    pub(crate) verdict: Option<&'r Verdict>,
    pub(crate) elapsed_s: f64,
}

/// Branches that run in parallel.
#[derive(Clone, Copy)]
pub(crate) struct Parallel<'r> {
    /// The request that begins them.
    pub(crate) call: &'r CallId,
    /// Their names, in order.
    pub(crate) branches: &'r [String],
}

/// The end of a reboot.
#[derive(Clone, Copy)]
pub(crate) struct Rebooted<'r> {
    /// The number of the group around it.
    pub(crate) group: Option<u32>,
    pub(crate) target: &'r TargetFacts,
    /// The differences from before the reboot.
    pub(crate) problems: &'r [String],
}

/// How a group ended.
#[derive(Clone, Copy)]
pub(crate) struct GroupEnd<'r> {
    /// GOOD, or FAIL if its function returned an error.
    pub(crate) status: Status,
    /// The error; otherwise empty.
    pub(crate) reason: &'r str,
}

/// An event of a run in progress.
#[derive(Clone, Copy)]
pub(crate) enum Detail<'r> {
    Phase(Phase),
    Progress {
        iteration: u64,
        total: Option<u64>,
    },
    Keyval(&'r [(String, Value)]),
    IterationKeyval {
        attr: &'r [(String, Value)],
        perf: &'r [(String, Value)],
    },
    Perf(&'r PerfValue),
    Status(&'r StatusRecord),
    /// A file of the results, relative to the run's directory.
    Artifact(&'r str),
    /// A core dump that was kept. It is a note of its run, too.
    #[cfg(feature = "crash-handler")]
    Crash(&'r Crash),
}

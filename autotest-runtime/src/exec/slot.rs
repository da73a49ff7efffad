//! The supervisor's state of a run in progress.

use std::time::Instant;

use autotest_core::{Directories, Verdict};

use super::disk_usage::DiskUsage;
#[cfg(feature = "packages")]
use super::nested::NestedRuns;
use super::process::Process;
#[cfg(feature = "profilers")]
use super::profiling::Profiling;
use super::received::{Incoming, Received};
use super::source::Requester;
#[cfg(feature = "crash-handler")]
use super::unix;
use crate::plan::PlannedRun;

/// A run in progress.
#[derive(Clone, Debug)]
pub(super) struct ActiveRun {
    pub(super) number: u32,
    pub(super) run: PlannedRun,
    pub(super) requester: Requester,
    /// `true` if it was interrupted together with its job, so that only its `cleanup` is run.
    pub(super) is_cut_off: bool,
    pub(super) started: Instant,
    /// Measures how much disk space it uses, if that is limited.
    pub(super) disk_usage: Option<DiskUsage>,
}

/// A run and its process.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) active: ActiveRun,
    pub(super) directories: Directories,
    pub(super) process: Process,
    pub(super) received: Received,
    pub(super) task: Task,
    /// If the test is a package, the runs of its job.
    #[cfg(feature = "packages")]
    pub(super) nested: NestedRuns,
    /// Its profilers, once it has requested their first step.
    #[cfg(feature = "profilers")]
    pub(super) profiling: Option<Profiling>,
    /// The place where its process crashed; empty if it did not, or the place is unknown.
    #[cfg(feature = "crash-handler")]
    pub(super) place: String,
    /// The ended process whose crashes this slot's process examines.
    #[cfg(feature = "crash-handler")]
    pub(super) ended: Option<Box<EndedProcess>>,
}

/// A process that has ended, while its crashes are examined.
#[cfg(feature = "crash-handler")]
#[derive(Debug)]
pub(super) struct EndedProcess {
    pub(super) slot: Slot,
    pub(super) change: unix::Change,
    /// The processes that it left behind.
    pub(super) left: Vec<String>,
    /// The crashes that had been examined before.
    pub(super) known: Vec<String>,
}

/// The task of a process for its run.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Task {
    /// The test.
    Run,
    /// `cleanup` and restoring files, after the run ended abnormally with this verdict.
    CleanUp(Verdict),
    /// Restoring files, after the run ended abnormally with this verdict.
    RestoreFiles(Verdict),
    /// Examining crashes, before the run is concluded.
    #[cfg(feature = "crash-handler")]
    Examine,
}

impl Slot {
    /// A run whose process has sent nothing yet.
    pub(super) fn new(active: ActiveRun, directories: Directories, process: Process) -> Slot {
        Slot {
            received: Received::of(&active),
            active,
            directories,
            process,
            task: Task::Run,
            #[cfg(feature = "packages")]
            nested: NestedRuns::default(),
            #[cfg(feature = "crash-handler")]
            place: String::new(),
            #[cfg(feature = "crash-handler")]
            ended: None,
            #[cfg(feature = "profilers")]
            profiling: None,
        }
    }

    /// Reads messages, at most one buffer. Returns the number of bytes.
    pub(super) fn read_channel(
        &mut self,
        buffer: &mut [u8],
        incoming: &mut Vec<Incoming>,
    ) -> usize {
        let received = &mut self.received;
        let take = |line: &[u8]| received.take(line, incoming);
        self.process.read_lines(buffer, take)
    }

    /// Called after the end of the process: reads all remaining messages.
    pub(super) fn drain_channel(&mut self, buffer: &mut [u8], incoming: &mut Vec<Incoming>) {
        let received = &mut self.received;
        let take = |line: &[u8]| received.take(line, incoming);
        let garbage = self.process.drain_lines(buffer, take);
        self.received.garbage += garbage;
    }
}

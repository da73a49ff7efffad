//! Executes runs: each in its own process, or all in this process.

mod capture;
mod cgroup;
mod child;
mod conclusion;
mod control;
mod controlled;
#[cfg(feature = "crash-handler")]
mod crash;
mod disk_usage;
mod fork;
mod guardian;
mod in_place;
mod job;
mod leaks;
mod lines;
mod mark;
#[cfg(feature = "packages")]
mod nested;
mod orphans;
mod process;
mod procfs;
#[cfg(feature = "profilers")]
mod profiled;
#[cfg(feature = "profilers")]
mod profiling;
mod received;
mod respawn;
mod run_spec;
mod slot;
mod source;
mod stat;
#[cfg(feature = "sysinfo")]
mod sysinfo;
#[cfg(feature = "leaks")]
mod target_state;
mod unix;
mod verdict;
mod wire;

pub(crate) use cgroup::leave_group_of;
pub(crate) use conclusion::{Conclusion, StopReason, is_to_be_continued};
pub(crate) use control::{Control, Recorded};
#[cfg(feature = "crash-handler")]
pub(crate) use crash::{
    forget_killed_jobs, handle as handle_core_dump, is_handler as is_crash_handler,
};
pub(crate) use fork::{Forking, Streams};
pub(crate) use in_place::InPlace;
pub(crate) use job::{ExecOptions, Job, bindir, srcdir, tmp_prefix};
pub(crate) use orphans::end_processes_of;
pub(crate) use respawn::{is_supervised, run_supervised};
pub(crate) use source::{List, Source};
#[cfg(feature = "sysinfo")]
pub(crate) use sysinfo::{KernelRecords, is_collector, serve};
pub(crate) use unix::shell;
pub(crate) use verdict::signal_name;

use std::time::{Duration, Instant};

use autotest_core::{Args, Directories, Recovery, Verdict};

use crate::plan::{PlannedRun, Runs};
use crate::registry::ControlFunction;

/// The runs to execute.
pub(crate) struct Work {
    /// Runs that were interrupted together with their job, innermost first. They are cleaned up and ended before a new
    /// run starts.
    pub(crate) unfinished: Vec<Unfinished>,
    /// The source of the other runs, unless a control function requests them.
    pub(crate) source: Box<dyn Source>,
    pub(crate) control: Option<ControlWork>,
    /// The number of runs before the job was resumed; 0 in a new job.
    pub(crate) runs_before: u32,
    /// `true` if a test failed before the job was resumed.
    pub(crate) has_failures: bool,
}

impl Work {
    /// The work of a new job.
    pub(crate) fn new(runs: Runs) -> Work {
        Work {
            unfinished: Vec::new(),
            source: Box::new(List::new(runs)),
            control: None,
            runs_before: 0,
            has_failures: false,
        }
    }
}

/// The source of requests.
#[derive(Clone, Debug)]
pub(crate) enum Called {
    /// A control function.
    Function(&'static ControlFunction),
    /// A job file, given as text.
    File(String),
}

/// A control function to call, or a job file to execute.
#[derive(Debug)]
pub(crate) struct ControlWork {
    pub(crate) called: Called,
    pub(crate) args: Args,
    pub(crate) requests: Control,
    /// `true` if the job was resumed, so that output which the function repeats is dropped.
    pub(crate) is_repeated: bool,
}

/// A run that was interrupted together with its job.
#[derive(Debug)]
pub(crate) struct Unfinished {
    pub(crate) number: u32,
    pub(crate) run: PlannedRun,
    pub(crate) parent: Option<u32>,
    pub(crate) verdict: Verdict,
    /// `true` if this verdict is final; otherwise the test is run again.
    pub(crate) is_final: bool,
    /// The run's directories.
    pub(crate) directories: Directories,
    /// The state for the process that cleans up after it.
    pub(crate) recovery: Recovery,
}

/// How tests are isolated from the job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// A process for each run, forked from this one.
    #[default]
    Fork,
    /// A process for each run, which executes this binary again.
    Exec,
    /// No isolation: all runs are executed in this process.
    None,
}

/// The limit on the nesting of subtests.
const MAX_DEPTH: usize = 8;

/// The end of a job's time limit.
#[derive(Clone, Copy, Debug)]
struct Deadline {
    time: Duration,
    at: Instant,
}

impl Deadline {
    /// The deadline of a job that begins now. `None` without a limit, or if the limit is too long for the clock.
    fn of(time: Option<Duration>) -> Option<Deadline> {
        let time = time?;
        let at = Instant::now().checked_add(time)?;
        Some(Deadline { time, at })
    }

    fn is_over(&self) -> bool {
        self.at <= Instant::now()
    }
}

/// Executes runs.
///
/// An executor sends the events of each run: TestStart first and TestEnd last, even if the run crashes.
pub(crate) trait Executor {
    /// Executes runs until the source is exhausted, or a run, a signal or a time limit ends the job.
    fn execute(&mut self, work: Work) -> Conclusion;
}

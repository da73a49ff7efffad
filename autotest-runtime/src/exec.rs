//! Where a run happens.

mod capture;
mod cgroup;
mod child;
mod conclusion;
mod fork;
mod guardian;
mod in_place;
mod job;
mod leaks;
mod lines;
mod orphans;
mod procfs;
mod respawn;
mod run_spec;
mod slot;
mod source;
mod stat;
mod unix;
mod verdict;
mod wire;

pub(crate) use conclusion::{Conclusion, Over};
pub(crate) use fork::{Forking, Shown};
pub(crate) use in_place::InPlace;
pub(crate) use job::{ExecOptions, Job, tmp_prefix};
pub(crate) use orphans::end_processes_of;
pub(crate) use respawn::{be_supervised, is_supervised};
pub(crate) use source::{List, Source};

use std::time::{Duration, Instant};

use autotest_core::{Directories, Recovery, Verdict};

use crate::plan::{PlannedRun, Runs};

/// What a job has to do.
pub(crate) struct Work {
    /// Runs that were interrupted with their job, the innermost first: they come to an end before anything
    /// else.
    pub(crate) unfinished: Vec<Unfinished>,
    /// Where its runs come from.
    pub(crate) source: Box<dyn Source>,
    /// How many runs there were before.
    pub(crate) runs_before: u32,
    /// Whether a test failed before.
    pub(crate) has_failures: bool,
}

impl Work {
    /// That of a new job.
    pub(crate) fn new(runs: Runs) -> Work {
        Work {
            unfinished: Vec::new(),
            source: Box::new(List::new(runs)),
            runs_before: 0,
            has_failures: false,
        }
    }
}

/// A run that was interrupted with its job.
#[derive(Debug)]
pub(crate) struct Unfinished {
    pub(crate) number: u32,
    pub(crate) run: PlannedRun,
    pub(crate) parent: Option<u32>,
    pub(crate) verdict: Verdict,
    /// Whether it counts: else the test runs again.
    pub(crate) is_final: bool,
    /// Its directories, as it left them.
    pub(crate) directories: Directories,
    /// What a cleanup after it must know, if it had come that far.
    pub(crate) recovery: Option<Recovery>,
}

/// What stands between a test and the job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// A process for each run, forked from this one.
    #[default]
    Fork,
    /// A process for each run, which executes this binary again.
    Exec,
    /// Nothing.
    None,
}

/// How deep subtests may nest.
const MAX_DEPTH: usize = 8;

/// The end of a job's time.
#[derive(Clone, Copy, Debug)]
struct Deadline {
    time: Duration,
    at: Instant,
}

impl Deadline {
    /// That of a job that begins now; one beyond all clocks is none.
    fn of(time: Option<Duration>) -> Option<Deadline> {
        let time = time?;
        let at = Instant::now().checked_add(time)?;
        Some(Deadline { time, at })
    }

    fn is_over(&self) -> bool {
        self.at <= Instant::now()
    }
}

/// Takes runs to their ends.
///
/// An executor sends each run's events, its TestStart first and its TestEnd last, whatever happens in
/// between.
pub(crate) trait Executor {
    /// Executes what the source gives, until it is exhausted, or a run or a signal ends the job.
    fn execute(&mut self, work: Work) -> Conclusion;
}

//! Where a run happens.

mod capture;
mod child;
mod fork;
mod in_place;
mod job;
mod leaks;
mod lines;
mod slot;
mod unix;
mod verdict;
mod wire;

pub(crate) use fork::Forking;
pub(crate) use in_place::InPlace;
pub(crate) use job::{Conclusion, ExecOptions, Job};
pub(crate) use verdict::INTERRUPTED;

use crate::plan::PlannedRun;

/// How deep subtests may nest.
const MAX_DEPTH: usize = 8;

/// Takes planned runs to their ends.
///
/// An executor sends each run's events, its TestStart first and its TestEnd last, whatever happens in
/// between.
pub(crate) trait Executor {
    /// Executes the runs in their order, until one of them or a signal ends the job.
    fn execute(&mut self, runs: &[PlannedRun]) -> Conclusion;
}

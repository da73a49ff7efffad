//! Where a run happens.

mod in_place;

use autotest_core::Status;

use crate::plan::PlannedRun;

pub(crate) use in_place::InPlace;

/// Takes planned runs to their ends, one after the other.
///
/// An executor sends the run's events, its TestStart first and its TestEnd last, whatever happens in
/// between.
pub(crate) trait Executor {
    /// Executes one run and returns the status that it ended with.
    fn execute(&mut self, run: &PlannedRun<'_>) -> Status;
}

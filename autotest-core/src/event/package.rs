//! Which events of a package's job are events of the job that runs the package.

use super::Event;

impl Event {
    /// Whether the job that runs a package records this event of a run in the package's job, because its reports need
    /// it. All other events only matter to the package's job.
    pub fn is_of_package(&self) -> bool {
        match self {
            Event::TestStart(_)
            | Event::TestEnd { .. }
            | Event::Keyval(_)
            | Event::IterationKeyval { .. }
            | Event::Perf(_)
            | Event::Status(_)
            | Event::Suppressed { .. }
            | Event::Progress { .. } => true,
            #[cfg(feature = "crash-handler")]
            Event::Crash(_) => true,
            Event::JobStart(_)
            | Event::JobEnd { .. }
            | Event::JobResume(_)
            | Event::Process { .. }
            | Event::Attempt { .. }
            | Event::GroupStart(_)
            | Event::GroupEnd { .. }
            | Event::RebootStart(_)
            | Event::RebootEnd { .. }
            | Event::Answered(_)
            | Event::Phase(_)
            | Event::Artifact { .. }
            | Event::Saved { .. }
            | Event::ChangedFile { .. }
            | Event::HookTimer { .. }
            | Event::Nested { .. } => false,
        }
    }
}

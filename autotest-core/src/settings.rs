//! The settings of a job that decide how its tests run.

use crate::context::TestContext;
use crate::outcome::TestResult;
use crate::params::Known;

/// The attributes that the original's `job` object had.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Settings {
    /// Skip the hooks, except after a failure (`job.fast`).
    pub fast: bool,
    /// How often an iteration may be tried again after [`TestError::retry`](crate::TestError::retry)
    /// (`job.test_retry`). A test's own `retries` is used where this is `None`.
    pub test_retry: Option<u32>,
    /// Whether `cleanup` runs, unless the argument `run_cleanup` says (`job.run_test_cleanup`).
    pub run_test_cleanup: bool,
    /// Whether all iterations are profiled, unless the argument `profile_only` says.
    pub default_profile_only: bool,
    /// Drop the kernel's caches before each iteration.
    pub drop_caches_between_iterations: bool,
    /// Which arguments a test must know.
    pub known_params: Known,
    /// In which order after-iteration hooks run.
    pub after_iteration_order: HookOrder,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            fast: false,
            test_retry: None,
            run_test_cleanup: true,
            default_profile_only: false,
            drop_caches_between_iterations: false,
            known_params: Known::Declared,
            after_iteration_order: HookOrder::LastInFirstOut,
        }
    }
}

/// The order of after-iteration hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum HookOrder {
    /// The last registered runs first (seeds 000, 001, 002, 004). A hook registered during the pass
    /// waits for the next one.
    #[default]
    LastInFirstOut,
    /// The first registered runs first (seed 003). A hook registered during the pass joins it.
    FirstInFirstOut,
}

/// A function that a job or a test has run around tests or iterations.
///
/// It is called with the context of the test. Its error decides the test: around iterations as an error of
/// the test's body would, around the test as one of `initialize`.
pub type Hook = Box<dyn FnMut(&mut TestContext) -> TestResult>;

/// The hooks of a job, for one run.
#[derive(Default)]
pub struct JobHooks {
    /// Before the test; not if [`Settings::fast`].
    pub before_test: Option<Hook>,
    /// After the test; if fast, only after a failure.
    pub after_test: Option<Hook>,
    /// Registered after the constructor's hooks and before those of `initialize`.
    pub before_iteration: Vec<Hook>,
    /// Likewise.
    pub after_iteration: Vec<Hook>,
}

impl std::fmt::Debug for JobHooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JobHooks").finish_non_exhaustive()
    }
}

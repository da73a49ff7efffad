//! The settings of a job that determine how its tests run.

use crate::context::TestContext;
use crate::outcome::TestResult;
use crate::params::Known;

/// The settings, which were attributes of the original's `job` object.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Settings {
    /// Skip the hooks, except after a failure (`job.fast`).
    pub fast: bool,
    /// How often an iteration may be repeated after [`TestError::retry`](crate::TestError::retry)
    /// (`job.test_retry`). If `None`, the test's own `retries` applies.
    pub test_retry: Option<u32>,
    /// Whether `cleanup` runs, unless the argument `run_cleanup` is given (`job.run_test_cleanup`).
    pub run_test_cleanup: bool,
    /// Whether all iterations are profiled, unless the argument `profile_only` is given.
    pub default_profile_only: bool,
    /// Whether to drop the kernel's caches before each iteration.
    pub drop_caches_between_iterations: bool,
    /// Which arguments a test must know.
    pub known_params: Known,
    /// The order of after-iteration hooks.
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

/// A function that runs before or after a test or an iteration.
///
/// It receives the context of the test. Its error counts like one of the test's body for hooks around
/// iterations, and like one of `initialize` for hooks around the test.
pub type Hook = Box<dyn FnMut(&mut TestContext) -> TestResult>;

/// The hooks of a job, for one run.
#[derive(Default)]
pub struct JobHooks {
    /// Runs before the test, unless [`Settings::fast`].
    pub before_test: Option<Hook>,
    /// Runs after the test; if fast, only after a failure.
    pub after_test: Option<Hook>,
    /// Run before each iteration. They are registered after the constructor's hooks and before those of
    /// `initialize`.
    pub before_iteration: Vec<Hook>,
    /// Run after each iteration; registered at the same time.
    pub after_iteration: Vec<Hook>,
}

impl std::fmt::Debug for JobHooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JobHooks").finish_non_exhaustive()
    }
}

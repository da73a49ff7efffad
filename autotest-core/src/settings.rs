//! The settings of a job that determine how its tests run.

use crate::context::TestContext;
use crate::outcome::TestResult;
use crate::params::Known;
#[cfg(feature = "profilers")]
use crate::profiler_use::ProfilerUse;
#[cfg(feature = "sysinfo")]
use crate::sysinfo::Sysinfo;

/// The settings, which were attributes of the original's `job` object.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
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
    /// Whether to drop the kernel's caches before each test that runs alone: neither a subtest nor one in a
    /// branch (`job.drop_caches`).
    pub drop_caches: bool,
    /// Whether to drop the kernel's caches before each iteration.
    pub drop_caches_between_iterations: bool,
    /// Which arguments a test must know.
    pub known_params: Known,
    /// The order of after-iteration hooks.
    pub after_iteration_order: HookOrder,
    /// The hooks of the job.
    pub hooks: HookNames,
    /// Whether the names of a control function's runs have a number, from `_01_` (`job.use_sequence_number`).
    pub use_sequence_number: bool,
    /// A tag for all runs of a control function (`job.automatic_test_tag`).
    pub automatic_test_tag: Option<String>,
    /// The greatest rate at which a test may consume the root file system, in MB (of 1,048,576 bytes) an
    /// hour; above it, the test is WARN (`job.monitor_disk_usage`). `None` for any.
    pub max_disk_usage_mb_per_hour: Option<f64>,
    /// Whether core dumps of a run's processes are kept in its directory (`job.enable_crash_handler`). The handler then
    /// serves the whole target until the job ends.
    #[cfg(feature = "crash-handler")]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub crash_handler: bool,
    /// The sysinfo to collect. `None` for nothing.
    #[cfg(feature = "sysinfo")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sysinfo: Option<Sysinfo>,
    /// The profilers of each test, besides its own (`job.profilers`).
    #[cfg(feature = "profilers")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profilers: Vec<ProfilerUse>,
    /// Where packages are: directories and URLs. The last one is tried first (`job.add_repository`).
    #[cfg(feature = "packages")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub repositories: Vec<String>,
    /// What to do about a change of the target that a test does not undo, unless the test has its own policy.
    #[cfg(feature = "leaks")]
    #[serde(skip_serializing_if = "LeakPolicy::is_off")]
    pub leaks: LeakPolicy,
}

/// What to do about a change of the target that a test does not undo.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum LeakPolicy {
    /// Nothing: the state of the target is not compared.
    #[default]
    Off,
    /// A pass becomes a WARN.
    Warn,
    /// The test fails.
    Fail,
}

impl LeakPolicy {
    /// All policies, in the order of their severity.
    pub const ALL: [LeakPolicy; 3] = [LeakPolicy::Off, LeakPolicy::Warn, LeakPolicy::Fail];

    /// The name: `off`, `warn` or `fail`.
    pub const fn name(self) -> &'static str {
        match self {
            LeakPolicy::Off => "off",
            LeakPolicy::Warn => "warn",
            LeakPolicy::Fail => "fail",
        }
    }

    /// Whether the state of the target is not compared.
    pub fn is_off(&self) -> bool {
        *self == LeakPolicy::Off
    }

    /// The policy of this name.
    pub fn named(name: &str) -> Option<LeakPolicy> {
        LeakPolicy::ALL
            .into_iter()
            .find(|policy| policy.name() == name)
    }
}

/// The names of a job's hooks: functions with `#[autotest::hook]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct HookNames {
    /// Runs before each test, unless [`Settings::fast`].
    pub before_test: Option<String>,
    /// Runs after each test; if fast, only after a failure.
    pub after_test: Option<String>,
    /// Run before each iteration, in this order.
    pub before_iteration: Vec<String>,
    /// Run after each iteration, in the order that [`Settings::after_iteration_order`] says.
    pub after_iteration: Vec<String>,
}

impl HookNames {
    /// All names.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let around_test = self.before_test.iter().chain(&self.after_test);
        let all = around_test
            .chain(&self.before_iteration)
            .chain(&self.after_iteration);
        all.map(String::as_str)
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            fast: false,
            test_retry: None,
            run_test_cleanup: true,
            default_profile_only: false,
            drop_caches: false,
            drop_caches_between_iterations: false,
            known_params: Known::Declared,
            after_iteration_order: HookOrder::LastInFirstOut,
            hooks: HookNames::default(),
            use_sequence_number: false,
            automatic_test_tag: None,
            max_disk_usage_mb_per_hour: None,
            #[cfg(feature = "crash-handler")]
            crash_handler: false,
            #[cfg(feature = "sysinfo")]
            sysinfo: None,
            #[cfg(feature = "profilers")]
            profilers: Vec::new(),
            #[cfg(feature = "packages")]
            repositories: Vec::new(),
            #[cfg(feature = "leaks")]
            leaks: LeakPolicy::Off,
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

//! What a plan is made from: which tests, in which order, with which arguments and settings.
//!
//! Plain values that the command line fills; nothing here knows how they were given.

use autotest_core::{Arg, Args, Settings};

use super::attr::Expr;
use super::shard::Shard;

/// What a plan is made from.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlanOptions {
    pub(crate) selection: Selection,
    pub(crate) given: Given,
    pub(crate) settings: Settings,
    /// What the order is made from, if it is shuffled.
    pub(crate) shuffle_seed: Option<u64>,
}

/// Which tests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    /// One of them must match.
    pub(crate) filters: Vec<String>,
    /// A further filter, which an engine gives; it narrows what the others select.
    pub(crate) engine_filter: Option<String>,
    pub(crate) skip: Vec<String>,
    /// Whether filters are whole names.
    pub(crate) exact: bool,
    pub(crate) ignored: Ignored,
    /// All of them must hold.
    pub(crate) attrs: Vec<Expr>,
    /// One of them must be the test's.
    pub(crate) suites: Vec<String>,
    pub(crate) shard: Option<Shard>,
    /// `cargo bench` runs the binary: all tests count as ignored.
    pub(crate) is_bench: bool,
}

/// What to do with ignored tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ignored {
    #[default]
    Skip,
    Only,
    Include,
}

/// What each selected test is given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    pub(crate) params: Vec<(String, Arg)>,
    pub(crate) iterations: Option<i64>,
    pub(crate) test_length_s: Option<f64>,
    pub(crate) constraints: Vec<String>,
    pub(crate) profile_only: bool,
    pub(crate) tag: Option<String>,
}

impl Given {
    /// All arguments, the framework's included.
    pub(super) fn args(&self) -> Args {
        let mut args: Args = self.params.iter().cloned().collect();
        let mut framework = |name: &str, value: Option<serde_json::Value>| {
            if let Some(value) = value {
                args.insert(name, Arg::Json(value));
            }
        };
        framework("iterations", self.iterations.map(Into::into));
        framework("test_length", self.test_length_s.map(Into::into));
        framework("profile_only", self.profile_only.then(|| true.into()));
        let constraints = &self.constraints;
        framework(
            "constraints",
            (!constraints.is_empty()).then(|| constraints.clone().into()),
        );
        args
    }
}

//! The options of a plan: which tests, in which order, with which arguments and settings.
//!
//! These are plain values that `cli` sets; this module must not know the flags.

use autotest_core::attr::Expr;
use autotest_core::{Arg, Args, Known, ParamError, Settings};

use super::args_for;
use super::shard::Shard;
use crate::registry::{Test, variable_of};

/// The options of a plan.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlanOptions {
    pub(crate) selection: Selection,
    pub(crate) given: Given,
    pub(crate) settings: Settings,
    /// The seed for the order; `None` if tests are not shuffled.
    pub(crate) shuffle_seed: Option<u64>,
}

/// The selection of tests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    /// At least one must match, unless the list is empty.
    pub(crate) filters: Vec<String>,
    /// A filter from an engine, which must match as well.
    pub(crate) engine_filter: Option<String>,
    pub(crate) skip: Vec<String>,
    /// `true` if filters must match whole names.
    pub(crate) exact: bool,
    pub(crate) ignored: Ignored,
    /// All must be true.
    pub(crate) attrs: Vec<Expr>,
    /// The test must be in at least one, unless the list is empty.
    pub(crate) suites: Vec<String>,
    pub(crate) shard: Option<Shard>,
    /// `true` if `cargo bench` started the binary: all tests count as ignored.
    pub(crate) is_bench: bool,
    /// Packages to be run as tests.
    #[cfg(feature = "packages")]
    pub(crate) packages: Vec<String>,
}

/// What to do with ignored tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ignored {
    #[default]
    Skip,
    Only,
    Include,
}

/// The arguments and tag for each selected test.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    pub(crate) params: Vec<(String, Arg)>,
    /// Parameters from environment variables.
    pub(crate) environment: Args,
    /// Parameters of a job file for all of its runs.
    pub(crate) of_file: Args,
    pub(crate) iterations: Option<i64>,
    pub(crate) test_length_s: Option<f64>,
    pub(crate) constraints: Vec<String>,
    pub(crate) profile_only: bool,
    pub(crate) tag: Option<String>,
}

/// Arguments by their source.
#[derive(Clone, Debug, Default)]
pub(crate) struct GivenArgs {
    /// Arguments of a job file for all of its runs. A run's own arguments take precedence.
    pub(crate) of_file: Args,
    /// Arguments from environment variables, which may be meant for other binaries. Flags take precedence.
    pub(crate) environment: Args,
    /// Arguments from flags, which a test must know.
    pub(crate) flags: Args,
}

impl GivenArgs {
    /// The arguments of a run of `test`, given those of its `own`.
    pub(crate) fn of_run(&self, test: &Test, own: &Args, known: Known) -> Args {
        let declares = |name: &str| test.def.params.iter().any(|param| param.name == name);
        let mut args = args_for(test, &self.of_file, known);
        args.extend(own.clone());
        args.extend(self.environment.filtered(&declares));
        args.extend(args_for(test, &self.flags, known));
        args
    }

    /// The environment variable that caused an error, if one did.
    pub(crate) fn variable_of(&self, error: &ParamError) -> Option<String> {
        let name = error.parameter()?;
        let is_from_variable =
            self.environment.arg(name).is_some() && self.flags.arg(name).is_none();
        is_from_variable.then(|| variable_of(name))
    }

    /// The values of secret arguments.
    pub(crate) fn secrets(&self) -> Args {
        let mut secrets = self.environment.secrets();
        secrets.extend(self.flags.secrets());
        secrets
    }
}

impl Given {
    /// All arguments.
    pub(crate) fn by_source(&self) -> GivenArgs {
        GivenArgs {
            of_file: self.of_file.clone(),
            environment: self.environment.clone(),
            flags: self.args(),
        }
    }

    /// All arguments from flags, including the framework's.
    pub(crate) fn args(&self) -> Args {
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

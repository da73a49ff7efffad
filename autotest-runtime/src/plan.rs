//! Plans a job: which tests are run with which arguments, in which order.
//!
//! This module finds every remaining mistake in a command line before anything is run.

mod control;
mod listed;
mod options;
#[cfg(feature = "packages")]
mod packages;
mod select;
mod shard;
mod shuffle;

use std::fmt;

use autotest_core::lifecycle::check_arguments;
use autotest_core::params::{self, FRAMEWORK_ARGUMENTS, UnknownParameter, is_known};
use autotest_core::{Args, Known, ParamError, Requested, RunName, Settings, excerpt, name};

use crate::registry::{Registry, Test};
pub(crate) use control::{ControlPlan, refused_secret};
pub(crate) use listed::ListedRun;
pub(crate) use options::{GivenArgs, Ignored, PlanOptions, Selection};
pub(crate) use select::{attributes, is_selected, matches_nothing, select, will_run};
pub(crate) use shard::Shard;

/// The plan of a job.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) runs: Runs,
    /// Selected tests that are marked as ignored.
    pub(crate) ignored: Vec<&'static Test>,
    /// The number of tests that are not selected.
    pub(crate) filtered_out: usize,
    pub(crate) settings: Settings,
}

/// The planned runs, in order. Each is created on demand: with the names and arguments of all runs in memory, each fork
/// would take longer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Runs {
    tests: Vec<&'static Test>,
    /// The tagged names and arguments of recorded runs; empty if the plan is not from a record.
    own: Vec<(String, Args)>,
    tag: Option<String>,
    given: GivenArgs,
    known: Known,
}

impl Runs {
    pub(crate) fn len(&self) -> usize {
        self.tests.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tests.is_empty()
    }

    pub(crate) fn tests(&self) -> &[&'static Test] {
        &self.tests
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = PlannedRun> {
        (0..self.tests.len()).map(|at| self.run(at))
    }

    /// Keeps only the runs that `keep` accepts.
    pub(crate) fn retain(&mut self, keep: impl Fn(&PlannedRun) -> bool) {
        let kept: Vec<bool> = self.iter().map(|run| keep(&run)).collect();
        let mut of_tests = kept.iter();
        self.tests.retain(|_| of_tests.next() == Some(&true));
        let mut of_own = kept.iter();
        self.own.retain(|_| of_own.next() == Some(&true));
    }

    fn run(&self, at: usize) -> PlannedRun {
        let (test, args) = (self.tests[at], self.args(at));
        match self.own.get(at) {
            None => PlannedRun::new(test, self.tag.as_deref(), "", args),
            Some((operation, _)) => PlannedRun::called(test, operation.clone(), args),
        }
    }

    fn args(&self, at: usize) -> Args {
        let none = Args::new();
        let own = self.own.get(at).map_or(&none, |(_, args)| args);
        self.given.of_run(self.tests[at], own, self.known)
    }

    /// Refuses a tag that makes the name of a run illegal for a directory, or equal to a name that the results use.
    fn refuse_names(&self) -> Result<(), PlanError> {
        let Some(tag) = &self.tag else {
            return Ok(());
        };
        let mut errors = Vec::new();
        for test in &self.tests {
            let name = name::tagged(&test.directory(), tag);
            if let Err(error) = name::check(&name) {
                let (test, name) = (excerpt(test.id), excerpt(&name));
                errors.push(format!(
                    "{test} cannot run as `{name}`: {error}; give another `--tag`"
                ));
            }
        }
        match errors.is_empty() {
            true => Ok(()),
            false => Err(PlanError::Names(errors)),
        }
    }

    fn refuse_values(&self) -> Result<(), PlanError> {
        let mut errors = Vec::new();
        for (at, test) in self.tests.iter().enumerate() {
            let args = self.args(at);
            let mut of_test = test.def.check_values(&args);
            of_test.extend(check_arguments(&args));
            errors.extend(of_test.into_iter().map(|error| WrongValue {
                test: test.id.to_owned(),
                variable: self.given.variable_of(&error),
                error,
            }));
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(PlanError::Values(errors))
        }
    }
}

impl IntoIterator for Runs {
    type Item = PlannedRun;
    type IntoIter = Box<dyn Iterator<Item = PlannedRun>>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new((0..self.tests.len()).map(move |at| self.run(at)))
    }
}

/// A planned run.
#[derive(Clone, Debug)]
pub(crate) struct PlannedRun {
    pub(crate) test: &'static Test,
    pub(crate) name: RunName,
    pub(crate) args: Args,
    /// The request of a control function, if there is one.
    pub(crate) requested: Option<Box<Requested>>,
}

impl PlannedRun {
    /// A run of `test`. `parent` is the output directory of the parent relative to the job's directory; empty
    /// for none.
    pub(crate) fn new(test: &'static Test, tag: Option<&str>, parent: &str, args: Args) -> Self {
        let tagged_testname = match tag {
            Some(tag) => name::tagged(&test.directory(), tag),
            None => test.directory(),
        };
        PlannedRun::below(test, parent, tagged_testname, args)
    }

    /// A run with a given tagged name.
    fn called(test: &'static Test, tagged_testname: String, args: Args) -> Self {
        PlannedRun::below(test, "", tagged_testname, args)
    }

    fn below(test: &'static Test, parent: &str, tagged_testname: String, args: Args) -> Self {
        let subdir = match parent {
            "" => tagged_testname.clone(),
            parent => format!("{parent}/{tagged_testname}"),
        };
        PlannedRun {
            test,
            name: RunName {
                test: test.id.to_owned(),
                tagged_testname,
                subdir,
            },
            args,
            requested: None,
        }
    }
}

/// An argument that is missing, or that a test does not accept.
#[derive(Debug)]
pub(crate) struct WrongValue {
    /// The id of the test.
    pub(crate) test: String,
    pub(crate) error: ParamError,
    /// The environment variable that the argument comes from, if any.
    pub(crate) variable: Option<String>,
}

impl fmt::Display for WrongValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.test, self.error)?;
        match &self.variable {
            Some(variable) => write!(f, " (it is from `{variable}`)"),
            None => Ok(()),
        }
    }
}

/// A mistake in a command line that planning finds. Nothing has been run.
#[derive(Debug)]
pub(crate) enum PlanError {
    /// An argument that no selected test declares.
    Unknown {
        test: String,
        unknown: Box<UnknownParameter>,
    },
    /// Missing arguments, and values that a test does not accept.
    Values(Vec<WrongValue>),
    /// Illegal names of runs, with a message for each.
    Names(Vec<String>),
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlanError::Unknown { test, unknown } => {
                let (name, advice) = (excerpt(&unknown.name), unknown.advice());
                write!(f, "unknown parameter `{name}` of `{test}`: {advice}")
            }
            PlanError::Values(errors) => {
                let lines: Vec<_> = errors.iter().map(WrongValue::to_string).collect();
                f.write_str(&lines.join("\n"))
            }
            PlanError::Names(errors) => f.write_str(&errors.join("\n")),
        }
    }
}

impl std::error::Error for PlanError {}

impl PlanError {
    fn has_nearest(&self) -> bool {
        matches!(self, PlanError::Unknown { unknown, .. } if unknown.nearest.is_some())
    }
}

impl Plan {
    /// The plan of a job whose runs a control function requests.
    pub(crate) fn without_runs(options: &PlanOptions) -> Plan {
        Plan {
            runs: Runs::default(),
            ignored: Vec::new(),
            filtered_out: 0,
            settings: options.settings.clone(),
        }
    }

    /// Selects tests and assigns their arguments.
    pub(crate) fn new(
        registry: &'static Registry,
        options: &PlanOptions,
    ) -> Result<Plan, PlanError> {
        let selection = &options.selection;
        let (mut tests, mut ignored): (Vec<&'static Test>, Vec<&'static Test>) =
            select(registry, selection)
                .into_iter()
                .partition(|test| will_run(test, selection));
        if selection.ignored == Ignored::Only {
            // Only ignored tests were asked for, and those are in `tests`.
            ignored.clear();
        }
        let filtered_out = registry.tests().len() - tests.len() - ignored.len();
        let given = options.given.by_source();
        let settings = options.settings.clone();
        refuse_unknown(&tests, &given.flags, settings.known_params)?;
        if let Some(seed) = options.shuffle_seed {
            shuffle::shuffle(&mut tests, seed);
        }
        #[cfg(feature = "packages")]
        let filtered_out =
            filtered_out + packages::add(registry, selection, [&mut tests, &mut ignored])?;
        let runs = Runs {
            tests,
            own: Vec::new(),
            tag: options.given.tag.clone(),
            given,
            known: settings.known_params,
        };
        runs.refuse_names()?;
        runs.refuse_values()?;
        Ok(Plan {
            runs,
            ignored,
            filtered_out,
            settings,
        })
    }
}

/// Refuses arguments that no selected test declares. Prefers the error of a test that has a parameter with a similar
/// name.
fn refuse_unknown(tests: &[&Test], given: &Args, known: Known) -> Result<(), PlanError> {
    for (name, arg) in given.iter() {
        if tests.is_empty() || tests.iter().any(|test| is_known(test.def, name, known)) {
            continue;
        }
        let alone: Args = [(name.to_owned(), arg.clone())].into_iter().collect();
        let errors = tests.iter().filter_map(|test| {
            let unknown = params::check(test.def, &alone, known).err()?;
            let test = test.id.to_owned();
            Some(PlanError::Unknown { test, unknown })
        });
        let (near, far): (Vec<_>, Vec<_>) = errors.partition(PlanError::has_nearest);
        if let Some(error) = near.into_iter().chain(far).next() {
            return Err(error);
        }
    }
    Ok(())
}

/// The given arguments that the test declares and, with `--allow-unknown-params`, those that it would accept.
pub(crate) fn args_for(test: &Test, given: &Args, known: Known) -> Args {
    given.filtered(&|name| {
        let is_framework = FRAMEWORK_ARGUMENTS.contains(&name);
        let known = if is_framework { Known::Declared } else { known };
        is_known(test.def, name, known)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_called_by_its_test_and_tag() {
        let test: &'static Test = Box::leak(Box::new(Test {
            id: "net::ping",
            def: &autotest_core::TestDef::DEFAULT,
        }));
        let run = PlannedRun::new(test, Some("v6"), "", Args::new());
        assert_eq!(run.name.tagged_testname, "net.ping.v6");
        assert_eq!(run.name.subdir, "net.ping.v6");
        let run = PlannedRun::new(test, None, "parent.t", Args::new());
        assert_eq!(run.name.subdir, "parent.t/net.ping");
    }
}

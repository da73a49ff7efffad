//! What a case puts in: a scripted test, a job, hooks.
//!
//! The shape is the conformance corpus's own; this module reads it and must not know what a rule, a
//! lifecycle or an expectation is.

mod action;

pub(crate) use action::{
    Action, Arguments, Assert, Call, HookScript, IterationKeyval, RegisterHook, Step, Subtest,
};

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::seed::Seed;

/// One scenario. Everything but `seed` has a default.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Scenario {
    pub(crate) seed: Seed,
    #[serde(default = "mytest")]
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) tag: Option<String>,
    #[serde(default)]
    pub(crate) positional_args: Vec<Json>,
    #[serde(default)]
    pub(crate) args: Map<String, Json>,
    #[serde(default = "one_second")]
    pub(crate) fake_clock_step: f64,
    #[serde(default)]
    pub(crate) record_raw: bool,
    #[serde(default = "testdir")]
    pub(crate) installed_in: Vec<String>,
    #[serde(default = "yes")]
    pub(crate) outputdir_exists: bool,
    #[serde(default)]
    pub(crate) outputdir_has: Vec<String>,
    #[serde(default)]
    pub(crate) prior_src: Option<PriorSrc>,
    #[serde(default)]
    pub(crate) job: JobScript,
    #[serde(default)]
    pub(crate) test: TestScript,
    #[serde(default)]
    pub(crate) hooks: Hooks,
}

/// A `src` that an earlier run left.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PriorSrc {
    #[serde(default)]
    pub(crate) version: Option<Json>,
    #[serde(default)]
    pub(crate) files: BTreeMap<String, String>,
}

/// The original's `job` object.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub(crate) struct JobScript {
    pub(crate) fast: bool,
    pub(crate) test_retry: i64,
    pub(crate) run_test_cleanup: bool,
    pub(crate) default_profile_only: bool,
    pub(crate) drop_caches_between_iterations: bool,
    pub(crate) profilers: Vec<String>,
    pub(crate) profilers_active: bool,
    pub(crate) profilers_fail: BTreeMap<String, Exception>,
    pub(crate) site_testdir: bool,
    pub(crate) install_pkg: Option<Json>,
    pub(crate) subtest_raises: Option<Exception>,
}

impl Default for JobScript {
    fn default() -> JobScript {
        JobScript {
            fast: false,
            test_retry: 0,
            run_test_cleanup: true,
            default_profile_only: false,
            drop_caches_between_iterations: false,
            profilers: Vec::new(),
            profilers_active: false,
            profilers_fail: BTreeMap::new(),
            site_testdir: false,
            install_pkg: None,
            subtest_raises: None,
        }
    }
}

/// An exception to be raised.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Exception {
    pub(crate) class: String,
    #[serde(default)]
    pub(crate) msg: Option<String>,
}

/// The scripted test.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub(crate) struct TestScript {
    pub(crate) version: Json,
    pub(crate) preserve_srcdir: Json,
    pub(crate) network_destabilizing: Json,
    pub(crate) postprocess_profiled_run: Json,
    pub(crate) phases: BTreeMap<String, PhaseScript>,
}

impl Default for TestScript {
    fn default() -> TestScript {
        TestScript {
            version: Json::from(1),
            preserve_srcdir: Json::Null,
            network_destabilizing: Json::Null,
            postprocess_profiled_run: Json::Null,
            phases: BTreeMap::new(),
        }
    }
}

/// What a phase takes and does.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PhaseScript {
    pub(crate) params: Vec<String>,
    pub(crate) defaults: Map<String, Json>,
    pub(crate) star_args: bool,
    pub(crate) catch_all: bool,
    pub(crate) actions: Vec<Action>,
}

impl PhaseScript {
    pub(crate) fn declares(&self, name: &str) -> bool {
        self.params.iter().any(|param| param == name)
    }

    /// Whether a call with an argument of this name reaches it.
    pub(crate) fn takes(&self, name: &str) -> bool {
        self.catch_all || self.declares(name)
    }
}

/// The hooks around tests and iterations.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Hooks {
    pub(crate) before_test: Option<HookScript>,
    pub(crate) after_test: Option<HookScript>,
    pub(crate) before_iteration: Vec<HookScript>,
    pub(crate) after_iteration: Vec<HookScript>,
}

fn mytest() -> String {
    "mytest".to_owned()
}

fn one_second() -> f64 {
    1.0
}

fn testdir() -> Vec<String> {
    vec!["testdir".to_owned()]
}

fn yes() -> bool {
    true
}

impl Scenario {
    pub(crate) fn phase(&self, name: &str) -> Option<&PhaseScript> {
        self.test.phases.get(name)
    }

    /// The output directory below the job's.
    pub(crate) fn subdir(&self) -> String {
        let name = match &self.tag {
            Some(tag) if !tag.is_empty() => format!("{}.{tag}", self.url),
            _ => self.url.clone(),
        };
        match self.args.get("master_testpath").and_then(Json::as_str) {
            None | Some("") => name,
            Some(parent) => format!("{}/{name}", parent.trim_end_matches('/')),
        }
    }

    /// The last part of the output directory.
    pub(crate) fn tagged_testname(&self) -> String {
        let subdir = self.subdir();
        subdir.rsplit('/').next().unwrap_or(&subdir).to_owned()
    }

    /// The arguments that reach the test: the original takes the parent's path out before.
    pub(crate) fn test_args(&self) -> impl Iterator<Item = (&String, &Json)> {
        self.args
            .iter()
            .filter(|(name, _)| *name != "master_testpath")
    }

    /// Every step of every phase and hook, those inside of other steps included.
    pub(crate) fn steps(&self) -> Vec<&Step> {
        let Hooks {
            before_test,
            after_test,
            before_iteration,
            after_iteration,
        } = &self.hooks;
        let tests = before_test.iter().chain(after_test);
        let hooks = tests.chain(before_iteration).chain(after_iteration);
        let phases = self.test.phases.values().map(|phase| &phase.actions);
        let lists = phases.chain(hooks.map(|hook| &hook.actions));
        let mut steps = Vec::new();
        lists.for_each(|actions| action::collect(actions, &mut steps));
        steps
    }

    /// Every exception that anything raises.
    pub(crate) fn exceptions(&self) -> impl Iterator<Item = &str> {
        let job = self
            .job
            .profilers_fail
            .values()
            .chain(&self.job.subtest_raises);
        let raised = self.steps().into_iter().filter_map(|step| match step {
            Step::Raise(exception) => Some(exception.class.as_str()),
            _ => None,
        });
        raised.chain(job.map(|exception| exception.class.as_str()))
    }
}

//! How Python hands arguments to functions, where that shows.

use autotest_core::Phase;
use autotest_core::params::FRAMEWORK_ARGUMENTS;

use crate::scenario::{Call, Scenario, Step};

/// Phases that the original calls without arguments, whatever they declare.
const CALLED_WITHOUT: &[&str] = &[
    "before_run_once",
    "after_run_once",
    "postprocess_iteration",
    "postprocess",
];

/// Phases whose parameters make an argument known.
const VALIDATED: &[&str] = &["initialize", "setup", "execute", "cleanup"];

/// Taken out of the arguments before anything else.
const POPPED: &[&str] = &["run_cleanup", "test_attributes"];

pub(super) fn has_positional_arguments(scenario: &Scenario) -> bool {
    let in_subtest = |step: &Step| {
        step.subtest()
            .is_some_and(|subtest| !subtest.arguments.args.is_empty())
    };
    !scenario.positional_args.is_empty() || scenario.steps().into_iter().any(in_subtest)
}

/// Names of the helpers' own parameters: `_cherry_pick_call(func, …)`, methods' `self`, and
/// `update_version(srcdir, preserve_srcdir, new_version, install, …)` when `setup` takes anything.
pub(super) fn has_reserved_name(scenario: &Scenario) -> bool {
    let of_setup = ["srcdir", "preserve_srcdir", "new_version", "install"];
    let takes_any = scenario.phase("setup").is_some_and(|setup| setup.catch_all);
    scenario.test_args().any(|(name, _)| {
        ["func", "self"].contains(&name.as_str()) || takes_any && of_setup.contains(&name.as_str())
    })
}

/// Whether a phase gets other arguments in the original than those that it declares.
pub(super) fn do_not_match(scenario: &Scenario) -> bool {
    argument_names(scenario).any(|name| is_taken_without_call(scenario, name))
        || is_refused_by_execute(scenario)
        || base_calls(scenario).any(|call| hands_on(scenario, call))
}

fn argument_names(scenario: &Scenario) -> impl Iterator<Item = &str> {
    scenario
        .test_args()
        .map(|(name, _)| name.as_str())
        .filter(|name| !POPPED.contains(name))
}

fn is_framework(name: &str) -> bool {
    FRAMEWORK_ARGUMENTS.contains(&name)
}

fn is_taken_without_call(scenario: &Scenario, name: &str) -> bool {
    let mut phases = CALLED_WITHOUT
        .iter()
        .filter_map(|phase| scenario.phase(phase));
    !is_framework(name) && phases.any(|phase| phase.takes(name))
}

/// Whether an own `execute` is called with an argument of `run_once` that it does not declare.
fn is_refused_by_execute(scenario: &Scenario) -> bool {
    let (Some(execute), Some(run_once)) = (scenario.phase("execute"), scenario.phase("run_once"))
    else {
        return false;
    };
    let is_known = |name: &str| {
        VALIDATED
            .iter()
            .filter_map(|phase| scenario.phase(phase))
            .any(|phase| phase.takes(name))
    };
    argument_names(scenario).all(is_known)
        && argument_names(scenario).any(|name| run_once.takes(name) && !execute.takes(name))
}

/// The calls of the default `execute`.
fn base_calls(scenario: &Scenario) -> impl Iterator<Item = &Call> {
    calls(scenario).filter(|call| call.method == "execute")
}

fn calls(scenario: &Scenario) -> impl Iterator<Item = &Call> {
    scenario.steps().into_iter().filter_map(Step::call)
}

/// The original's `run_once` gets the arguments of the call, ours those of the run.
fn hands_on(scenario: &Scenario, call: &Call) -> bool {
    let run_once = scenario.phase("run_once");
    !call.arguments.args.is_empty()
        || call.arguments.kwargs.keys().any(|name| !is_framework(name))
        || run_once.is_some_and(|phase| {
            argument_names(scenario).any(|name| !is_framework(name) && phase.takes(name))
        })
}

/// Whether a phase or hook calls a phase other than the base class's, or something unknown.
pub(super) fn calls_a_phase(scenario: &Scenario) -> bool {
    scenario.steps().into_iter().any(|step| {
        let is_base = matches!(step, Step::CallBase(_));
        let is_phase = |call: &Call| is_base && Phase::named(&call.method).is_some();
        step.call()
            .is_some_and(|call| call.as_step().is_none() && !is_phase(call))
    })
}

//! Names that look like a phase: typing errors, and names of other frameworks.
//!
//! This module must not know how a phase is declared.

use autotest_core::{Phase, distance};

/// The message for a function that is not a phase, although its name looks like one. `looks_like_phase` tells
/// whether its signature does, too.
pub(crate) fn misnamed(name: &str, looks_like_phase: bool) -> Option<String> {
    let meant = foreign(name)
        .filter(|_| looks_like_phase)
        .map(described)
        .or_else(|| near(name).map(|phase| format!("`{phase}`")))?;
    Some(format!(
        "`{name}` is not a phase: did you mean {meant}? If it is a helper, put `#[helper]` above it"
    ))
}

/// Whether other frameworks use this name for the body of a test.
pub(crate) fn is_body(name: &str) -> bool {
    ["body", "run", "runtest", "test", "testall"].contains(&plain(name).as_str())
}

fn plain(name: &str) -> String {
    name.replace('_', "").to_lowercase()
}

fn near(name: &str) -> Option<Phase> {
    let is_near =
        |phase: &&Phase| plain(phase.name()) == plain(name) || distance(phase.name(), name) <= 1;
    Phase::ALL.iter().find(is_near).copied()
}

/// A name in another framework, and our phases for it, the likeliest first.
type Row = (&'static str, &'static [Phase]);

const BEFORE: &[Phase] = &[Phase::Initialize, Phase::BeforeRunOnce];
const BEFORE_ALL: &[Phase] = &[Phase::Initialize, Phase::Setup];
const BEFORE_EACH: &[Phase] = &[Phase::BeforeRunOnce, Phase::Initialize];
const AFTER: &[Phase] = &[Phase::Cleanup, Phase::AfterRunOnce];
const AFTER_ALL: &[Phase] = &[Phase::Cleanup];

/// The names, in lower case and without `_`, in JUnit, TestNG, unittest, pytest, NUnit, MSTest, GoogleTest,
/// Mocha, Jest, RSpec, Robot Framework and Kyua.
const FOREIGN: &[Row] = &[
    ("after", AFTER),
    ("afterall", AFTER_ALL),
    ("afterclass", AFTER_ALL),
    ("aftereach", AFTER),
    ("aftermethod", AFTER),
    ("aftersuite", AFTER_ALL),
    ("aftertest", AFTER),
    ("before", BEFORE),
    ("beforeall", BEFORE_ALL),
    ("beforeclass", BEFORE_ALL),
    ("beforeeach", BEFORE_EACH),
    ("beforemethod", BEFORE_EACH),
    ("beforesuite", BEFORE_ALL),
    ("beforetest", BEFORE),
    ("classcleanup", AFTER_ALL),
    ("classinitialize", BEFORE_ALL),
    ("classsetup", BEFORE_ALL),
    ("classteardown", AFTER_ALL),
    ("finalize", AFTER_ALL),
    ("globalsetup", BEFORE_ALL),
    ("globalteardown", AFTER_ALL),
    ("init", BEFORE),
    ("onetimesetup", BEFORE_ALL),
    ("onetimeteardown", AFTER_ALL),
    ("setup", &[Phase::Initialize, Phase::Setup]),
    ("setupclass", BEFORE_ALL),
    ("setupfunction", BEFORE),
    ("setupmethod", BEFORE),
    ("setupmodule", BEFORE_ALL),
    ("setuptest", BEFORE),
    ("setuptestcase", BEFORE_ALL),
    ("setuptestsuite", BEFORE_ALL),
    ("suitesetup", BEFORE_ALL),
    ("suiteteardown", AFTER_ALL),
    ("teardown", AFTER_ALL),
    ("teardownclass", AFTER_ALL),
    ("teardownfunction", AFTER),
    ("teardownmethod", AFTER),
    ("teardownmodule", AFTER_ALL),
    ("teardowntest", AFTER),
    ("teardowntestcase", AFTER_ALL),
    ("teardowntestsuite", AFTER_ALL),
    ("testcleanup", AFTER),
    ("testinitialize", BEFORE),
    ("testsetup", BEFORE),
    ("testteardown", AFTER),
];

fn foreign(name: &str) -> Option<&'static [Phase]> {
    let name = plain(name);
    let found = FOREIGN.iter().find(|(foreign, _)| *foreign == name);
    found.map(|(_, phases)| *phases)
}

/// The phases, each with the time when it runs, since other frameworks use other names.
fn described(phases: &[Phase]) -> String {
    let each = phases
        .iter()
        .map(|phase| format!("`{phase}` ({})", when(*phase)));
    each.collect::<Vec<_>>().join(" or ")
}

fn when(phase: Phase) -> &'static str {
    match phase {
        Phase::Initialize => "at the start of each run",
        Phase::Setup => "once per version of the test",
        Phase::Warmup => "before the first iteration",
        Phase::Execute => "in place of all iterations",
        Phase::BeforeRunOnce => "before each iteration",
        Phase::RunOnce => "each iteration",
        Phase::AfterRunOnce => "after each iteration that succeeded",
        Phase::PostprocessIteration => "after each iteration that succeeded, last",
        Phase::Postprocess => "after the last iteration",
        Phase::Cleanup => "at the end of each run, whatever happened",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_others_are_sorted_plain_and_not_ours() {
        assert!(FOREIGN.is_sorted_by_key(|(name, _)| name));
        for (name, _) in FOREIGN {
            assert_eq!(*name, plain(name));
            let phase = Phase::named(name);
            assert!(phase.is_none_or(|phase| phase == Phase::Setup), "{name}");
        }
    }

    #[track_caller]
    fn check(name: &str, expected: Option<&str>) {
        let meant = misnamed(name, true);
        let meant = meant.as_deref().and_then(|text| {
            let (_, meant) = text.split_once("did you mean ")?;
            meant.strip_suffix("? If it is a helper, put `#[helper]` above it")
        });
        assert_eq!(meant, expected, "{name}");
    }

    #[test]
    fn what_other_frameworks_call_their_phases_gets_ours() {
        let cleanup = "`cleanup` (at the end of each run, whatever happened)";
        for name in [
            "tear_down",
            "teardown",
            "tearDown",
            "TearDownClass",
            "after_all",
        ] {
            check(name, Some(cleanup));
        }
        let setup =
            "`initialize` (at the start of each run) or `setup` (once per version of the test)";
        for name in [
            "set_up",
            "setUp",
            "before_all",
            "setup_class",
            "OneTimeSetUp",
        ] {
            check(name, Some(setup));
        }
        let before =
            "`initialize` (at the start of each run) or `before_run_once` (before each iteration)";
        for name in ["before", "init", "test_setup"] {
            check(name, Some(before));
        }
        check(
            "before_each",
            Some(
                "`before_run_once` (before each iteration) or `initialize` (at the start of each run)",
            ),
        );
        check(
            "after_each",
            Some(
                "`cleanup` (at the end of each run, whatever happened) or `after_run_once` (after each \
                 iteration that succeeded)",
            ),
        );
    }

    #[test]
    fn a_slip_gets_the_phase_that_was_meant() {
        check("run_onec", Some("`run_once`"));
        check("clean_up", Some("`cleanup`"));
        check("warm", None);
        check("before_and_after", None);
    }

    #[test]
    fn what_can_be_no_phase_may_have_a_name_of_theirs() {
        assert_eq!(misnamed("before", false), None);
        assert!(misnamed("clean_up", false).is_some());
    }
}

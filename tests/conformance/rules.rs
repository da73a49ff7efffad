//! The rules by which a case is left out: each a predicate on the scenario's content, never on its
//! name, with its reason. `docs/conformance.md` has the same table in prose.
//!
//! Where one field could be brought to the same form instead, `normalise.rs` does that.

mod calls;
mod constraints;
mod perf;

use autotest_core::keyval::check_key;
use serde_json::Value as Json;

use crate::raise::PROCESS_EXITS;
use crate::scenario::{Scenario, Step};

/// Why a case is not run.
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    /// What is otherwise, and where that is decided.
    pub(crate) reason: &'static str,
    applies: fn(&Scenario) -> bool,
}

/// The first rule that applies counts.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "process-exit",
        reason: "an exit of the process is the supervisor's business (DESIGN §5, §8)",
        applies: |scenario| {
            scenario
                .exceptions()
                .any(|class| PROCESS_EXITS.contains(&class))
        },
    },
    Rule {
        name: "package",
        reason: "packages are the job's, before the run (DESIGN §10; a later issue)",
        applies: is_packaged,
    },
    Rule {
        name: "not-located",
        reason: "tests are registered, so a missing one ends the plan (DESIGN §8; a later issue)",
        applies: is_not_located,
    },
    Rule {
        name: "positional-argument",
        reason: "arguments have names (DESIGN §4)",
        applies: calls::has_positional_arguments,
    },
    Rule {
        name: "call-signature",
        reason: "each phase receives what it declares, however it is called (DESIGN §4)",
        applies: calls::do_not_match,
    },
    Rule {
        name: "reserved-name",
        reason: "no parameter name collides with the framework's (DESIGN §4)",
        applies: calls::has_reserved_name,
    },
    Rule {
        name: "method-call",
        reason: "a phase is called by the lifecycle alone (DESIGN §3)",
        applies: calls::calls_a_phase,
    },
    Rule {
        name: "tuple",
        reason: "arguments and keyvals are JSON values (DESIGN §4)",
        applies: has_tuple,
    },
    Rule {
        name: "class-attribute",
        reason: "what a definition says does not change while the test runs (DESIGN §3)",
        applies: |scenario| {
            scenario
                .steps()
                .into_iter()
                .any(|step| matches!(step, Step::SetAttr {}))
        },
    },
    Rule {
        name: "version",
        reason: "a version is a number or a text, and 0 if not given (DESIGN §5, quirk 2)",
        applies: |scenario| {
            !scenario.test.version.is_number() && !scenario.test.version.is_string()
        },
    },
    Rule {
        name: "negative-retry",
        reason: "a negative test_retry is 0 (DESIGN §5)",
        applies: |scenario| scenario.seed.retry && scenario.job.test_retry < 0,
    },
    Rule {
        name: "constraints-type",
        reason: "constraints are a list of texts, or not given (DESIGN §5, quirk 16)",
        applies: constraints::have_another_type,
    },
    Rule {
        name: "constraint-language",
        reason: "constraints are an expression language, not eval (DESIGN §5, quirk 16)",
        applies: constraints::are_more_than_expressions,
    },
    Rule {
        name: "keyval-before-bad-key",
        reason: "a bad keyval key writes nothing of its call (DESIGN §5)",
        applies: |scenario| scenario.steps().into_iter().any(writes_before_bad_key),
    },
    Rule {
        name: "constraint-after-bad-key",
        reason: "constraints do not see a keyval that was refused (DESIGN §5)",
        applies: |scenario| {
            has_bad_iteration_key(scenario) && scenario.args.contains_key("constraints")
        },
    },
    Rule {
        name: "perf-not-in-seed",
        reason: "one output_perf_value for all: the union of the seeds (DESIGN §5)",
        applies: perf::is_not_in_seed,
    },
    Rule {
        name: "perf-argument-type",
        reason: "the arguments of output_perf_value have types (DESIGN §5)",
        applies: perf::has_odd_argument,
    },
    Rule {
        name: "perf-not-finite",
        reason: "a perf value that JSON cannot hold is refused (DESIGN §5)",
        applies: perf::is_not_finite,
    },
    Rule {
        name: "perf-line-not-numeric",
        reason: "what a chart refuses is not written to perf_measurements either (DESIGN §5)",
        applies: perf::is_line_not_numeric,
    },
    Rule {
        name: "profiler-query",
        reason: "asking whether there are profilers cannot fail (DESIGN §10)",
        applies: has_failing_query,
    },
];

/// The rule that leaves the scenario out.
pub(crate) fn applying(scenario: &Scenario) -> Option<&'static Rule> {
    RULES.iter().find(|rule| (rule.applies)(scenario))
}

/// An installation that the original goes on after is filtered out of the events instead.
fn is_packaged(scenario: &Scenario) -> bool {
    let goes_on =
        |installed: &Json| installed == "ok" || installed["class"] == "PackageInstallError";
    scenario.url.ends_with(".tar.bz2") || !scenario.job.install_pkg.as_ref().is_none_or(goes_on)
}

fn is_not_located(scenario: &Scenario) -> bool {
    let is_in = |place: &str| {
        scenario
            .installed_in
            .iter()
            .any(|installed| installed == place)
    };
    let is_in_site = scenario.job.site_testdir && is_in("site_testdir");
    !is_in("testdir") && !is_in_site
}

fn has_failing_query(scenario: &Scenario) -> bool {
    let known = ["before_start", "start", "stop", "report"];
    scenario
        .job
        .profilers_fail
        .keys()
        .any(|method| !known.contains(&method.as_str()))
}

fn has_tuple(scenario: &Scenario) -> bool {
    let steps = scenario.steps();
    let keyvals = steps.iter().flat_map(|step| step.keyvals());
    let mut keyvals = keyvals.flat_map(|(_, kv)| kv.into_values());
    let subtests = steps.iter().filter_map(|step| step.subtest());
    let subtests = subtests.flat_map(|subtest| subtest.arguments.kwargs.values());
    keyvals.any(|value| holds_tuple(&value))
        || subtests.chain(scenario.args.values()).any(holds_tuple)
}

fn holds_tuple(json: &Json) -> bool {
    match json {
        Json::Array(items) => items.iter().any(holds_tuple),
        Json::Object(entries) => {
            entries.contains_key("$tuple") || entries.values().any(holds_tuple)
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
    }
}

pub(crate) fn is_bad_key(key: &str) -> bool {
    check_key(key, None).is_err()
}

/// Whether the original wrote lines before it came to a bad key: it went by the order of the keys,
/// attributes first.
fn writes_before_bad_key(step: &Step) -> bool {
    let mut is_good = Vec::new();
    for (tag, kv) in step.keyvals() {
        let mark = tag.map_or_else(String::new, |tag| format!("{{{}}}", tag.name()));
        let mut lines: Vec<_> = kv
            .keys()
            .map(|key| (format!("{key}{mark}"), !is_bad_key(key)))
            .collect();
        lines.sort();
        is_good.extend(lines.into_iter().map(|(_, is_good)| is_good));
    }
    is_good.first() == Some(&true) && is_good.contains(&false)
}

/// Whether a keyval of an iteration is refused.
pub(crate) fn has_bad_iteration_key(scenario: &Scenario) -> bool {
    let keyvals = scenario.steps().into_iter().flat_map(Step::keyvals);
    let mut iterations = keyvals.filter(|(tag, _)| tag.is_some());
    iterations.any(|(_, kv)| kv.keys().any(|key| is_bad_key(key)))
}

//! What is normalised in the events.

use serde_json::{Value as Json, json};

use super::Comparison;
use super::files::files;
use crate::case::Observed;
use crate::definition::is_truthy;
use crate::rules::is_bad_key;
use crate::scenario::{Scenario, Step};

/// Reads of the harness, timers, log texts; TAP, which is a report of its own here; and what comes
/// before the run.
const FILTERED: &[&str] = &[
    "query",
    "metrics",
    "log",
    "tap.record_keyval",
    "job.install_pkg",
];

fn events(observed: &mut Observed) -> &mut Vec<Json> {
    match observed
        .entry("events".to_owned())
        .or_insert_with(|| json!([]))
    {
        Json::Array(events) => events,
        other => panic!("events are a list, not {other}"),
    }
}

fn is(event: &Json, name: &str) -> bool {
    event[0] == name
}

impl Comparison<'_> {
    pub(super) fn filtered_events(&mut self) {
        events(&mut self.expected).retain(|event| !FILTERED.iter().any(|name| is(event, name)));
        if !self.case.scenario.seed.success {
            let hooks = events(&mut self.observed)
                .iter_mut()
                .filter(|event| is(event, "hook"));
            hooks.for_each(|event| event[4] = Json::Null);
        }
    }

    /// Python's TypeError and ValueError about a number are one refusal here; the type is named by
    /// ours alone, after the comma.
    pub(super) fn refused_perf_values(&mut self) {
        for observed in [&mut self.expected, &mut self.observed] {
            for event in events(observed)
                .iter_mut()
                .filter(|event| is(event, "caught"))
            {
                let message = event[2].as_str().unwrap_or_default();
                if let Some(("float() argument must be a string or a real number", _)) =
                    message.split_once(", not ")
                {
                    event[1] = json!("ValueError");
                    event[2] = json!("not a number");
                }
            }
        }
    }

    /// The original lost its logs after an error before the phases.
    pub(super) fn restored_logs(&mut self) {
        let expected = events(&mut self.expected);
        let has = |name| expected.iter().any(|event| is(event, name));
        if has("logging.tee_redirect_debug_dir") && !has("logging.restore") {
            events(&mut self.observed).retain(|event| !is(event, "logging.restore"));
        }
    }

    pub(super) fn results_of_subtests(&mut self) {
        if self.case.scenario.seed.subtest_result {
            return;
        }
        let results = events(&mut self.observed)
            .iter_mut()
            .filter(|event| is(event, "subtest_result"));
        results.for_each(|event| event[1] = Json::Null);
    }

    /// A bad key among the attributes or parameters: the original had already written some lines of
    /// the test's keyval.
    pub(super) fn bad_attribute_key(&mut self) {
        if !has_bad_attribute_key(&self.case.scenario) {
            return;
        }
        let expected = events(&mut self.expected);
        let tee = expected
            .iter()
            .position(|event| is(event, "logging.tee_redirect_debug_dir"));
        let is_test_keyval = |event: &Json| *event == json!(["write_keyval", "test", null]);
        if let Some(tee) = tee
            && let Some(after) = expected[tee..].iter().position(is_test_keyval)
        {
            expected.remove(tee + after);
        }
        let name = format!("{}/keyval", self.case.scenario.subdir());
        for observed in [&mut self.expected, &mut self.observed] {
            files(observed, "files").remove(&name);
        }
    }
}

fn has_bad_attribute_key(scenario: &Scenario) -> bool {
    let attributes = scenario
        .args
        .get("test_attributes")
        .and_then(Json::as_object);
    let mut keys = attributes
        .into_iter()
        .flatten()
        .chain(scenario.test_args())
        .map(|(key, _)| key);
    keys.any(|key| is_bad_key(key))
}

/// Whether the default `execute` runs by time: by the run's arguments, or by those of the call in an
/// own `execute`.
pub(super) fn is_timed(scenario: &Scenario) -> bool {
    if scenario.phase("execute").is_none() {
        return scenario.args.get("test_length").is_some_and(is_truthy);
    }
    let calls = scenario.steps().into_iter().filter_map(Step::call);
    let mut lengths = calls.filter_map(|call| call.arguments.kwargs.get("test_length"));
    lengths.any(is_truthy)
}

/// A timed run counts its iterations here; in the original they are all 0, and what comes after is 1.
pub(super) fn count_as_original(
    observed: &mut Observed,
    last: Option<Json>,
    expected_last: Option<&Json>,
) {
    let ends_with_1 = expected_last == Some(&json!(1));
    for event in events(observed) {
        if let Some(iteration) = iteration(event) {
            let is_after = ends_with_1 && Some(&*iteration) == last.as_ref();
            *iteration = json!(u8::from(is_after));
        }
    }
}

/// The iteration that an event names.
fn iteration(event: &mut Json) -> Option<&mut Json> {
    let position = match event[0].as_str()? {
        "phase" | "hook" => 3,
        "iteration" => 1,
        name if name.starts_with("profilers.") => 1,
        _ => return None,
    };
    event.get_mut(position)
}

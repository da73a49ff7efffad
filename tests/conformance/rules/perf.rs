//! Perf values that ours takes otherwise than the seed.

use serde_json::Value as Json;

use crate::scenario::{Arguments, Scenario, Step};
use crate::script::{PERF_PARAMETERS, perf_argument};
use crate::seed::PerfFile;

/// The arguments of all calls of `output_perf_value`.
fn requests(scenario: &Scenario) -> impl Iterator<Item = &Arguments> {
    scenario.steps().into_iter().filter_map(|step| {
        let call = step
            .call()
            .filter(|call| call.method == "output_perf_value");
        match step {
            Step::OutputPerfValue(arguments) => Some(arguments),
            _ => call.map(|call| &call.arguments),
        }
    })
}

/// Whether the seed has no such function, or none with these parameters.
pub(super) fn is_not_in_seed(scenario: &Scenario) -> bool {
    let known = match (scenario.seed.perf, scenario.seed.replaces_perf) {
        (PerfFile::None, _) => 0,
        (PerfFile::Chart | PerfFile::Lines, false) => PERF_PARAMETERS.len() - 1,
        (PerfFile::Chart | PerfFile::Lines, true) => PERF_PARAMETERS.len(),
    };
    let known = &PERF_PARAMETERS[..known];
    requests(scenario).any(|arguments| {
        arguments.args.len() > known.len()
            || arguments
                .kwargs
                .keys()
                .any(|name| !known.contains(&name.as_str()))
    })
}

/// Whether an argument has another type than ours takes.
pub(super) fn has_odd_argument(scenario: &Scenario) -> bool {
    let is_line = scenario.seed.perf == PerfFile::Lines;
    requests(scenario).any(|arguments| {
        let is_text = |name| perf_argument(arguments, name).is_none_or(Json::is_string);
        let is_null = |position, name| arguments.get(position, name).is_some_and(Json::is_null);
        let direction = perf_argument(arguments, "higher_is_better");
        perf_argument(arguments, "description").is_none()
            || arguments.get(1, "value").is_none()
            || !["description", "units", "graph", "replacement"]
                .into_iter()
                .all(is_text)
            || is_null(5, "replacement")
            || is_line && !direction.is_none_or(Json::is_boolean)
    })
}

pub(super) fn is_not_finite(scenario: &Scenario) -> bool {
    let mut numbers = requests(scenario).flat_map(numbers);
    numbers.any(|number| float(number).is_some_and(|number| !number.is_finite()))
}

pub(super) fn is_line_not_numeric(scenario: &Scenario) -> bool {
    let mut numbers = requests(scenario).flat_map(numbers);
    scenario.seed.perf == PerfFile::Lines && numbers.any(|number| float(number).is_none())
}

/// The value, or the items of a list.
fn numbers(arguments: &Arguments) -> Vec<&Json> {
    match arguments.get(1, "value") {
        Some(Json::Array(items)) => items.iter().collect(),
        value => value.into_iter().collect(),
    }
}

/// Roughly Python's `float()`.
fn float(json: &Json) -> Option<f64> {
    match json {
        Json::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Json::Number(number) => number.as_f64(),
        Json::String(text) => text.trim().replace('_', "").parse().ok(),
        Json::Object(entries) => match entries.iter().next() {
            Some((key, Json::String(text))) if key == "$float" || key == "$int" => {
                text.parse().ok()
            }
            _ => None,
        },
        Json::Null | Json::Array(_) => None,
    }
}

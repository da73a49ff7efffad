//! Brings expectations and observations to one form where DESIGN decides otherwise than the seeds.
//!
//! Each function here is a row of the table in `docs/conformance.md`. It must touch no more than the
//! one field that the decision is about.

mod events;
mod files;

use serde_json::{Value as Json, json};

use crate::case::{Case, Observed};
use crate::drive::outcome;
use crate::raise::kind_of;
use crate::rules::has_bad_iteration_key;
use autotest_core::Kind;

/// Expected and observed of one case.
pub(crate) struct Comparison<'a> {
    case: &'a Case,
    expected: Observed,
    observed: Observed,
}

/// Brings both to the form in which they are compared.
pub(crate) fn normalise(
    case: &Case,
    expected: Observed,
    observed: Observed,
) -> (Observed, Observed) {
    let mut both = Comparison {
        case,
        expected,
        observed,
    };
    both.outcome();
    both.filtered_events();
    both.refused_perf_values();
    both.restored_logs();
    both.timed_iterations();
    both.results_of_subtests();
    both.bad_attribute_key();
    both.escaped_newlines();
    both.perf_files();
    both.raw_chart();
    both.empty_files();
    both.state();
    both.modes();
    // Packages only, which a rule leaves out.
    both.expected.remove("download_tree");
    (both.expected, both.observed)
}

impl Comparison<'_> {
    /// The original's exception as a kind and a message. Outside of the phases exceptions passed raw;
    /// ours are ERROR and say `Unhandled`.
    fn outcome(&mut self) {
        let Some(Json::Object(raised)) = self.expected.get("outcome") else {
            return;
        };
        let text = |key: &str| {
            raised
                .get(key)
                .and_then(Json::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let (class, message) = (text("class"), text("message"));
        let mut expected = match kind_of(&class) {
            Some(kind) => outcome(kind, &message),
            None => outcome(Kind::Error, &format!("Unhandled {class}: {message}")),
        };
        if let Some(status) = raised.get("exit_status") {
            expected["exit_status"] = status.clone();
        }
        self.expected.insert("outcome".to_owned(), expected);
        self.wording(&message);
    }

    /// Where the words are Python's or the system's, only the class counts.
    fn wording(&mut self, message: &str) {
        let (Some(expected @ Json::Object(_)), Some(observed)) = (
            self.expected.get_mut("outcome"),
            self.observed.get("outcome"),
        ) else {
            return;
        };
        let is_foreign = self.case.python_specific_message
            || FOREIGN_WORDS.iter().any(|words| message.contains(words));
        let unknown = &self.case.any_of_unknown_parameters;
        let counts = match unknown.as_slice() {
            [] => !is_foreign || is_unhandled(expected) != is_unhandled(observed),
            names => !names
                .iter()
                .any(|name| observed["message"] == format!("Unknown parameter: {name}")),
        };
        if !counts {
            expected["message"] = observed["message"].clone();
        }
    }

    /// `success` and `tmpdir_exists_after`, and what a refused keyval left behind for constraints.
    fn state(&mut self) {
        let seed = self.case.scenario.seed;
        let skips_empty = has_bad_iteration_key(&self.case.scenario);
        for observed in [&mut self.expected, &mut self.observed] {
            let Some(Json::Object(state)) = observed.get_mut("state") else {
                continue;
            };
            if !seed.success {
                state.remove("success");
            }
            if let (true, Some(Json::Array(failed))) =
                (skips_empty, state.get_mut("failed_constraints"))
            {
                failed.retain(|failures| failures != &json!([]));
            }
        }
        if let Some(state @ Json::Object(_)) = self.expected.get_mut("state") {
            state["tmpdir_exists_after"] = false.into();
        }
    }

    /// The recorder of the original did not see every directory; seed 003 opened none.
    fn modes(&mut self) {
        let opens_to_others = self.case.scenario.seed.opens_to_others;
        for name in ["resultsdir", "tmpdir"] {
            let (Some(expected), Some(observed)) = (
                self.expected.get_mut("modes"),
                self.observed.get_mut("modes"),
            ) else {
                return;
            };
            if expected[name].is_null() {
                observed[name] = Json::Null;
            }
            if !opens_to_others {
                expected[name] = without_others(&expected[name]);
                observed[name] = without_others(&observed[name]);
            }
        }
    }

    fn timed_iterations(&mut self) {
        if !events::is_timed(&self.case.scenario) {
            return;
        }
        let last = |observed: &Observed| {
            observed
                .get("state")
                .map(|state| state["iteration"].clone())
        };
        let (expected_last, last) = (last(&self.expected), last(&self.observed));
        events::count_as_original(&mut self.observed, last, expected_last.as_ref());
        if let (Some(state), Some(expected)) = (self.observed.get_mut("state"), expected_last) {
            state["iteration"] = expected;
        }
    }
}

/// What the system and `float()` say.
const FOREIGN_WORDS: &[&str] = &["[Errno ", "float() argument must be"];

/// Whether it is an error that is not the test's own word.
fn is_unhandled(outcome: &Json) -> bool {
    outcome["message"]
        .as_str()
        .is_some_and(|message| message.starts_with("Unhandled "))
}

/// `0757` as `075-`.
fn without_others(mode: &Json) -> Json {
    match mode.as_str().and_then(|mode| mode.get(..3)) {
        Some(digits) => json!(format!("{digits}-")),
        None => Json::Null,
    }
}

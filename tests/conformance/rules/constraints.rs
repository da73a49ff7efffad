//! Constraints that only Python's eval understands.

use autotest_core::Constraint;
use serde_json::Value as Json;

use crate::scenario::{Scenario, Step};

/// `None` fails in the original if there is something to check; a text is taken by its characters.
pub(super) fn have_another_type(scenario: &Scenario) -> bool {
    let mut keyvals = scenario.steps().into_iter().flat_map(Step::keyvals);
    match scenario.args.get("constraints") {
        None => false,
        Some(Json::Null | Json::String(_)) => keyvals.any(|(tag, _)| tag.is_some()),
        Some(Json::Array(constraints)) => !constraints.iter().all(Json::is_string),
        Some(_) => true,
    }
}

/// Whether one is no constraint of ours but may be an expression of Python's.
pub(super) fn are_more_than_expressions(scenario: &Scenario) -> bool {
    let constraints = scenario.args.get("constraints").and_then(Json::as_array);
    let mut texts = constraints.into_iter().flatten().filter_map(Json::as_str);
    texts.any(|text| Constraint::parse(text).is_err() && is_of_python(text) || means_more(text))
}

/// Whether it parses here but may mean something else: a format, `"%d" % x`, where ours takes the
/// remainder of numbers alone; the name `__builtins__`, which eval adds; a complex number.
fn means_more(text: &str) -> bool {
    let text: String = text.split_whitespace().collect();
    let is_complex = text.contains("**") && text.contains('-') && text.contains('.');
    ["'%", "\"%", "__builtins__"]
        .iter()
        .any(|mark| text.contains(mark))
        || is_complex
}

/// What Python has more, wherever it stands.
const WORDS: &[&str] = &["lambda", "is", "for"];
const MARKS: &[&str] = &[
    "[", "{", "&", "|", "^", "~", "`", "<<", ">>", ":=", "#", "\\", "...", ",",
];

fn is_of_python(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    words.any(|word| WORDS.contains(&word))
        || MARKS.iter().any(|mark| text.contains(mark))
        || has_joint(text)
}

/// An attribute, a call, a prefix or a neighbour of a text, a suffix of a number.
fn has_joint(text: &str) -> bool {
    let chars: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let is_quote = |c: char| c == '\'' || c == '"';
    chars.windows(2).any(|pair| match *pair {
        ['.', next] => next.is_alphabetic() || next == '_',
        [name, '('] => name.is_alphanumeric(),
        [digit, 'j' | 'J' | 'l' | 'L'] => digit.is_ascii_digit(),
        [first, second] => is_quote(second) && (first.is_alphabetic() || is_quote(first)),
        _ => false,
    })
}

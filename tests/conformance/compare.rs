//! Compares what came out of a run with what the original did.

use serde_json::Value as Json;

use crate::case::{Case, Observed};
use crate::normalise::normalise;

/// What differs, one text each; empty if nothing does.
///
/// Where Python 2 and Python 3 differ in a key, either expectation will do.
pub(crate) fn differences(case: &Case, observed: &Observed) -> Vec<String> {
    let python2 = normalise(case, case.expected.clone(), observed.clone());
    let mut differing = differing_keys(&python2);
    if !case.python3_differs.is_empty() {
        let mut expected = case.expected.clone();
        expected.extend(case.python3_differs.clone());
        let python3 = differing_keys(&normalise(case, expected, observed.clone()));
        differing.retain(|key| python3.contains(key));
    }
    let (expected, observed) = &python2;
    differing
        .iter()
        .map(|key| difference(key, expected.get(key), observed.get(key)))
        .collect()
}

fn differing_keys((expected, observed): &(Observed, Observed)) -> Vec<String> {
    let keys = expected
        .keys()
        .chain(observed.keys().filter(|key| !expected.contains_key(*key)));
    keys.filter(|key| expected.get(*key) != observed.get(*key))
        .cloned()
        .collect()
}

/// For lists and objects only what differs.
fn difference(key: &str, expected: Option<&Json>, observed: Option<&Json>) -> String {
    match (expected, observed) {
        (Some(Json::Array(expected)), Some(Json::Array(observed))) => list(key, expected, observed),
        (Some(Json::Object(expected)), Some(Json::Object(observed))) => {
            let keys = expected
                .keys()
                .chain(observed.keys().filter(|key| !expected.contains_key(*key)));
            let differing = keys.filter(|key| expected.get(*key) != observed.get(*key));
            let lines: Vec<_> = differing
                .map(|part| {
                    value(
                        &format!("{key}.{part}"),
                        expected.get(part),
                        observed.get(part),
                    )
                })
                .collect();
            lines.join("\n")
        }
        _ => value(key, expected, observed),
    }
}

fn value(key: &str, expected: Option<&Json>, observed: Option<&Json>) -> String {
    let shown = |json: Option<&Json>| json.map_or_else(|| "(absent)".to_owned(), Json::to_string);
    format!(
        "    {key}: expected {}\n    {:>width$}  observed {}",
        shown(expected),
        "",
        shown(observed),
        width = key.len()
    )
}

/// From the first item that differs, a few items of each.
fn list(key: &str, expected: &[Json], observed: &[Json]) -> String {
    const SHOWN: usize = 4;
    let pairs = expected.iter().zip(observed);
    let start = pairs
        .take_while(|(expected, observed)| expected == observed)
        .count();
    let show = |items: &[Json]| {
        let items = items.iter().skip(start).take(SHOWN);
        items.map(Json::to_string).collect::<Vec<_>>().join(" ")
    };
    format!(
        "    {key}[{start}..]: expected {}\n    {:>width$}  observed {}",
        show(expected),
        "",
        show(observed),
        width = key.len() + 6
    )
}

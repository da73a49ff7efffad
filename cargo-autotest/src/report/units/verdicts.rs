//! Chooses the final verdict of a test, if several jobs have one.

use std::collections::{BTreeMap, HashMap};

use super::{Part, Unit, reruns};
use crate::report::source::Source;

/// The maximum number of tests that a contradiction names.
const NAMED: usize = 3;

/// Chooses the final verdict of each test. The last one counts; earlier ones are attempts if one run of a runner has
/// all of them, or the later job repeats runs of the earlier one. Returns messages about contradictions.
pub(super) fn choose(unit: &mut Unit) -> Vec<String> {
    let mut owners: HashMap<String, usize> = HashMap::new();
    let mut contradicting: BTreeMap<(usize, usize), Vec<String>> = BTreeMap::new();
    for at in in_order(&unit.parts) {
        let operations: Vec<_> = operations(&unit.parts[at].source);
        for operation in operations {
            let Some(earlier) = owners.insert(operation.clone(), at) else {
                continue;
            };
            let is_left_out = supersede(&mut unit.parts, earlier, at, &operation);
            if is_left_out {
                contradicting
                    .entry((earlier, at))
                    .or_default()
                    .push(operation);
            }
        }
    }
    let has_verdict = |operation: &str| owners.contains_key(operation);
    let is_completed = |at| reruns::is_completed(&unit.parts, at, &has_verdict);
    let completed: Vec<bool> = (0..unit.parts.len()).map(is_completed).collect();
    for (part, is_completed) in unit.parts.iter_mut().zip(completed) {
        part.is_completed = is_completed;
    }
    let worded = contradicting.into_iter();
    worded
        .map(|((earlier, later), tests)| {
            let dir = |at: usize| unit.parts[at].source.dir.display();
            let (earlier, later) = (dir(earlier), dir(later));
            format!(
                "`{earlier}` and `{later}` both have a verdict of {} on `{}`: the later one counts; name only one of \
                 them",
                shown(&tests),
                unit.target
            )
        })
        .collect()
}

/// The jobs in the order in which their verdicts count: by attempt, then jobs after those whose runs they repeat, then
/// by time.
fn in_order(parts: &[Part]) -> Vec<usize> {
    let mut order: Vec<_> = (0..parts.len()).collect();
    let attempt = |at: &usize| {
        parts[*at]
            .source
            .as_member()
            .map_or(0, |(_, attempt)| attempt)
    };
    order.sort_by_key(|at| (attempt(at), reruns::generation(parts, *at)));
    order
}

/// The tests of a job, each once, although a job may run a test several times.
fn operations(source: &Source) -> Vec<String> {
    let mut operations: Vec<_> = source
        .runs
        .iter()
        .map(|run| run.operation.clone())
        .collect();
    operations.sort();
    operations.dedup();
    operations
}

/// Replaces an earlier verdict of a test by that of a later job. Returns `true` if the earlier one is left out, rather
/// than kept as an attempt.
fn supersede(parts: &mut [Part], earlier: usize, later: usize, operation: &str) -> bool {
    let of_later = parts[later].source.as_member();
    let member = parts[earlier].source.as_member();
    let attempt = member
        .zip(of_later)
        .and_then(|((dir, attempt), (other, _))| {
            let is_same_runner = dir == other;
            is_same_runner.then_some(attempt)
        });
    let is_repeated = reruns::follows(parts, later, earlier);
    let attempt = attempt.or_else(|| is_repeated.then(|| reruns::generation(parts, earlier) + 1));
    let part = &mut parts[earlier];
    let runs = part.source.runs.iter();
    let mut is_left_out = false;
    for run in runs.filter(|run| run.operation == operation) {
        match attempt.filter(|_| run.can_be_attempt()) {
            Some(attempt) => _ = part.attempts.insert(run.number, attempt),
            None => {
                part.left_out.insert(run.number);
                is_left_out = true;
            }
        }
    }
    is_left_out
}

/// The names of the first tests, and the number of further ones.
fn shown(tests: &[String]) -> String {
    let named: Vec<_> = tests
        .iter()
        .take(NAMED)
        .map(|test| format!("`{test}`"))
        .collect();
    match tests.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

//! Jobs that repeat runs of others (`--rerun`): what was repeated becomes an attempt.

use std::collections::{BTreeMap, HashSet};

use autotest_core::status::Status;

use super::{Part, Unit};
use crate::report::source::Source;

/// Separates the jobs that repeat runs of a job that is there, too, on the same host.
pub(super) fn apart(sources: Vec<Source>) -> (Vec<Source>, Vec<Source>) {
    let known: HashSet<_> = sources.iter().map(id).collect();
    let repeats = |source: &Source| repeated(source).is_some_and(|id| known.contains(&id));
    sources.into_iter().partition(|source| !repeats(source))
}

/// Adds jobs to the units of those whose runs they repeat. Returns those of which there is no such unit.
pub(super) fn join(
    units: &mut BTreeMap<(String, String), Unit>,
    mut reruns: Vec<Source>,
) -> Vec<Source> {
    loop {
        let count = reruns.len();
        let mut rest = Vec::new();
        for rerun in reruns {
            let is_of = |unit: &&mut Unit| {
                let mut parts = unit.parts.iter();
                parts.any(|part| repeated(&rerun) == Some(id(&part.source)))
            };
            match units.values_mut().find(is_of) {
                Some(unit) => unit.parts.push(rerun.into()),
                None => rest.push(rerun),
            }
        }
        if rest.is_empty() || rest.len() == count {
            return rest;
        }
        // Those that repeat runs of a job that was just added.
        reruns = rest;
    }
}

/// How many jobs before this one repeated each other, and it the last of them.
pub(super) fn generation(parts: &[Part], at: usize) -> u32 {
    before(parts, at).count() as u32
}

/// Whether a job repeats runs of another, perhaps by way of others.
pub(super) fn follows(parts: &[Part], later: usize, earlier: usize) -> bool {
    before(parts, later).any(|at| at == earlier)
}

/// Whether jobs that ended well ran again what a job had left. `has_verdict` is whether a test has a final one.
pub(super) fn is_completed(parts: &[Part], at: usize, has_verdict: &dyn Fn(&str) -> bool) -> bool {
    let start = &parts[at].source.start;
    let mut planned = start.plan.iter();
    let is_good = |later: &usize| parts[*later].source.end.0 == Status::Good;
    (0..parts.len())
        .filter(is_good)
        .any(|later| follows(parts, later, at))
        && start.is_planned()
        && planned.all(|planned| has_verdict(&planned.operation))
}

/// The jobs whose runs a job repeats, the nearest one first.
fn before(parts: &[Part], at: usize) -> impl Iterator<Item = usize> {
    let earlier = move |at: &usize| {
        let wanted = repeated(&parts[*at].source)?;
        parts.iter().position(|part| id(&part.source) == wanted)
    };
    // A journal may say that a job repeats itself.
    std::iter::successors(Some(at), earlier)
        .skip(1)
        .take(parts.len())
}

/// What no other job has.
fn id(source: &Source) -> (String, String) {
    (source.start.hostname.clone(), source.start.id.clone())
}

/// The job whose runs a job repeats.
fn repeated(source: &Source) -> Option<(String, String)> {
    let start = &source.start;
    (!start.rerun_of.is_empty()).then(|| (start.hostname.clone(), start.rerun_of.clone()))
}

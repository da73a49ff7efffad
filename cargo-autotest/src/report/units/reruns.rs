//! Jobs that repeat runs of others (`--rerun`). The repeated runs become attempts.

use std::collections::{BTreeMap, HashSet};

use autotest_core::status::Status;

use super::{Part, Unit};
use crate::report::source::Source;

/// Separates the jobs that repeat runs of another job in `sources`, on the same host. Returns the others, then these.
pub(super) fn apart(sources: Vec<Source>) -> (Vec<Source>, Vec<Source>) {
    let known: HashSet<_> = sources.iter().map(id).collect();
    let repeats = |source: &Source| repeated(source).is_some_and(|id| known.contains(&id));
    sources.into_iter().partition(|source| !repeats(source))
}

/// Adds jobs to the units of the jobs whose runs they repeat. Returns the jobs without such a unit.
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
        // These may repeat runs of a job that was just added.
        reruns = rest;
    }
}

/// The length of the chain of earlier jobs whose runs this job repeats.
pub(super) fn generation(parts: &[Part], at: usize) -> u32 {
    before(parts, at).count() as u32
}

/// Whether a job repeats runs of another, directly or through jobs between them.
pub(super) fn follows(parts: &[Part], later: usize, earlier: usize) -> bool {
    before(parts, later).any(|at| at == earlier)
}

/// Whether later jobs, of which one ended well, ran what a job left unfinished. `has_verdict` tells whether a test has
/// a final verdict.
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

/// Identifies a job: its host and its id.
fn id(source: &Source) -> (String, String) {
    (source.start.hostname.clone(), source.start.id.clone())
}

/// The job whose runs a job repeats.
fn repeated(source: &Source) -> Option<(String, String)> {
    let start = &source.start;
    (!start.rerun_of.is_empty()).then(|| (start.hostname.clone(), start.rerun_of.clone()))
}

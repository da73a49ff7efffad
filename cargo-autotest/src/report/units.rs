//! Decides which jobs belong together, and which of their verdicts are final.
//!
//! A [`Unit`] is a suite on a target. It has exactly one final verdict for each test; contradictions become messages.

mod reruns;
mod shards;
mod verdicts;

use std::collections::{BTreeMap, HashMap, HashSet};

use super::source::Source;

/// A suite on a target, with the jobs that ran it.
#[derive(Debug)]
pub(super) struct Unit {
    /// The host, or the hosts that each ran some of the shards.
    pub(super) target: String,
    /// The name of the suite or of the binary.
    pub(super) label: String,
    /// The jobs in the order in which they began.
    pub(super) parts: Vec<Part>,
    /// Messages about missing shards.
    pub(super) missing: Vec<String>,
}

/// A job of a unit.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) source: Source,
    /// The runs that a later job of the same runner repeated, or a job that repeats runs of this one, each with the
    /// number of the attempt.
    pub(super) attempts: HashMap<u32, u32>,
    /// The runs that a later job contradicts.
    pub(super) left_out: HashSet<u32>,
    /// Whether a later job ran what this one left unfinished.
    pub(super) is_completed: bool,
}

/// The units of some jobs, and messages about contradictions.
#[derive(Debug, Default)]
pub(super) struct Units {
    pub(super) units: Vec<Unit>,
    pub(super) contradictions: Vec<String>,
}

impl Units {
    /// Sorts jobs into units, by target and label.
    pub(super) fn of(sources: Vec<Source>) -> Units {
        let mut units = Units::default();
        let sources = units.without_copies(sources);
        let (sources, reruns) = reruns::apart(sources);
        // A job that repeats runs of a shard is not a shard itself, even if that shard is missing.
        let is_shard =
            |source: &Source| source.shard().is_some() && source.start.rerun_of.is_empty();
        let (shards, whole): (Vec<_>, Vec<_>) = sources.into_iter().partition(is_shard);
        let mut by_name: BTreeMap<(String, String), Unit> = BTreeMap::new();
        for source in whole {
            let target = source.start.hostname.clone();
            unit(&mut by_name, target, &source)
                .parts
                .push(source.into());
        }
        for set in shards::sets(shards) {
            let problems = set.problems();
            let unit = unit(&mut by_name, set.target(), &set.shards[0]);
            unit.missing.extend(problems.missing);
            units.contradictions.extend(problems.contradictions);
            unit.parts.extend(set.shards.into_iter().map(Part::from));
        }
        for source in reruns::join(&mut by_name, reruns) {
            let target = source.start.hostname.clone();
            unit(&mut by_name, target, &source)
                .parts
                .push(source.into());
        }
        for mut unit in by_name.into_values() {
            unit.parts.sort_by(|a, b| a.began().total_cmp(&b.began()));
            let contradictions = verdicts::choose(&mut unit);
            units.contradictions.extend(unit.missing.iter().cloned());
            units.contradictions.extend(contradictions);
            units.units.push(unit);
        }
        units
    }

    /// Removes copies of a job, and keeps the one with the most records.
    fn without_copies(&mut self, sources: Vec<Source>) -> Vec<Source> {
        let mut kept: Vec<Source> = Vec::new();
        for source in sources {
            let is_same = |other: &Source| {
                (&other.start.hostname, &other.start.id)
                    == (&source.start.hostname, &source.start.id)
            };
            match kept.iter().position(is_same) {
                None => kept.push(source),
                Some(at) => {
                    let is_longer = source.length > kept[at].length;
                    let other = match is_longer {
                        true => std::mem::replace(&mut kept[at], source),
                        false => source,
                    };
                    self.contradictions.push(copies(&kept[at], &other));
                }
            }
        }
        kept
    }
}

/// The message about two copies of a job.
fn copies(kept: &Source, other: &Source) -> String {
    let (kept_dir, other_dir) = (kept.dir.display(), other.dir.display());
    match kept.length == other.length {
        true => {
            format!("`{other_dir}` is a copy of the job in `{kept_dir}`: name only one of them")
        }
        false => format!(
            "`{kept_dir}` and `{other_dir}` have the same job, and the first has more of it: name only that one"
        ),
    }
}

fn unit<'u>(
    units: &'u mut BTreeMap<(String, String), Unit>,
    target: String,
    source: &Source,
) -> &'u mut Unit {
    let label = source.start.label.clone();
    let new = || Unit {
        target: target.clone(),
        label: label.clone(),
        parts: Vec::new(),
        missing: Vec::new(),
    };
    let name = (target.clone(), label.clone());
    units.entry(name).or_insert_with(new)
}

impl Part {
    fn began(&self) -> f64 {
        self.source.time.0
    }

    /// The reason why the job was aborted, with the name of the job.
    pub(super) fn aborted(&self) -> String {
        let (start, reason) = (&self.source.start, &self.source.end.1);
        let shard = start.shard.as_ref().map(|shard| format!(", shard {shard}"));
        let shard = shard.unwrap_or_default();
        format!("{} on {}{shard}: {reason}", start.label, start.hostname)
    }
}

impl From<Source> for Part {
    fn from(source: Source) -> Part {
        Part {
            source,
            attempts: HashMap::new(),
            left_out: HashSet::new(),
            is_completed: false,
        }
    }
}

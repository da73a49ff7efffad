//! Which jobs belong together, and which of their verdicts are final.
//!
//! A [`Unit`] is a suite on a target. It has exactly one final verdict for each test. What contradicts that is put
//! into words here.

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
    /// What is not there, in words.
    pub(super) missing: Vec<String>,
}

/// A job of a unit.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) source: Source,
    /// The runs that were repeated by a later job of the same runner, or by one that repeats runs of this job, with
    /// the number of the attempt.
    pub(super) attempts: HashMap<u32, u32>,
    /// The runs that a later job contradicts.
    pub(super) left_out: HashSet<u32>,
    /// Whether a later job ran what this one left unfinished.
    pub(super) is_completed: bool,
}

/// The units of some jobs, and what contradicts, in words.
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
        // One that repeats runs of a shard is none, even if that is not there.
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

    /// Removes copies of a job: the one with more records is kept.
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

/// Names copies of a job.
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

    /// Why the job was aborted, and which one it is.
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

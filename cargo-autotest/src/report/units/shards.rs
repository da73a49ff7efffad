//! Finds the shards that together form one whole.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::source::Source;

/// The shards that together run all tests of a suite.
#[derive(Debug)]
pub(super) struct Set {
    /// The number of shards that there should be.
    parts: u32,
    /// The shards that are there, sorted by number; at least one.
    pub(super) shards: Vec<Source>,
}

/// Messages about problems of a set.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Problems {
    pub(super) missing: Vec<String>,
    pub(super) contradictions: Vec<String>,
}

/// Sorts shards into sets. A host with all shards of a suite has its own set; the remaining shards, which ran on
/// different hosts, form one set.
pub(super) fn sets(shards: Vec<Source>) -> Vec<Set> {
    let mut by_suite: BTreeMap<(String, u32), Vec<Source>> = BTreeMap::new();
    for source in shards {
        let parts = source.shard().map_or(1, |(_, parts)| parts);
        let suite = (source.start.label.clone(), parts);
        by_suite.entry(suite).or_default().push(source);
    }
    let sets = by_suite.into_iter();
    sets.flat_map(|((_, parts), shards)| sets_of_suite(parts, shards))
        .collect()
}

fn sets_of_suite(parts: u32, shards: Vec<Source>) -> Vec<Set> {
    let mut by_host: BTreeMap<String, Vec<Source>> = BTreeMap::new();
    for source in shards {
        by_host
            .entry(source.start.hostname.clone())
            .or_default()
            .push(source);
    }
    let (complete, rest): (Vec<_>, Vec<_>) = by_host
        .into_values()
        .partition(|shards| numbers(shards).len() == parts as usize);
    let rest: Vec<_> = rest.into_iter().flatten().collect();
    let sets = complete.into_iter().chain([rest]);
    sets.filter(|shards| !shards.is_empty())
        .map(|mut shards| {
            shards.sort_by_key(Source::shard);
            Set { parts, shards }
        })
        .collect()
}

fn numbers(shards: &[Source]) -> BTreeSet<u32> {
    let numbers = shards.iter().filter_map(Source::shard);
    numbers.map(|(part, _)| part).collect()
}

impl Set {
    /// The host, or all hosts, separated by commas.
    pub(super) fn target(&self) -> String {
        let hosts = self
            .shards
            .iter()
            .map(|shard| shard.start.hostname.as_str());
        let hosts: BTreeSet<_> = hosts.collect();
        hosts.into_iter().collect::<Vec<_>>().join(",")
    }

    pub(super) fn problems(&self) -> Problems {
        Problems {
            missing: self.missing(),
            contradictions: self.repeated().chain(self.different()).collect(),
        }
    }

    fn missing(&self) -> Vec<String> {
        let there = numbers(&self.shards);
        let (parts, first) = (self.parts, &self.shards[0].start);
        let missing = (1..=parts).filter(|part| !there.contains(part));
        missing
            .map(|part| {
                format!(
                    "shard {part}/{parts} of `{}` is missing: name its results, too, or run it with `--shard \
                     {part}/{parts}`",
                    first.label
                )
            })
            .collect()
    }

    fn repeated(&self) -> impl Iterator<Item = String> {
        let pairs = self.shards.iter().zip(self.shards.iter().skip(1));
        let same = pairs.filter(|(a, b)| a.shard() == b.shard());
        same.map(|(a, b)| {
            format!(
                "`{}` and `{}` are both shard {} of `{}`: the later one counts; name only one of them",
                a.dir.display(),
                b.dir.display(),
                a.start.shard.as_deref().unwrap_or_default(),
                a.start.label,
            )
        })
    }

    /// Messages about the shards that differ from the first one in what all must have in common.
    fn different(&self) -> impl Iterator<Item = String> {
        let first = &self.shards[0];
        self.shards.iter().skip(1).filter_map(move |other| {
            let what = difference(first, other)?;
            let (a, b) = (first.dir.display(), other.dir.display());
            Some(format!(
                "the shards `{a}` and `{b}` of `{}` are not of one whole, since {what}: run all shards again, with \
                 the same build and the same arguments",
                first.start.label
            ))
        })
    }
}

fn difference(a: &Source, b: &Source) -> Option<String> {
    let (a_start, b_start) = (&a.start, &b.start);
    if a_start.build_id != b_start.build_id {
        let (a, b) = (&a_start.build_id, &b_start.build_id);
        Some(format!("their builds are {a} and {b}"))
    } else if a.all_tests() != b.all_tests() {
        let (a, b) = (a.all_tests(), b.all_tests());
        Some(format!("their binaries have {a} and {b} tests"))
    } else if a.deciding_args() != b.deciding_args() {
        let shown = |source: &Source| format!("`{}`", source.deciding_args().join(" "));
        Some(format!("their arguments are {} and {}", shown(a), shown(b)))
    } else if (&a_start.options, &a_start.environment) != (&b_start.options, &b_start.environment) {
        Some("their environment variables are different".to_owned())
    } else {
        None
    }
}

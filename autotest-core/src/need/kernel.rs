//! Versions of the kernel, and how two of them compare.

use std::cmp::Ordering;
use std::fmt::{self, Display, Formatter};

/// The numbers of a kernel's release: `6.1` of `6.1.0-18-amd64` with two parts, `6.1.0` with three.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KernelVersion(Vec<u32>);

impl KernelVersion {
    /// Parses one to three whole numbers with dots between them.
    pub fn parse(text: &str) -> Option<KernelVersion> {
        let parts: Option<Vec<u32>> = text.split('.').map(|part| part.parse().ok()).collect();
        let parts = parts.filter(|parts| (1..=3).contains(&parts.len()))?;
        Some(KernelVersion(parts))
    }

    /// The version of a release as `uname -r` prints it; everything after the numbers is ignored.
    pub fn of_release(release: &str) -> Option<KernelVersion> {
        let is_other = |c: char| !(c.is_ascii_digit() || c == '.');
        let numbers = release.split(is_other).next().unwrap_or_default();
        let parts: Vec<&str> = numbers.split('.').filter(|part| !part.is_empty()).collect();
        KernelVersion::parse(&parts[..parts.len().min(3)].join("."))
    }

    /// Compares as many parts as `other` has: 6.1.7 equals 6.1. A missing part is 0.
    fn compare(&self, other: &KernelVersion) -> Ordering {
        let part = |version: &KernelVersion, i: usize| version.0.get(i).copied().unwrap_or(0);
        let mut parts = (0..other.0.len()).map(|i| part(self, i).cmp(&part(other, i)));
        parts.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

impl Display for KernelVersion {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&parts.join("."))
    }
}

/// The required result of a comparison of versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    AtLeast,
    Above,
    AtMost,
    Below,
    Same,
}

/// Relations of two characters come first, since they begin with the others.
const RELATIONS: [(&str, Relation); 5] = [
    (">=", Relation::AtLeast),
    ("<=", Relation::AtMost),
    ("==", Relation::Same),
    (">", Relation::Above),
    ("<", Relation::Below),
];

impl Relation {
    /// Splits off the relation at the beginning of a text.
    pub(super) fn split(text: &str) -> (Option<Relation>, &str) {
        let text = text.trim();
        let found = RELATIONS.iter().find_map(|(sign, relation)| {
            let rest = text.strip_prefix(sign)?;
            Some((Some(*relation), rest))
        });
        found.unwrap_or((None, text))
    }

    pub(super) fn holds(self, version: &KernelVersion, bound: &KernelVersion) -> bool {
        let order = version.compare(bound);
        match self {
            Relation::AtLeast => order.is_ge(),
            Relation::Above => order.is_gt(),
            Relation::AtMost => order.is_le(),
            Relation::Below => order.is_lt(),
            Relation::Same => order.is_eq(),
        }
    }
}

impl Display for Relation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let sign = RELATIONS.iter().find(|(_, relation)| relation == self);
        f.write_str(sign.map_or("", |(sign, _)| sign))
    }
}

//! A map that keeps the order of insertion.

use std::collections::HashMap;

/// Entries by name, in order of insertion. Entries cannot be removed.
#[derive(Clone, Debug)]
pub(super) struct Ordered<V> {
    entries: Vec<(String, V)>,
    positions: HashMap<String, usize>,
}

impl<V> Default for Ordered<V> {
    fn default() -> Ordered<V> {
        Ordered {
            entries: Vec::new(),
            positions: HashMap::new(),
        }
    }
}

/// Positions are derived from the entries, so they are not compared.
impl<V: PartialEq> PartialEq for Ordered<V> {
    fn eq(&self, other: &Ordered<V>) -> bool {
        self.entries == other.entries
    }
}

impl<V> Ordered<V> {
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.entries
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// The entry with that name, created by `make` if there was none.
    pub(super) fn entry(&mut self, name: &str, make: impl FnOnce() -> V) -> &mut V {
        let position = match self.positions.get(name) {
            Some(position) => *position,
            None => self.push(name, make()),
        };
        &mut self.entries[position].1
    }

    /// Inserts or replaces an entry.
    #[cfg(feature = "serde")]
    pub(super) fn insert(&mut self, name: &str, value: V) {
        match self.positions.get(name) {
            Some(position) => self.entries[*position].1 = value,
            None => _ = self.push(name, value),
        }
    }

    fn push(&mut self, name: &str, value: V) -> usize {
        let position = self.entries.len();
        self.positions.insert(name.to_owned(), position);
        self.entries.push((name.to_owned(), value));
        position
    }
}

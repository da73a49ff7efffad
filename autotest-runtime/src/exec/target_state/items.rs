//! A list of items of one kind, such as mounts, to be compared.

use std::collections::BTreeMap;

/// Items of one kind, each with a value, which may be empty.
///
/// All are in one text, so that few pages are written to: the process of the next test shares the supervisor's memory
/// while the target is read, so the kernel copies each page that is written to. A map of strings would have many.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Items {
    text: String,
    /// The ends of each item's key and value in the text.
    ends: Vec<(usize, usize)>,
}

impl Items {
    pub(super) fn new() -> Items {
        Items::default()
    }

    pub(super) fn insert(&mut self, key: &str, value: &str) {
        self.text.push_str(key);
        let end = self.text.len();
        self.text.push_str(value);
        self.ends.push((end, self.text.len()));
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Maps keys to values. Of items with the same key, the last one counts.
    pub(super) fn by_name(&self) -> BTreeMap<&str, &str> {
        let mut begin = 0;
        let items = self.ends.iter().map(|(key, value)| {
            let item = (&self.text[begin..*key], &self.text[*key..*value]);
            begin = *value;
            item
        });
        items.collect()
    }
}

impl Extend<(String, String)> for Items {
    fn extend<I: IntoIterator<Item = (String, String)>>(&mut self, items: I) {
        for (key, value) in items {
            self.insert(&key, &value);
        }
    }
}

impl FromIterator<(String, String)> for Items {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(items: I) -> Items {
        let mut all = Items::new();
        all.extend(items);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_found_by_their_names() {
        let mut items = Items::new();
        assert!(items.is_empty());
        for (key, value) in [("b", "1"), ("a\0c", ""), ("", ""), ("b", "2")] {
            items.insert(key, value);
        }
        assert_eq!(items.len(), 4);
        let expected = BTreeMap::from([("", ""), ("a\0c", ""), ("b", "2")]);
        assert_eq!(items.by_name(), expected);
    }
}

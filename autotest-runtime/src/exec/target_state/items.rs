//! Things of one kind, as they are read and compared.

use std::collections::BTreeMap;

/// Things of one kind, each with what else is known of it; that may be empty.
///
/// All are in one text. The process of the next test shares the supervisor's memory when the target is read, so that the
/// kernel copies each page that is written to; a map of strings has many.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Items {
    text: String,
    /// Where each thing and what is known of it end in the text.
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

    /// Of things with the same name, the last one counts.
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

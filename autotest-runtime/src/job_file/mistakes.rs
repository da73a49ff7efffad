//! The mistakes in a file, each with its place.

use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A piece of JSON in the file, from which its place can be told.
pub(super) type Piece<'a> = &'a RawValue;

/// A member of an object: its key, the key's piece, and its value.
pub(super) type Member<'a> = (String, Piece<'a>, Piece<'a>);

/// All mistakes that were found so far.
#[derive(Debug)]
pub(crate) struct Mistakes<'a> {
    text: &'a str,
    /// The offsets in the text, each with a message, in the order of the text.
    found: Vec<(usize, String)>,
}

impl<'a> Mistakes<'a> {
    pub(super) fn new(text: &'a str) -> Mistakes<'a> {
        let found = Vec::new();
        Mistakes { text, found }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.found.len()
    }

    /// Adds a mistake at a piece of the text.
    pub(super) fn at(&mut self, piece: Piece<'_>, message: impl Into<String>) {
        self.insert(self.offset(piece), message.into());
    }

    fn insert(&mut self, offset: usize, message: String) {
        let at = self.found.partition_point(|(found, _)| *found <= offset);
        self.found.insert(at, (offset, message));
    }

    /// Adds the error of a text that is no JSON.
    pub(super) fn syntax(&mut self, error: &serde_json::Error) {
        let lines = self.text.split_inclusive('\n');
        let before: usize = lines
            .take(error.line().saturating_sub(1))
            .map(str::len)
            .sum();
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        let offset = (before + error.column().saturating_sub(1)).min(self.text.len());
        self.insert(offset, message.to_owned());
    }

    /// A value of a simple type; otherwise a mistake that says what is expected.
    pub(super) fn value<T: DeserializeOwned>(
        &mut self,
        piece: Piece<'_>,
        expected: &str,
    ) -> Option<T> {
        let value = read(piece);
        if value.is_err() {
            let given = autotest_core::excerpt_ends(piece.get());
            self.at(piece, format!("expected {expected}, not `{given}`"));
        }
        value.ok()
    }

    /// The elements of an array.
    pub(super) fn list(&mut self, piece: Piece<'a>, expected: &str) -> Vec<Piece<'a>> {
        let list = read(piece);
        if list.is_err() {
            self.at(piece, format!("expected {expected}"));
        }
        list.unwrap_or_default()
    }

    /// The entries of an object, each key once.
    pub(super) fn object(&mut self, piece: Piece<'a>, expected: &str) -> Option<Vec<Member<'a>>> {
        let Ok(Entries(entries)) = read(piece) else {
            self.at(piece, format!("expected {expected}"));
            return None;
        };
        let mut known: Vec<Member<'a>> = Vec::new();
        for (key, value) in entries {
            let name: String = read(key).unwrap_or_default();
            match known.iter().any(|(known, ..)| *known == name) {
                true => self.at(key, format!("`{name}` is given twice")),
                false => known.push((name, key, value)),
            }
        }
        Some(known)
    }

    /// `line:column` of a piece of the text, both from 1; columns count characters.
    pub(super) fn place(&self, piece: Piece<'_>) -> String {
        self.place_of(self.offset(piece))
    }

    fn offset(&self, piece: Piece<'_>) -> usize {
        // Each piece is a part of the text.
        piece.get().as_ptr().addr() - self.text.as_ptr().addr()
    }

    fn place_of(&self, offset: usize) -> String {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        format!("{line}:{column}")
    }

    /// All messages in the order of their places, each after the name of the file.
    pub(crate) fn of_file(&self, file: &str) -> String {
        let lines = self
            .found
            .iter()
            .map(|(offset, message)| format!("{file}:{}: {message}", self.place_of(*offset)));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Reads a piece. Not with `from_str`: everything else is read from bytes, and a binary would contain a second
/// reader of each type.
fn read<'de, T: Deserialize<'de>>(piece: Piece<'de>) -> serde_json::Result<T> {
    serde_json::from_slice(piece.get().as_bytes())
}

/// The entries of an object, in the order of the text.
struct Entries<'a>(Vec<(Piece<'a>, Piece<'a>)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(object: D) -> Result<Self, D::Error> {
        object.deserialize_map(Entries(Vec::new()))
    }
}

impl<'de> Visitor<'de> for Entries<'de> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<Self, A::Error> {
        while let Some(entry) = entries.next_entry()? {
            self.0.push(entry);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_has_the_line_and_the_column_of_its_piece() {
        let text = "{\n  \"é\": {\"a\": 1,\n \"a\": true}}";
        let mut mistakes = Mistakes::new(text);
        let root: Piece<'_> = serde_json::from_str(text).unwrap();
        let entries = mistakes.object(root, "an object").unwrap();
        let inner = mistakes.object(entries[0].2, "an object").unwrap();
        assert_eq!(mistakes.value::<String>(inner[0].2, "a text"), None);
        assert_eq!(
            mistakes.of_file("f"),
            "f:2:14: expected a text, not `1`\nf:3:2: `a` is given twice"
        );
    }

    #[test]
    fn what_is_no_json_has_a_place_as_well() {
        let text = "{\n  \"a\": [1,,2]\n}";
        let mut mistakes = Mistakes::new(text);
        mistakes.syntax(&serde_json::from_str::<Piece<'_>>(text).unwrap_err());
        assert_eq!(mistakes.of_file("f"), "f:2:11: expected value");
    }
}

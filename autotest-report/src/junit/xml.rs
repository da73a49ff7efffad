//! A writer for simple XML: indented elements with attributes and texts, one in each line.
//!
//! No text can break the document or add elements to it. This module must not know the meaning of elements.

use std::fmt::Write;

use crate::sanitize::{printable, single_line};

/// A part of a document.
#[derive(Debug)]
pub(super) struct Xml {
    text: String,
    depth: usize,
}

impl Xml {
    /// A part whose elements are nested in `depth` others.
    pub(super) fn at(depth: usize) -> Xml {
        let text = String::new();
        Xml { text, depth }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Begins an element.
    pub(super) fn open(&mut self, tag: Tag) {
        self.line(&format!("<{}>", tag.0));
        self.depth += 1;
    }

    /// Ends an element.
    pub(super) fn close(&mut self, name: &str) {
        self.depth -= 1;
        self.line(&format!("</{name}>"));
    }

    /// Adds an empty element.
    pub(super) fn empty(&mut self, tag: Tag) {
        self.line(&format!("<{}/>", tag.0));
    }

    /// Adds an element with a text.
    pub(super) fn text(&mut self, name: &str, tag: Tag, text: &str) {
        self.line(&format!("<{}>{}</{name}>", tag.0, escaped(&inert(text))));
    }

    /// Adds a part that was created separately.
    pub(super) fn add(&mut self, part: Xml) {
        self.text.push_str(&part.text);
    }

    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{:1$}{line}", "", self.depth * 4);
    }
}

/// The content of a start tag: the name of an element and its attributes.
pub(super) struct Tag(String);

impl Tag {
    pub(super) fn new(name: &str) -> Tag {
        Tag(name.to_owned())
    }

    /// Adds an attribute. Its value is put on one line, since readers normalise line breaks in it anyway.
    pub(super) fn with(mut self, name: &str, value: &str) -> Tag {
        let value = escaped(&single_line(&inert(value)));
        let _ = write!(self.0, " {name}=\"{value}\"");
        self
    }

    /// Adds an attribute if there is a value.
    pub(super) fn with_some(self, name: &str, value: Option<&str>) -> Tag {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

/// Removes colour codes from a text, and replaces other control characters and characters that are not
/// allowed in XML.
fn inert(text: &str) -> String {
    printable(&strip_ansi_escapes::strip_str(text))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\'' => escaped.push_str("&apos;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

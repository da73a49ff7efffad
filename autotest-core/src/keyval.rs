//! Keyval files: `key=value` lines, the simplest of the original's result formats (formats §3).
//!
//! A test's `keyval` has untyped lines. Its `results/keyval` has lines of the two types in [`Tag`] and a
//! blank line after each iteration. This module must not know files or when something is written.
//!
//! Differences from the original: if a key is invalid, nothing of the call is written; a key with a newline
//! at its end is invalid; and a newline in a value is written as `
//! ` instead of starting another line (quirk 10). As in the original, a `#` in a value is written unchanged,
//! so that readers cut the value off there, and numbers that were written as texts are read as numbers.

mod read;

use std::fmt::Write;

use thiserror::Error;

use crate::value::Value;

pub use read::{FormatError, Iteration, Iterations, parse, parse_iterations};

/// The type of a line in `results/keyval`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tag {
    /// An attribute, which describes the iteration.
    Attr,
    /// A measurement of the iteration, for constraints.
    Perf,
}

impl Tag {
    /// The word between the braces.
    pub const fn name(self) -> &'static str {
        match self {
            Tag::Attr => "attr",
            Tag::Perf => "perf",
        }
    }

    const fn in_braces(self) -> &'static str {
        match self {
            Tag::Attr => "{attr}",
            Tag::Perf => "{perf}",
        }
    }
}

/// A key that is not allowed in a keyval file.
///
/// The message is the original's, followed by [`KeyError::ADVICE`], which conformance tests cut off
/// (`conformance: keyval/keyval-bad-key-s000`).
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("Invalid key: {key}{advice}", advice = KeyError::ADVICE)]
pub struct KeyError {
    key: String,
}

impl KeyError {
    /// The part of the message that the original does not have.
    pub const ADVICE: &str = "; use only letters, digits, `_`, `.` and `-`";

    /// The key, with its tag if it has one: `a b{perf}`.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// Refuses a key that is empty or has characters other than ASCII letters, digits, `_`, `.` and `-`.
///
/// `key` does not include the tag, which only appears in the error.
///
/// # Errors
/// If the key is not allowed.
///
/// ```
/// use autotest_core::keyval::{Tag, check_key};
/// assert!(check_key("rate.mb-per_s", Some(Tag::Perf)).is_ok());
/// let error = check_key("a b", Some(Tag::Perf)).unwrap_err();
/// assert_eq!(error.to_string(), "Invalid key: a b{perf}; use only letters, digits, `_`, `.` and `-`");
/// ```
pub fn check_key(key: &str, tag: Option<Tag>) -> Result<(), KeyError> {
    if is_key(key) {
        Ok(())
    } else {
        Err(KeyError {
            key: decorate(key, tag),
        })
    }
}

/// [`check_key`] for all keys of one call, before anything is written.
///
/// # Errors
/// If a key is not allowed. If there are several, the first in byte order, as in the original.
pub fn check_keys(pairs: &[(String, Value)], tag: Option<Tag>) -> Result<(), KeyError> {
    let bad = pairs.iter().map(|(key, _)| key).filter(|key| !is_key(key));
    let first = bad.map(|key| decorate(key, tag)).min();
    first.map_or(Ok(()), |key| Err(KeyError { key }))
}

/// Whether a text matches `^[-.\w]+$`, where `$` does not match before a final newline as it does in Python.
fn is_key(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

fn decorate(key: &str, tag: Option<Tag>) -> String {
    format!("{key}{}", tag.map_or("", Tag::in_braces))
}

/// The lines of one call, each with its newline.
///
/// They are sorted by the bytes before `=`, so that `ab{perf}` comes before `a{perf}`, as in the original. If
/// a key occurs twice, the last value counts.
///
/// # Errors
/// If a key is not allowed ([`check_keys`]). Nothing is rendered then.
///
/// ```
/// use autotest_core::{Value, keyval};
/// let pairs = [("version".to_owned(), Value::from(1)), ("owner".to_owned(), Value::from("a\nb"))];
/// assert_eq!(keyval::render_lines(&pairs, None)?, "owner=a\\nb\nversion=1\n");
/// # Ok::<(), keyval::KeyError>(())
/// ```
pub fn render_lines(pairs: &[(String, Value)], tag: Option<Tag>) -> Result<String, KeyError> {
    check_keys(pairs, tag)?;
    let mut text = String::new();
    for (key, value) in sorted(pairs, tag) {
        push_line(&mut text, key, tag, value);
    }
    Ok(text)
}

/// The pairs sorted by the bytes of their keys with tags. If a key occurs twice, the last pair counts.
fn sorted(pairs: &[(String, Value)], tag: Option<Tag>) -> Vec<&(String, Value)> {
    let mut sorted: Vec<&(String, Value)> = pairs.iter().collect();
    sorted.sort_by(|a, b| decorated(&a.0, tag).cmp(decorated(&b.0, tag)));
    sorted.dedup_by(|next, kept| {
        let is_same = next.0 == kept.0;
        if is_same {
            *kept = *next;
        }
        is_same
    });
    sorted
}

/// The bytes before `=`.
fn decorated(key: &str, tag: Option<Tag>) -> impl Iterator<Item = u8> {
    let tag = tag.map_or("", Tag::in_braces);
    key.bytes().chain(tag.bytes())
}

/// Appends a line. The value is `str(value)` in one line. Backslashes are not escaped, so that a newline and
/// the two characters `
/// ` look the same; every other text is as the original wrote it.
fn push_line(text: &mut String, key: &str, tag: Option<Tag>, value: &Value) {
    text.push_str(key);
    text.push_str(tag.map_or("", Tag::in_braces));
    text.push('=');
    let begin = text.len();
    // Writing to a `String` cannot fail.
    let _ = write!(text, "{value}");
    if text[begin..].contains(['\n', '\r']) {
        let value = text.split_off(begin);
        text.push_str(&value.replace('\n', "\\n").replace('\r', "\\r"));
    }
    text.push('\n');
}

/// One iteration's lines for `results/keyval`: attributes, measurements, and a blank line at the end, even if
/// there are no other lines (`conformance: keyval/keyval-empty-s000`).
///
/// # Errors
/// As [`render_lines`]; the keys of attributes are checked first.
///
/// ```
/// use autotest_core::{Value, keyval};
/// let text = keyval::render_iteration(&[], &[("rate".to_owned(), Value::from(1.5))])?;
/// assert_eq!(text, "rate{perf}=1.5\n\n");
/// # Ok::<(), keyval::KeyError>(())
/// ```
pub fn render_iteration(
    attr: &[(String, Value)],
    perf: &[(String, Value)],
) -> Result<String, KeyError> {
    let mut text = render_lines(attr, Some(Tag::Attr))?;
    text.push_str(&render_lines(perf, Some(Tag::Perf))?);
    text.push('\n');
    Ok(text)
}

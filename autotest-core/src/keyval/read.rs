//! Reads keyval files as the original's tools do.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{Tag, is_key};
use crate::value::Value;
use crate::value::parse_float;

/// A line that is not a keyval.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("invalid format line `{line}` (line {line_number}): expected `{expected}`")]
pub struct FormatError {
    line: String,
    line_number: usize,
    expected: String,
}

impl FormatError {
    /// The line, without its comment.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// The line's number, counted from 1.
    pub fn line_number(&self) -> usize {
        self.line_number
    }
}

/// Reads lines of one type. If a key occurs twice, the last value counts.
///
/// Everything after a `#` is a comment. Blank lines, and blanks and carriage returns at the end of a line,
/// are ignored. `12` is a whole number, `1.5` a float; everything else, such as `-1`, `.5`, `1e5` or a whole
/// number beyond 127 bits, is a text.
///
/// It is the inverse of [`render_lines`](super::render_lines) if the keys differ and each value is a whole
/// number that is not negative; a finite float that is not negative and is written without an exponent; or a
/// text that has no `#`, LF or CR, does not end in white space, and does not look like such a number.
///
/// # Errors
/// If a line is not a keyval, or has a tag other than `tag`.
///
/// ```
/// use autotest_core::{Value, keyval};
/// let keyvals = keyval::parse("version=1  # installed\nowner=me\n", None)?;
/// assert_eq!(keyvals["version"], Value::Int(1));
/// let error = keyval::parse("a=1\na:b=2\n", None).unwrap_err();
/// assert_eq!(error.to_string(), "invalid format line `a:b=2` (line 2): expected `key=value`");
/// # Ok::<(), keyval::FormatError>(())
/// ```
pub fn parse(text: &str, tag: Option<Tag>) -> Result<BTreeMap<String, Value>, FormatError> {
    let mut keyvals = BTreeMap::new();
    for (index, line) in text.split('\n').enumerate() {
        let line = line
            .split('#')
            .next()
            .unwrap_or_default()
            .trim_end_matches(is_space);
        if line.is_empty() {
            continue;
        }
        let (key, value) = split_line(line, tag).ok_or_else(|| FormatError {
            line: line.to_owned(),
            line_number: index + 1,
            expected: format!("{}=value", super::decorate("key", tag)),
        })?;
        keyvals.insert(key.to_owned(), typed(value));
    }
    Ok(keyvals)
}

/// Whether Python 2's `rstrip` removes this from a byte string.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\x0b' | '\x0c')
}

fn split_line(line: &str, tag: Option<Tag>) -> Option<(&str, &str)> {
    let (key, value) = line.split_once('=')?;
    let key = match tag {
        Some(tag) => strip_tag(key, tag.name())?,
        None => key,
    };
    is_key(key).then_some((key, value))
}

fn strip_tag<'a>(key: &'a str, tag: &str) -> Option<&'a str> {
    key.strip_suffix('}')?.strip_suffix(tag)?.strip_suffix('{')
}

fn typed(value: &str) -> Value {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = match value.split_once('.') {
        None if is_digits(value) => value.parse().ok().map(Value::Int),
        Some((whole, fraction)) if is_digits(whole) && is_digits(fraction) => {
            value.parse().ok().map(Value::Float)
        }
        _ => None,
    };
    number.unwrap_or_else(|| value.into())
}

/// An iteration as the original's results parser stores it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Iteration {
    /// The attributes, always as texts.
    pub attr: BTreeMap<String, String>,
    /// The measurements. `key=mean+-deviation` yields `key` and `key_dev`.
    pub perf: BTreeMap<String, f64>,
}

/// The content of a `results/keyval` file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Iterations {
    /// The iterations in order; the first is iteration 1.
    pub iterations: Vec<Iteration>,
    /// Lines that cannot be parsed, with their numbers from 1. The original warns about them.
    pub skipped: Vec<(usize, String)>,
}

/// Reads `results/keyval` as the original's results parser does (formats §12.5).
///
/// A blank line ends an iteration, so two in a row make an empty iteration; lines after the last blank line
/// are an iteration, too. An untyped line counts as a measurement, and a measurement that is not a float is
/// skipped. So measurements that [`render_iteration`](super::render_iteration) wrote as texts or lists are
/// lost, and attributes are read as texts without white space at the end.
///
/// ```
/// use autotest_core::keyval::parse_iterations;
/// let read = parse_iterations("disk{attr}=sda\nrate{perf}=1.5\n\n\nrate{perf}=fast\n");
/// assert_eq!(read.iterations.len(), 2);
/// assert_eq!(read.iterations[0].perf["rate"], 1.5);
/// assert_eq!(read.skipped, [(5, "rate{perf}=fast".to_owned())]);
/// ```
pub fn parse_iterations(text: &str) -> Iterations {
    let mut read = Iterations::default();
    let mut current = Iteration::default();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            read.iterations.push(std::mem::take(&mut current));
        } else if !current.take_line(line) {
            read.skipped.push((index + 1, line.to_owned()));
        }
    }
    if current != Iteration::default() {
        read.iterations.push(current);
    }
    read
}

impl Iteration {
    /// Adds a line. Returns `false` if it cannot be parsed.
    fn take_line(&mut self, line: &str) -> bool {
        let Some((key, value)) = line.split_once('=') else {
            return false;
        };
        if let Some(key) = strip_tag(key, Tag::Attr.name()) {
            self.attr.insert(key.to_owned(), value.to_owned());
            return true;
        }
        match strip_tag(key, Tag::Perf.name()) {
            Some(key) => self.take_measured(key, value),
            None => !key.ends_with('}') && self.take_measured(key, value),
        }
    }

    fn take_measured(&mut self, key: &str, value: &str) -> bool {
        if let Some((mean, deviation)) = mean_and_deviation(value) {
            self.perf.insert(key.to_owned(), mean);
            self.perf.insert(format!("{key}_dev"), deviation);
            return true;
        }
        let number = parse_float(value);
        self.perf
            .extend(number.map(|number| (key.to_owned(), number)));
        number.is_some()
    }
}

/// Parses `12.5+-0.5`. Neither number may have a sign.
fn mean_and_deviation(value: &str) -> Option<(f64, f64)> {
    let (mean, deviation) = value.split_once("+-")?;
    let is_plain = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    (is_plain(mean) && is_plain(deviation)).then_some((parse_float(mean)?, parse_float(deviation)?))
}

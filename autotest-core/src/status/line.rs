//! Renders and parses records.

use std::fmt::Write;

use super::entry::{ABSENT, LOCALTIME, TIMESTAMP};
use super::{StatusEntry, StatusError};
use crate::value::Value;

/// The beginning of a continuation line.
const EXTRA: &str = "  ";

/// The usual length of a line without its message.
const USUAL_BYTES: usize = 160;

/// The orders in which the original wrote fields where it is not "timestamp, the optional fields, localtime".
/// They are Python 2's hash orders, which readers ignore (formats §2).
const FIELD_ORDERS: &[&[&str]] = &[
    &["warnings.enable", LOCALTIME, TIMESTAMP],
    &["kernel", LOCALTIME, TIMESTAMP],
    &["patch0", "kernel", LOCALTIME, TIMESTAMP],
    &["patch0", "kernel", LOCALTIME, TIMESTAMP, "patch1"],
];

impl StatusEntry {
    /// The text of the record inside `indent` open groups, with one newline at its end.
    ///
    /// In the first line of the message, a TAB becomes eight blanks, and any other control character one
    /// blank. Continuation lines keep their TABs and begin with two blanks. The original's parser would lose
    /// a message that begins like a field (`rc=1 …`), so it gets a leading blank (quirk 11). A message with
    /// blanks before such a word gets one more, so that [`parse`] can remove it.
    ///
    /// ```
    /// use autotest_core::status::{Code, StatusEntry};
    /// let entry = StatusEntry::new(Code::Info, None, None, "rc=1\nand more", 5, "Jan 01 00:00:05")?;
    /// assert_eq!(
    ///     entry.render(0),
    ///     "INFO\t----\t----\ttimestamp=5\tlocaltime=Jan 01 00:00:05\t rc=1\n  and more\n",
    /// );
    /// # Ok::<(), autotest_core::status::StatusError>(())
    /// ```
    pub fn render(&self, indent: usize) -> String {
        let (first, mut rest) = split_line(self.message());
        let mut text = String::with_capacity(USUAL_BYTES + self.message().len());
        text.extend(std::iter::repeat_n('\t', indent));
        let _ = write!(text, "{}", self.code());
        for name in [self.subdir(), self.operation()] {
            text.push('\t');
            text.push_str(name.unwrap_or(ABSENT));
        }
        self.push_fields(&mut text);
        text.push('\t');
        push_first_line(&mut text, first);
        while !rest.is_empty() {
            let (line, behind) = split_line(rest);
            rest = behind;
            text.push('\n');
            text.push_str(EXTRA);
            text.extend(
                line.chars()
                    .map(|c| if c == '\t' { c } else { without_control(c) }),
            );
        }
        text.push('\n');
        text
    }

    /// Appends all fields, in the original's order.
    fn push_fields(&self, text: &mut String) {
        let known = FIELD_ORDERS.iter().find(|order| self.has_fields_of(order));
        if let Some(order) = known {
            return order.iter().for_each(|key| self.push_field(text, key));
        }
        self.push_field(text, TIMESTAMP);
        let optional = self.fields().iter();
        optional.for_each(|(key, _)| self.push_field(text, key));
        self.push_field(text, LOCALTIME);
    }

    fn has_fields_of(&self, order: &[&str]) -> bool {
        let fields = self.fields();
        fields.len() + 2 == order.len()
            && fields.iter().all(|(key, _)| order.contains(&key.as_str()))
    }

    fn push_field(&self, text: &mut String, key: &str) {
        text.push('\t');
        text.push_str(key);
        text.push('=');
        match key {
            TIMESTAMP => _ = write!(text, "{}", self.timestamp()),
            LOCALTIME => text.push_str(self.localtime()),
            _ => {
                let field = self.fields().iter().find(|(known, _)| known == key);
                text.push_str(field.map_or("", |(_, value)| value));
            }
        }
    }
}

/// Splits a text after its first line. LF, CR and CRLF end a line.
fn split_line(text: &str) -> (&str, &str) {
    let Some(end) = text.find(['\n', '\r']) else {
        return (text, "");
    };
    let (line, behind) = text.split_at(end);
    let behind = behind.strip_prefix("\r\n").unwrap_or(&behind[1..]);
    (line, behind)
}

fn push_first_line(text: &mut String, line: &str) {
    let begin = text.len();
    for c in line.chars() {
        match c {
            '\t' => text.push_str("        "),
            c => text.push(without_control(c)),
        }
    }
    if begins_like_field(&text[begin..]) {
        text.insert(begin, ' ');
    }
}

fn without_control(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

/// Whether the line matches `\w+=` after any number of blanks.
fn begins_like_field(line: &str) -> bool {
    let word = line.trim_start_matches(' ');
    let rest = word.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
    rest.len() < word.len() && rest.starts_with('=')
}

/// Parses a line of a log, with or without its newline. Returns the number of open groups around it and its
/// record; `None` for a continuation line of a message, which begins with two blanks.
///
/// It is the inverse of [`StatusEntry::render`] for a record whose message is one line without control
/// characters and whose field keys are not empty and have no `=`.
///
/// # Errors
/// If a part is missing, the code is unknown, or a field is not `key=value`. The original replaced a missing
/// time by the current one; here it is an error, since core has no clock.
///
/// ```
/// use autotest_core::status::parse;
/// let line = "\tGOOD\tt\tt\ttimestamp=5\tlocaltime=Jan 01 00:00:05\tok\n";
/// let (indent, entry) = parse(line)?.expect("the line is not a further one");
/// assert_eq!((indent, entry.message()), (1, "ok"));
/// assert_eq!(entry.render(indent), line);
/// # Ok::<(), autotest_core::status::StatusError>(())
/// ```
pub fn parse(line: &str) -> Result<Option<(usize, StatusEntry)>, StatusError> {
    let line = line.strip_suffix('\n').unwrap_or(line);
    if line.starts_with(EXTRA) {
        return Ok(None);
    }
    let record = line.trim_start_matches('\t');
    let indent = line.len() - record.len();
    let parts: Vec<&str> = record.split('\t').collect();
    let [code, subdir, operation, fields @ .., message] = parts.as_slice() else {
        return Err(StatusError::Line {
            line: Value::from(line).repr(),
        });
    };
    let fields = fields
        .iter()
        .map(|part| split_field(part))
        .collect::<Result<Vec<_>, _>>()?;
    let timestamp = find_field(&fields, TIMESTAMP).and_then(|value| value.parse().ok());
    let timestamp = timestamp.ok_or(StatusError::Time { field: TIMESTAMP })?;
    let localtime = find_field(&fields, LOCALTIME).ok_or(StatusError::Time { field: LOCALTIME })?;
    let (subdir, operation) = (Some(*subdir), Some(*operation));
    let entry = StatusEntry::new(
        code.parse()?,
        subdir,
        operation,
        original_message(message),
        timestamp,
        localtime,
    )?;
    let entry = fields
        .iter()
        .try_fold(entry, |entry, (key, value)| entry.with_field(key, value))?;
    Ok(Some((indent, entry)))
}

fn split_field(part: &str) -> Result<(&str, &str), StatusError> {
    part.split_once('=').ok_or_else(|| StatusError::NoField {
        part: part.to_owned(),
    })
}

fn find_field<'a>(fields: &[(&str, &'a str)], key: &str) -> Option<&'a str> {
    fields
        .iter()
        .rev()
        .find(|(known, _)| *known == key)
        .map(|(_, value)| *value)
}

/// Removes the leading blank that [`push_first_line`] added.
fn original_message(message: &str) -> &str {
    message
        .strip_prefix(' ')
        .filter(|_| begins_like_field(message))
        .unwrap_or(message)
}

/// Parses a log. Returns each record, including all lines of its message, with the number of open groups
/// around it. Blank lines, and continuation lines before the first record, are skipped.
///
/// It is the inverse of [`StatusEntry::render`] for records whose messages have no CR, no newline at the end
/// and no control character except TAB in the continuation lines.
///
/// # Errors
/// The errors of [`parse`], with the number of the line.
pub fn parse_log(text: &str) -> Result<Vec<(usize, StatusEntry)>, StatusError> {
    let mut entries: Vec<(usize, StatusEntry)> = Vec::new();
    for (index, line) in text
        .split('\n')
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
    {
        let at = |error| StatusError::At {
            line_number: index + 1,
            error: Box::new(error),
        };
        match parse(line).map_err(at)? {
            Some(entry) => entries.push(entry),
            None => {
                if let Some((_, entry)) = entries.last_mut() {
                    entry.push_message_line(&line[EXTRA.len()..]);
                }
            }
        }
    }
    Ok(entries)
}

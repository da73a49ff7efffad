//! A checked record of the status log.

use thiserror::Error;

use super::Code;
use crate::value::Value;

/// The placeholder for an absent subdir or operation.
pub(super) const ABSENT: &str = "----";

/// The two fields that every record has.
pub(super) const TIMESTAMP: &str = "timestamp";
pub(super) const LOCALTIME: &str = "localtime";

/// A record of the status log: a line, followed by a continuation line for each further line of its message.
///
/// Only the message may contain control characters, so a record cannot break the lines around it. The message
/// is stored unchanged; [`StatusEntry::render`] makes it safe.
///
/// ```
/// use autotest_core::status::{Code, Status, StatusEntry};
/// let entry = StatusEntry::new(
///     Code::Status(Status::Fail), Some("foo.a"), Some("foo.a"), "disk too small",
///     1_700_000_002, "Nov 14 22:13:22",
/// )?;
/// assert_eq!(
///     entry.render(1),
///     "\tFAIL\tfoo.a\tfoo.a\ttimestamp=1700000002\tlocaltime=Nov 14 22:13:22\tdisk too small\n",
/// );
/// # Ok::<(), autotest_core::status::StatusError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusEntry {
    code: Code,
    subdir: Option<String>,
    operation: Option<String>,
    timestamp: i64,
    localtime: String,
    fields: Vec<(String, String)>,
    message: String,
}

impl StatusEntry {
    /// A record without optional fields.
    ///
    /// `timestamp` is in seconds since 1970 UTC; `localtime` is the same time as `%b %d %H:%M:%S` in the
    /// machine's time zone. A subdir or operation that is empty or `----` counts as absent.
    ///
    /// # Errors
    /// If subdir, operation or localtime contain a control character, or subdir or operation begin with a
    /// blank. (The original forbade only TAB, LF, CR, VT and FF; but other control characters would reach a
    /// reader's terminal, and the original's parser skips names that begin with a blank.)
    pub fn new(
        code: Code,
        subdir: Option<&str>,
        operation: Option<&str>,
        message: &str,
        timestamp: i64,
        localtime: &str,
    ) -> Result<StatusEntry, StatusError> {
        check_field(LOCALTIME, localtime)?;
        Ok(StatusEntry {
            code,
            subdir: check_name("subdir", subdir)?,
            operation: check_name("operation", operation)?,
            timestamp,
            localtime: localtime.to_owned(),
            fields: Vec::new(),
            message: message.to_owned(),
        })
    }

    /// Adds an optional field, or replaces its value.
    ///
    /// As in the original, `timestamp` and `localtime` are ignored here, since they have their own arguments.
    /// The original's parser only recognises keys of letters, digits and `_`.
    ///
    /// # Errors
    /// If key or value contain a control character.
    pub fn with_field(mut self, key: &str, value: &str) -> Result<StatusEntry, StatusError> {
        check_field(key, value)?;
        if key == TIMESTAMP || key == LOCALTIME {
            return Ok(self);
        }
        match self.fields.iter_mut().find(|(known, _)| known == key) {
            Some((_, old)) => value.clone_into(old),
            None => self.fields.push((key.to_owned(), value.to_owned())),
        }
        Ok(self)
    }

    /// The code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The test's directory relative to the job's, if the record belongs to a test.
    pub fn subdir(&self) -> Option<&str> {
        self.subdir.as_deref()
    }

    /// The operation: the name of the test or of another group of records.
    pub fn operation(&self) -> Option<&str> {
        self.operation.as_deref()
    }

    /// The time, in seconds since 1970 UTC.
    pub fn timestamp(&self) -> i64 {
        self.timestamp
    }

    /// The timestamp in the time zone of the machine that wrote it.
    pub fn localtime(&self) -> &str {
        &self.localtime
    }

    /// The optional fields, in the order in which they were added.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// The message, which may have several lines.
    pub fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn push_message_line(&mut self, line: &str) {
        self.message.push('\n');
        self.message.push_str(line);
    }
}

/// Whether a subdir or an operation has no control character and does not begin with a blank. The original's
/// parser would skip a line with such a blank (formats §12.3).
pub(crate) fn is_legal_name(name: &str) -> bool {
    !name.contains(char::is_control) && !name.starts_with(' ')
}

fn check_name(part: &'static str, name: Option<&str>) -> Result<Option<String>, StatusError> {
    let name = name.unwrap_or_default();
    if !is_legal_name(name) {
        return Err(StatusError::Name { part });
    }
    Ok(Some(name)
        .filter(|name| !name.is_empty() && *name != ABSENT)
        .map(str::to_owned))
}

fn check_field(key: &str, value: &str) -> Result<(), StatusError> {
    if key.contains(char::is_control) || value.contains(char::is_control) {
        let (key, value) = (Value::from(key).repr(), Value::from(value).repr());
        return Err(StatusError::Field { key, value });
    }
    Ok(())
}

/// An error in a record. The first three messages are the original's (formats §2).
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum StatusError {
    /// A word is not a code.
    #[error("status code {code} is not valid")]
    Code {
        /// The word, as Python's `repr()` shows it.
        code: String,
    },
    /// The subdir or operation has a control character, or a blank at its beginning.
    #[error("Invalid character in {part} string")]
    Name {
        /// `subdir` or `operation`.
        part: &'static str,
    },
    /// An optional field has a control character.
    #[error("Invalid character in {key}={value} field")]
    Field {
        /// The key, as Python's `repr()` shows it.
        key: String,
        /// The value, likewise.
        value: String,
    },
    /// The line has fewer parts than code, subdir, operation and message.
    #[error("{line} is not a valid status line")]
    Line {
        /// The line, as Python's `repr()` shows it.
        line: String,
    },
    /// A part between operation and message is not `key=value`.
    #[error("`{part}` is not a field of a status line: expected `key=value`")]
    NoField {
        /// The part.
        part: String,
    },
    /// A time is missing or is not a number of seconds.
    #[error("the status line has no usable `{field}` field")]
    Time {
        /// `timestamp` or `localtime`.
        field: &'static str,
    },
    /// Another error, with its line in the log.
    #[error("line {line_number} of the status log: {error}")]
    At {
        /// The number of the line, from 1.
        line_number: usize,
        /// What is wrong with it.
        error: Box<StatusError>,
    },
}

impl StatusError {
    pub(super) fn code(text: &str) -> StatusError {
        StatusError::Code {
            code: Value::from(text).repr(),
        }
    }
}

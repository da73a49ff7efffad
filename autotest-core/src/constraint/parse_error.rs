//! Syntax errors in constraints.

use std::error::Error;
use std::fmt::{self, Display, Formatter};

use crate::excerpt::excerpt_around;

/// A syntax error in a constraint. `Display` shows the position on two more lines:
///
/// ```
/// use autotest_core::constraint::Constraint;
/// let error = Constraint::parse("x >").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "expected a value after `>` at column 4\n    x >\n       ^",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    source: String,
    offset: usize,
    message: String,
}

impl ParseError {
    pub(super) fn new(source: &str, offset: usize, message: impl Into<String>) -> ParseError {
        ParseError {
            source: source.to_owned(),
            offset,
            message: message.into(),
        }
    }

    /// The position: an offset in bytes, at the start of a character or at the end of the text.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The message, without the position.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The text that does not parse.
    pub fn constraint(&self) -> &str {
        &self.source
    }

    /// The line with the mistake, its number, and the offset in it in bytes.
    fn place(&self) -> (&str, usize, usize) {
        let before = &self.source[..self.offset];
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = self.source[start..].split('\n').next().unwrap_or_default();
        (line, before.matches('\n').count() + 1, self.offset - start)
    }
}

impl Display for ParseError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (line, line_number, offset) = self.place();
        let column = line[..offset].chars().count() + 1;
        match line_number {
            1 => writeln!(f, "{} at column {column}", self.message)?,
            _ => writeln!(f, "{} at line {line_number}, column {column}", self.message)?,
        }
        let (line, before) = excerpt_around(line, offset);
        writeln!(f, "    {}", line.chars().map(visible).collect::<String>())?;
        write!(f, "    {:before$}^", "")
    }
}

/// Replaces control characters: each character takes one column, so that the caret is in the right place, and
/// no escape sequence reaches the terminal.
fn visible(c: char) -> char {
    match c {
        '\t' | '\r' => ' ',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

impl Error for ParseError {}

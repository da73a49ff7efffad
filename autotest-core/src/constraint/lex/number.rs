//! Number literals.

use super::{Lexer, is_word_character};
use crate::constraint::parse_error::ParseError;
use crate::value::Value;

impl Lexer<'_> {
    /// Reads the number at the current position, which must be at a digit, or at a point followed by a digit.
    pub(super) fn number(&mut self) -> Result<Value, ParseError> {
        let literal = Literal::of(self.rest());
        let end = literal.text.len();
        if self.rest()[end..].starts_with(is_word_character) {
            return Err(self.not_a_number());
        }
        let value = literal
            .value()
            .map_err(|message| self.error(self.position, message))?;
        self.position += end;
        Ok(value)
    }

    fn not_a_number(&self) -> ParseError {
        let rest = self.rest();
        let end = rest
            .find(|c| !is_word_character(c) && c != '.')
            .unwrap_or(rest.len());
        self.error(self.position, format!("`{}` is not a number", &rest[..end]))
    }
}

/// The kind of a number literal.
enum Kind {
    Whole { radix: u32 },
    Float,
}

struct Literal<'s> {
    text: &'s str,
    kind: Kind,
}

impl<'s> Literal<'s> {
    fn of(text: &'s str) -> Literal<'s> {
        Literal::with_prefix(text).unwrap_or_else(|| Literal::decimal(text))
    }

    /// `0xff`, `0o17`, `0b1`.
    fn with_prefix(text: &'s str) -> Option<Literal<'s>> {
        let radix = match text.as_bytes() {
            [b'0', b'x' | b'X', ..] => 16,
            [b'0', b'o' | b'O', ..] => 8,
            [b'0', b'b' | b'B', ..] => 2,
            _ => return None,
        };
        let start = if text[2..].starts_with('_') { 3 } else { 2 };
        let end = digits_end(text, start, radix)?;
        Some(Literal {
            text: &text[..end],
            kind: Kind::Whole { radix },
        })
    }

    fn decimal(text: &'s str) -> Literal<'s> {
        let whole_end = digits_end(text, 0, 10).unwrap_or(0);
        let end = exponent_end(text, fraction_end(text, whole_end));
        let kind = if end == whole_end {
            Kind::Whole { radix: 10 }
        } else {
            Kind::Float
        };
        Literal {
            text: &text[..end],
            kind,
        }
    }

    fn value(&self) -> Result<Value, String> {
        let digits = self.text.replace('_', "");
        match self.kind {
            Kind::Float => digits
                .parse()
                .map(Value::Float)
                .map_err(|_| self.refused("is not a number")),
            Kind::Whole { radix: 10 } if has_leading_zero(&digits) => {
                Err(self.refused("has a leading zero"))
            }
            Kind::Whole { radix } => {
                let digits = if radix == 10 { &digits } else { &digits[2..] };
                let value = i128::from_str_radix(digits, radix);
                value
                    .map(Value::Int)
                    .map_err(|_| self.refused("does not fit in 128 bits"))
            }
        }
    }

    fn refused(&self, why: &str) -> String {
        format!("`{}` {why}", self.text)
    }
}

/// Whether a decimal number has a leading zero. Zero itself may have any number of digits.
fn has_leading_zero(digits: &str) -> bool {
    digits.starts_with('0') && digits.contains(|c| c != '0')
}

/// The end of the digits that begin at `start`, if there are any. A single underscore between two digits is
/// allowed.
fn digits_end(text: &str, start: usize, radix: u32) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| {
        bytes
            .get(at)
            .is_some_and(|byte| char::from(*byte).is_digit(radix))
    };
    let mut end = start;
    while is_digit(end) || (end > start && bytes.get(end) == Some(&b'_') && is_digit(end + 1)) {
        end += 1;
    }
    (end > start).then_some(end)
}

fn fraction_end(text: &str, start: usize) -> usize {
    if !text[start..].starts_with('.') {
        return start;
    }
    digits_end(text, start + 1, 10).unwrap_or(start + 1)
}

fn exponent_end(text: &str, start: usize) -> usize {
    let digits_start = match &text.as_bytes()[start..] {
        [b'e' | b'E', b'+' | b'-', ..] => start + 2,
        [b'e' | b'E', ..] => start + 1,
        _ => return start,
    };
    digits_end(text, digits_start, 10).unwrap_or(start)
}

//! Splits a constraint into tokens, one at a time, so that the first mistake in the text is reported.

mod number;
mod text;

use super::parse_error::ParseError;
use crate::value::Value;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'s> {
    Literal(Value),
    Name(&'s str),
    /// An operator, bracket or comma, including the operators that are words.
    Symbol(&'static str),
    End,
}

/// A token and its position, in bytes.
#[derive(Clone, Debug)]
pub(super) struct Lexed<'s> {
    pub(super) token: Token<'s>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Symbols; longer ones come before their prefixes.
const SYMBOLS: &[&str] = &[
    "**", "//", "<=", ">=", "==", "!=", "+", "-", "*", "/", "%", "<", ">", "(", ")", "[", "]", ",",
];

const WORDS: &[&str] = &["and", "else", "if", "in", "is", "not", "or"];

/// The other Python keywords.
const RESERVED: &[&str] = &[
    "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "except",
    "finally", "for", "from", "global", "import", "lambda", "nonlocal", "pass", "raise", "return",
    "try", "while", "with", "yield",
];

/// Operators of other languages, each with a hint.
const HINTS: &[(&str, &str)] = &[
    ("<>", "write `!=`"),
    ("&&", "write `and`"),
    ("||", "write `or`"),
    ("=", "write `==` to compare"),
    ("!", "write `not`"),
    (".", "a key with `.` cannot be used as a name"),
    ("#", "comments are not supported"),
    ("\n", "a line break must be inside parentheses"),
    ("\r", "a line break must be inside parentheses"),
];

pub(super) struct Lexer<'s> {
    source: &'s str,
    position: usize,
    open_brackets: usize,
}

impl<'s> Lexer<'s> {
    pub(super) fn new(source: &'s str) -> Lexer<'s> {
        let position = source.len() - source.trim_start_matches(is_blank_or_break).len();
        Lexer {
            source,
            position,
            open_brackets: 0,
        }
    }

    pub(super) fn next(&mut self) -> Result<Lexed<'s>, ParseError> {
        let before = self.position;
        self.skip_blanks();
        let start = self.position;
        let token = self.token()?;
        if token == Token::End {
            return Ok(Lexed {
                token,
                start: before,
                end: before,
            });
        }
        Ok(Lexed {
            token,
            start,
            end: self.position,
        })
    }

    pub(super) fn error(&self, offset: usize, message: impl Into<String>) -> ParseError {
        ParseError::new(self.source, offset, message)
    }

    fn rest(&self) -> &'s str {
        &self.source[self.position..]
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        let after_breaks = rest.trim_start_matches(is_blank_or_break);
        let counts_breaks = self.open_brackets == 0 && !after_breaks.is_empty();
        let after = if counts_breaks {
            rest.trim_start_matches(is_blank)
        } else {
            after_breaks
        };
        self.position += rest.len() - after.len();
    }

    fn token(&mut self) -> Result<Token<'s>, ParseError> {
        let rest = self.rest();
        match rest.as_bytes() {
            [] => Ok(Token::End),
            [b'0'..=b'9', ..] | [b'.', b'0'..=b'9', ..] => self.number().map(Token::Literal),
            [b'\'' | b'"', ..] => self.text().map(|text| Token::Literal(Value::Str(text))),
            [b'a'..=b'z' | b'A'..=b'Z' | b'_', ..] => self.word(),
            _ => self.symbol(),
        }
    }

    fn word(&mut self) -> Result<Token<'s>, ParseError> {
        let rest = self.rest();
        let end = rest.find(|c| !is_word_character(c)).unwrap_or(rest.len());
        let word = &rest[..end];
        if RESERVED.contains(&word) {
            let message = format!("`{word}` is a Python keyword and cannot be a name");
            return Err(self.error(self.position, message));
        }
        self.position += end;
        Ok(match word {
            "None" => Token::Literal(Value::None),
            "True" => Token::Literal(Value::Bool(true)),
            "False" => Token::Literal(Value::Bool(false)),
            _ => match WORDS.iter().copied().find(|known| *known == word) {
                Some(known) => Token::Symbol(known),
                None => Token::Name(word),
            },
        })
    }

    fn symbol(&mut self) -> Result<Token<'s>, ParseError> {
        let rest = self.rest();
        // `<>` is not valid, although `<` is.
        let symbol = match rest.starts_with("<>") {
            true => None,
            false => SYMBOLS
                .iter()
                .copied()
                .find(|symbol| rest.starts_with(symbol)),
        };
        let symbol = symbol.ok_or_else(|| self.unknown())?;
        match symbol {
            "(" | "[" => self.open_brackets += 1,
            ")" | "]" => self.open_brackets = self.open_brackets.saturating_sub(1),
            _ => {}
        }
        self.position += symbol.len();
        Ok(Token::Symbol(symbol))
    }

    fn unknown(&self) -> ParseError {
        let rest = self.rest();
        let hint = HINTS.iter().find(|(text, _)| rest.starts_with(text));
        let first = rest
            .chars()
            .next()
            .map(|c| c.escape_debug().to_string())
            .unwrap_or_default();
        let message = match hint {
            Some(("\n" | "\r", hint)) => (*hint).to_owned(),
            Some((text, hint)) => format!("unexpected `{text}`: {hint}"),
            None => format!("unexpected `{first}`"),
        };
        self.error(self.position, message)
    }
}

/// Whether Python accepts this as a blank between tokens.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\x0c')
}

fn is_blank_or_break(c: char) -> bool {
    is_blank(c) || matches!(c, '\n' | '\r')
}

fn is_word_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

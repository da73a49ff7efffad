//! String literals.

use super::Lexer;
use crate::constraint::parse_error::ParseError;

const UNCLOSED: &str = "the text has no closing quote";

impl Lexer<'_> {
    /// Reads the string at the current position, which must be at a quote.
    pub(super) fn text(&mut self) -> Result<String, ParseError> {
        let rest = self.rest();
        let quote = if rest.starts_with('"') { '"' } else { '\'' };
        if rest.starts_with("'''") || rest.starts_with("\"\"\"") {
            return Err(self.error(self.position, "texts in triple quotes are not supported"));
        }
        let mut text = String::new();
        let mut at = 1;
        loop {
            match rest[at..].chars().next() {
                Some(c) if c == quote => break,
                Some('\\') => at += self.escape(self.position + at, &mut text)?,
                None | Some('\n' | '\r') => return Err(self.error(self.position, UNCLOSED)),
                Some('\0') => return Err(self.error(self.position + at, "write a NUL as `\\0`")),
                Some(c) => {
                    text.push(c);
                    at += c.len_utf8();
                }
            }
        }
        self.position += at + 1;
        Ok(text)
    }

    /// Appends the character of the escape at `start`. Returns the length of the escape.
    fn escape(&self, start: usize, text: &mut String) -> Result<usize, ParseError> {
        let rest = &self.source[start + 1..];
        let first = rest
            .chars()
            .next()
            .ok_or_else(|| self.error(self.position, UNCLOSED))?;
        let (c, length) = match first {
            '\n' | '\r' => return Ok(1 + if rest.starts_with("\r\n") { 2 } else { 1 }),
            '0'..='7' => octal(rest),
            'x' => self.hexadecimal(start, 2)?,
            'u' => self.hexadecimal(start, 4)?,
            'U' => self.hexadecimal(start, 8)?,
            'N' => return Err(self.error(start, "named characters are not supported")),
            c => (simple(c), c.len_utf8()),
        };
        match c {
            Some(c) => text.push(c),
            // Python keeps the backslash of an unknown escape.
            None => text.extend(['\\', first]),
        }
        Ok(1 + length)
    }

    /// The character of `\x41`, `\u0041` or `\U00000041`.
    fn hexadecimal(
        &self,
        start: usize,
        digits: usize,
    ) -> Result<(Option<char>, usize), ParseError> {
        let code = self.source.get(start + 2..start + 2 + digits);
        let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = code.and_then(|code| u32::from_str_radix(code, 16).ok());
        match code.and_then(char::from_u32) {
            Some(c) => Ok((Some(c), 1 + digits)),
            None => Err(self.error(start, "the escape is not a character")),
        }
    }
}

fn octal(rest: &str) -> (Option<char>, usize) {
    let digits = rest
        .bytes()
        .take(3)
        .take_while(|byte| matches!(byte, b'0'..=b'7'))
        .count();
    let code = u32::from_str_radix(&rest[..digits], 8).ok();
    (code.and_then(char::from_u32), digits)
}

fn simple(c: char) -> Option<char> {
    Some(match c {
        '\\' | '\'' | '"' => c,
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        _ => return None,
    })
}

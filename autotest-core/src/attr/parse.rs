//! Parses the tokens of an attribute expression.

use super::lex::{Kind, Token, tokens};
use super::{AttrError, Expr, Pattern};

/// The deepest nesting allowed: enough in practice, and too little to overflow the stack.
const MAX_DEPTH: usize = 64;

pub(super) fn parse(text: &str) -> Result<Expr, AttrError> {
    let mut parser = Parser {
        text,
        tokens: tokens(text)?,
        next: 0,
        depth: 0,
    };
    let expr = parser.any()?;
    match parser.peek().kind {
        Kind::End => Ok(expr),
        Kind::Close => Err(parser.error("found `)` without a `(`")),
        Kind::Name(_) | Kind::Not | Kind::And | Kind::Or | Kind::Open => {
            Err(parser.expected("`&&` or `||`"))
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

/// Parses one part of an expression.
type Read<'a> = fn(&mut Parser<'a>) -> Result<Expr, AttrError>;

impl<'a> Parser<'a> {
    /// `a || b || c`
    fn any(&mut self) -> Result<Expr, AttrError> {
        self.joined(&Kind::Or, Expr::Any, Parser::all)
    }

    /// `a && b && c`
    fn all(&mut self) -> Result<Expr, AttrError> {
        self.joined(&Kind::And, Expr::All, Parser::term)
    }

    fn joined(
        &mut self,
        sign: &Kind,
        join: fn(Vec<Expr>) -> Expr,
        part: Read<'a>,
    ) -> Result<Expr, AttrError> {
        let mut parts = vec![part(self)?];
        while self.peek().kind == *sign {
            self.next += 1;
            parts.push(part(self)?);
        }
        match parts.len() {
            1 => Ok(parts.remove(0)),
            _ => Ok(join(parts)),
        }
    }

    /// A name, `!a` or `(a)`.
    fn term(&mut self) -> Result<Expr, AttrError> {
        match self.peek().kind.clone() {
            Kind::Name(name) => {
                self.next += 1;
                Ok(Expr::Has(Pattern(name)))
            }
            Kind::Not => Ok(Expr::Not(Box::new(self.within(Parser::term)?))),
            Kind::Open => {
                let inner = self.within(Parser::any)?;
                if self.peek().kind != Kind::Close {
                    return Err(self.expected("`)`"));
                }
                self.next += 1;
                Ok(inner)
            }
            Kind::And | Kind::Or | Kind::Close | Kind::End => {
                Err(self.expected("the name of an attribute"))
            }
        }
    }

    /// Skips a token and parses the part after it, one level deeper.
    fn within(&mut self, part: Read<'a>) -> Result<Expr, AttrError> {
        if self.depth == MAX_DEPTH {
            return Err(self.error(format!("more than {MAX_DEPTH} nested `(` and `!`")));
        }
        self.next += 1;
        self.depth += 1;
        let inner = part(self)?;
        self.depth -= 1;
        Ok(inner)
    }

    /// The next token. [`Kind::End`] is never consumed.
    fn peek(&self) -> &Token {
        &self.tokens[self.next]
    }

    fn expected(&self, what: &str) -> AttrError {
        self.error(format!(
            "expected {what}, found {}",
            self.peek().kind.described()
        ))
    }

    fn error(&self, message: impl Into<String>) -> AttrError {
        AttrError::new(self.text, self.peek().offset, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let error = parse(text).unwrap_err().to_string();
        assert_eq!(error, expected);
    }

    #[test]
    fn an_error_points_at_its_place() {
        check(
            "suite:bvt & slow",
            "expected `&&`, found `&` at column 11\n    suite:bvt & slow\n              ^",
        );
        check(
            "a && (b || c",
            "expected `)`, found the end at column 13\n    a && (b || c\n                ^",
        );
        check(
            "ä \"b\" c",
            "expected `&&` or `||`, found `b` at column 3\n    ä \"b\" c\n      ^",
        );
    }

    #[test]
    fn whatever_is_missing_is_named() {
        let cases = [
            ("", "expected the name of an attribute, found the end"),
            ("a ||", "expected the name of an attribute, found the end"),
            ("&& a", "expected the name of an attribute, found `&&`"),
            ("()", "expected the name of an attribute, found `)`"),
            ("a)", "found `)` without a `(`"),
            ("a !b", "expected `&&` or `||`, found `!`"),
            ("\"a", "expected a closing `\"`"),
            (
                "\"\"",
                "expected the name of an attribute between the quotes",
            ),
            (
                "a && b,c",
                "expected an attribute, found `,`; put its name in double quotes",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text).unwrap_err().message, expected, "{text}");
        }
    }

    #[test]
    fn only_parts_that_are_joined_are_a_list() {
        let name = |name: &str| Expr::Has(Pattern(name.to_owned()));
        assert_eq!(parse("(a)"), Ok(name("a")));
        assert_eq!(parse("a && b"), Ok(Expr::All(vec![name("a"), name("b")])));
        assert_eq!(parse("a || b"), Ok(Expr::Any(vec![name("a"), name("b")])));
    }

    #[test]
    fn parts_beside_each_other_are_no_deeper_than_one() {
        let many = vec!["!(a)"; 100].join(" && ");
        assert!(parse(&many).is_ok());
        assert!(parse(&format!("{}a", "!".repeat(64))).is_ok());
        assert!(parse(&format!("{}a", "!".repeat(65))).is_err());
    }

    #[test]
    fn no_text_exhausts_the_stack() {
        for sign in ["(", "!"] {
            let message = parse(&sign.repeat(1_000_000)).unwrap_err().message;
            assert_eq!(message, "more than 64 nested `(` and `!`");
        }
        let long = vec!["a"; 100_000].join(" && ");
        assert!(parse(&long).unwrap().holds(&["a".to_owned()]));
    }
}

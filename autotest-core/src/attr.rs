//! Expressions over the attributes of a test (`--attr`).
//!
//! The language is that of Tast (`suite:bvt && !("slow" || "dev:*")`): names, `!`, `&&`, `||` and
//! parentheses. `!` binds tightest, then `&&`, then `||`. A `*` in a name matches any text. A name of
//! letters, digits and `_:.-/+*` needs no quotes; any other is in double quotes. This is wider than Tast's
//! language: there, a name without quotes may not have `*` or signs, and an expression needs parentheses.

mod lex;
mod parse;

use std::fmt;

use crate::excerpt::excerpt_around;

/// An expression that is true or false for a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// True if the test has a matching attribute.
    Has(Pattern),
    /// `!a`
    Not(Box<Expr>),
    /// `a && b && c`
    All(Vec<Expr>),
    /// `a || b || c`
    Any(Vec<Expr>),
}

/// The name of an attribute, in which `*` matches any text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

/// A syntax error. `Display` shows the place on two more lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttrError {
    text: String,
    /// In bytes; at most the length of the text.
    offset: usize,
    message: String,
}

/// The attributes by which a test can be selected: its own and, as in Tast, its suites, dependencies and id,
/// with prefixes.
pub fn attributes<T: AsRef<str>>(
    id: &str,
    own: &[T],
    suites: &[T],
    dependencies: &[T],
) -> Vec<String> {
    let prefixed = |prefix: &'static str, names: &[T]| -> Vec<String> {
        let names = names.iter();
        names
            .map(|name| format!("{prefix}{}", name.as_ref()))
            .collect()
    };
    let mut all = prefixed("", own);
    all.extend(prefixed("suite:", suites));
    all.extend(prefixed("dep:", dependencies));
    all.push(format!("name:{id}"));
    all
}

impl Expr {
    /// Parses an expression.
    ///
    /// # Errors
    /// The first syntax error.
    ///
    /// ```
    /// use autotest_core::attr::Expr;
    /// let expr = Expr::parse("suite:bvt && !slow").unwrap();
    /// assert!(expr.holds(&["suite:bvt".to_owned()]));
    /// ```
    pub fn parse(text: &str) -> Result<Expr, AttrError> {
        parse::parse(text)
    }

    /// Whether it is true for a test with these attributes.
    pub fn holds(&self, attributes: &[String]) -> bool {
        match self {
            Expr::Has(pattern) => attributes.iter().any(|name| pattern.matches(name)),
            Expr::Not(inner) => !inner.holds(attributes),
            Expr::All(parts) => parts.iter().all(|part| part.holds(attributes)),
            Expr::Any(parts) => parts.iter().any(|part| part.holds(attributes)),
        }
    }

    /// All names in the expression.
    pub fn patterns(&self) -> Vec<&Pattern> {
        match self {
            Expr::Has(pattern) => vec![pattern],
            Expr::Not(inner) => inner.patterns(),
            Expr::All(parts) | Expr::Any(parts) => {
                let mut patterns = Vec::new();
                for part in parts {
                    patterns.extend(part.patterns());
                }
                patterns
            }
        }
    }
}

impl Pattern {
    /// The pattern with this text.
    pub fn new(text: impl Into<String>) -> Pattern {
        Pattern(text.into())
    }

    /// The name, as written.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether a name matches it.
    pub fn matches(&self, name: &str) -> bool {
        let mut pieces = self.0.split('*');
        let first = pieces.next().unwrap_or_default();
        let Some(mut rest) = name.strip_prefix(first) else {
            return false;
        };
        let Some(last) = pieces.next_back() else {
            return rest.is_empty();
        };
        // Matching each piece as far left as possible leaves the most text for the others.
        for piece in pieces {
            match rest.split_once(piece) {
                Some((_, behind)) => rest = behind,
                None => return false,
            }
        }
        rest.ends_with(last)
    }
}

impl AttrError {
    fn new(text: &str, offset: usize, message: impl Into<String>) -> AttrError {
        AttrError {
            text: text.to_owned(),
            offset,
            message: message.into(),
        }
    }
}

impl fmt::Display for AttrError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = self.text[..self.offset].chars().count();
        writeln!(f, "{} at column {}", self.message, before + 1)?;
        // Each character takes one column, so that the caret is in the right place.
        let visible = |c: char| if c.is_control() { ' ' } else { c };
        let (text, before) = excerpt_around(&self.text, self.offset);
        writeln!(f, "    {}", text.chars().map(visible).collect::<String>())?;
        write!(f, "    {:before$}^", "")
    }
}

impl std::error::Error for AttrError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expr: &str, expected: bool) {
        let attributes = [
            "disk",
            "slow",
            "suite:bvt",
            "dep:usb port",
            "name:net::ping",
        ];
        let attributes = attributes.map(str::to_owned);
        let expr = Expr::parse(expr).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(expr.holds(&attributes), expected);
    }

    #[test]
    fn a_name_holds_for_a_test_that_has_it() {
        check("disk", true);
        check("\"disk\"", true);
        check("dis", false);
        check("suite:bvt", true);
        check("bvt", false);
        check("name:net::ping", true);
        check("\"dep:usb port\"", true);
    }

    #[test]
    fn not_binds_tighter_than_and_and_that_than_or() {
        check("!fast && slow", true);
        check("!(fast && slow)", true);
        check("!!slow", true);
        check("slow || disk && fast", true);
        check("(slow || disk) && fast", false);
        check("!slow || !disk || suite:bvt", true);
        check("suite:bvt && !(\"slow\" || \"dev:*\")", false);
        check("suite:bvt&&!(\"dev:*\")", true);
    }

    #[test]
    fn the_patterns_are_those_of_all_parts() {
        let expr = Expr::parse("a && !(b* || \"c d\") || !e").unwrap();
        let texts: Vec<&str> = expr.patterns().into_iter().map(Pattern::text).collect();
        assert_eq!(texts, ["a", "b*", "c d", "e"]);
        assert_eq!(Pattern::new("x").text(), "x");
    }

    #[test]
    fn a_star_stands_for_any_text() {
        check("suite:*", true);
        check("*", true);
        check("\"s*w\"", true);
        check("s*o*w", true);
        check("*bvt", true);
        check("name:*::*ing", true);
        check("slow*", true);
        check("sl*low", false);
        check("**", true);
        check("fast*", false);
    }
}

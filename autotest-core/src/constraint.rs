//! Perf constraints: what a test demands of its measurements, such as `throughput > 50`.
//!
//! The original gave the text to Python's `eval`. This is a language of its own, so that a text can
//! not reach anything but the values it is given, and so that a mistake in it shows before the test
//! runs: it is parsed at compile time where it stands in the source. What it accepts has Python 3's
//! precedence and Python 3's answers (`tests/it/data/constraints.txt`).
//!
//! # The language
//!
//! | | |
//! |---|---|
//! | values | `7`, `1_000`, `0xff`, `1.5`, `2e-3`, `'text'`, `"text"`, `True`, `False`, `None`, `(1, 2)`, `[1, 2]` |
//! | names | `[A-Za-z_][A-Za-z0-9_]*`, the keys of the last perf keyval |
//! | arithmetic | `+ - * / // % **`, unary `+ -`; text `+` text, text `*` whole number |
//! | comparisons | `< <= > >= == !=`, `in`, `not in`, chained as in `1 < x <= 5` |
//! | logic | `and`, `or`, `not`, `a if condition else b` |
//!
//! A key with `-` or `.`, which a keyval may have, cannot be named: `a-b` is `a` minus `b`. Nor can
//! a key that is a word of Python, such as `from`.
//!
//! # Where it differs from Python 3
//!
//! These cannot be evaluated:
//!
//! - a whole number beyond 128 bits with sign, a text beyond 1 MiB;
//! - `%` on a text, which formats in Python; `+` and `*` on lists.
//!
//! These do not parse:
//!
//! - a whole number beyond 128 bits, more than 100 levels of parentheses and operands;
//! - what could reach further: calls, attributes, subscripts, comprehensions, `lambda`;
//! - what measurements do not need: `is`, operators on bits, sets, dictionaries, complex numbers;
//! - `x > 5, y > 5`, which is a tuple in Python and as such always true;
//! - texts with a prefix, in triple quotes or side by side, `\N{…}`, half a surrogate pair;
//! - comments, a backslash at the end of a line, a number that touches a word (`1if x else 2`).
//!
//! These have another answer: a tuple and a list with the same items are equal, and `nan` is never
//! in a list, as it does not equal itself (Python also looks for the same object).

mod compare;
mod eval;
mod expr;
mod lex;
mod number;
mod parse;
mod parse_error;

pub use eval::EvalError;
pub use parse_error::ParseError;

use std::fmt::{self, Display, Formatter};

use crate::value::Value;
use expr::Expr;

/// A parsed constraint. `Display` is the text as it was given, blanks included.
///
/// ```
/// use autotest_core::{Value, constraint::{Constraint, lookup_in}};
///
/// let perf = [("latency_ms".to_string(), Value::from(35))];
/// let fast = Constraint::parse("latency_ms <= 20")?;
/// let unmet = fast.check(&lookup_in(&perf)).unwrap_err();
/// assert_eq!(unmet.to_string(), "latency_ms <= 20: constraint was not met");
/// # Ok::<(), autotest_core::constraint::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    source: String,
    expr: Expr,
    names: Vec<String>,
}

impl Constraint {
    /// Parses a constraint. Blanks and line breaks at both ends do not count; a line break elsewhere
    /// must stand inside parentheses, as in Python.
    ///
    /// # Errors
    /// If the text is not of the language above. The error knows the place.
    ///
    /// ```
    /// use autotest_core::constraint::Constraint;
    /// let error = Constraint::parse("x >").unwrap_err();
    /// assert_eq!((error.message(), error.offset()), ("expected a value after `>`", 3));
    /// ```
    pub fn parse(source: &str) -> Result<Constraint, ParseError> {
        let (expr, names) = parse::parse(source)?;
        Ok(Constraint {
            source: source.to_owned(),
            expr,
            names,
        })
    }

    /// The text exactly as it was given.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The names it uses, each once, in the order of the text. An evaluation may need fewer of them.
    ///
    /// ```
    /// use autotest_core::constraint::Constraint;
    /// let constraint = Constraint::parse("1 < rate <= limit or rate == 0")?;
    /// assert_eq!(constraint.names().collect::<Vec<_>>(), ["rate", "limit"]);
    /// # Ok::<(), autotest_core::constraint::ParseError>(())
    /// ```
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Whether the values meet the constraint. `lookup` finds the value of a name; [`lookup_in`]
    /// makes one, and so does `&|name| map.get(name)`.
    ///
    /// # Errors
    /// If the answer is not true in Python's sense, or if there is none.
    pub fn check<'v>(&self, lookup: &dyn Fn(&str) -> Option<&'v Value>) -> Result<(), Unmet> {
        let constraint = || self.source.clone();
        match self.evaluate(lookup) {
            Ok(value) if value.is_truthy() => Ok(()),
            Ok(_) => Err(Unmet::NotMet {
                constraint: constraint(),
            }),
            Err(error) => Err(Unmet::NotEvaluated {
                constraint: constraint(),
                error,
            }),
        }
    }

    /// The answer itself. A tuple is a [`Value::List`].
    ///
    /// # Errors
    /// If a name has no value, or an operator no answer for its operands.
    ///
    /// ```
    /// use autotest_core::{Value, constraint::Constraint};
    /// let seven = Constraint::parse("-15 // 2 + 15")?;
    /// assert_eq!(seven.evaluate(&|_| None), Ok(Value::from(7)));
    /// # Ok::<(), autotest_core::constraint::ParseError>(())
    /// ```
    pub fn evaluate<'v>(
        &self,
        lookup: &dyn Fn(&str) -> Option<&'v Value>,
    ) -> Result<Value, EvalError> {
        eval::evaluate(&self.expr, lookup)
    }
}

impl Display for Constraint {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

/// A lookup in the pairs of a keyval, for [`Constraint::check`]. The last of two equal keys counts,
/// as in a dictionary.
pub fn lookup_in<'v>(pairs: &'v [(String, Value)]) -> impl Fn(&str) -> Option<&'v Value> {
    |name| {
        pairs
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }
}

/// Why a constraint fails its test. The two messages are the original's (conformance: topic
/// `constraints`), so the reason is not in them; it is the error's source.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Unmet {
    /// The answer is not true in Python's sense.
    #[error("{constraint}: constraint was not met")]
    NotMet {
        /// The text of the constraint.
        constraint: String,
    },
    /// There is no answer.
    #[error("could not evaluate constraint: {constraint}")]
    NotEvaluated {
        /// The text of the constraint.
        constraint: String,
        /// Why there is none.
        #[source]
        error: EvalError,
    },
}

impl Unmet {
    /// Why there is no answer, if there is none.
    pub fn eval_error(&self) -> Option<&EvalError> {
        match self {
            Unmet::NotMet { .. } => None,
            Unmet::NotEvaluated { error, .. } => Some(error),
        }
    }
}

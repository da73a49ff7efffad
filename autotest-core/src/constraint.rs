//! Perf constraints: conditions that the measurements of a test must meet, such as `throughput > 50`.
//!
//! The original passed the text to Python's `eval`. This is a separate language, so that a constraint can
//! only access the given values, and so that mistakes show before the test runs: a constraint in the source
//! is parsed at compile time. Precedence and results are those of Python 3 (`tests/it/data/constraints.txt`).
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
//! A keyval's key with `-` or `.` cannot be used as a name: `a-b` is `a` minus `b`. Nor can a Python keyword
//! such as `from`.
//!
//! # Differences from Python 3
//!
//! These fail when they are evaluated:
//!
//! - a result that is a whole number beyond 128 bits with sign, or a text beyond 1 MiB;
//! - `%` on a text, which formats it in Python; `+` and `*` on lists.
//!
//! These do not parse:
//!
//! - a literal beyond 128 bits, more than 100 levels of parentheses and operands;
//! - everything that could access more than the values: calls, attributes, subscripts, comprehensions,
//!   `lambda`;
//! - everything that measurements do not need: `is`, bitwise operators, sets, dictionaries, complex numbers;
//! - `x > 5, y > 5`, which is a tuple in Python and therefore always true;
//! - strings with a prefix, in triple quotes or adjacent ones, `\N{…}`, half a surrogate pair;
//! - comments, a backslash at the end of a line, a number followed by a word without a blank (`1if x else
//!   2`).
//!
//! These have a different result: a tuple and a list with the same items are equal, and `nan` is never in a
//! list, since it does not equal itself (Python also compares identities).

mod bounds;
mod compare;
mod eval;
mod expr;
mod lex;
mod number;
mod parse;
mod parse_error;

pub use bounds::Bound;
pub use eval::EvalError;
pub use parse_error::ParseError;

use std::fmt::{self, Display, Formatter};

use crate::value::Value;
use expr::Expr;

/// A parsed constraint. `Display` shows the original text, including blanks.
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
    /// Parses a constraint. Blanks and line breaks at both ends are ignored; any other line break must be
    /// inside parentheses, as in Python.
    ///
    /// # Errors
    /// If the text does not follow the grammar above. The error has the position.
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

    /// The original text.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The names in the constraint, each once, in the order of the text. An evaluation may not need all of
    /// them.
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

    /// Checks whether the values meet the constraint. `lookup` returns the value of a name; use
    /// [`lookup_in`], or a closure such as `&|name| map.get(name)`.
    ///
    /// # Errors
    /// If the result is not truthy in Python's sense, or if the evaluation fails.
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

    /// Evaluates the constraint. A tuple becomes a [`Value::List`].
    ///
    /// # Errors
    /// If a name has no value, or an operator cannot be applied to its operands.
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

/// A lookup in the pairs of a keyval, for [`Constraint::check`]. If a key occurs twice, the last value
/// counts, as in a dictionary.
pub fn lookup_in<'v>(pairs: &'v [(String, Value)]) -> impl Fn(&str) -> Option<&'v Value> {
    |name| {
        pairs
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }
}

/// Why a constraint fails its test. Both messages are the original's (conformance: topic `constraints`) and
/// do not include the reason, which is the error's source.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Unmet {
    /// The result is not truthy in Python's sense.
    #[error("{constraint}: constraint was not met")]
    NotMet {
        /// The text of the constraint.
        constraint: String,
    },
    /// The evaluation failed.
    #[error("could not evaluate constraint: {constraint}")]
    NotEvaluated {
        /// The text of the constraint.
        constraint: String,
        /// The reason.
        #[source]
        error: EvalError,
    },
}

impl Unmet {
    /// Why the evaluation failed, if it did.
    pub fn eval_error(&self) -> Option<&EvalError> {
        match self {
            Unmet::NotMet { .. } => None,
            Unmet::NotEvaluated { error, .. } => Some(error),
        }
    }
}

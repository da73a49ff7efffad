//! Evaluation of a parsed constraint.

use super::compare;
use super::expr::{Arithmetic, Comparison, Expr, Sign};
use super::number::{Number, calculate};
use crate::value::Value;

/// The longest text. It is enough for any measurement; `'x' * 10 ** 9` must not exhaust a board's memory.
const MAX_TEXT_BYTES: usize = 1 << 20;

/// Why a constraint cannot be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvalError {
    /// The last perf keyval has no such key.
    #[error("`{name}` has no value")]
    UnknownName {
        /// The name.
        name: String,
    },
    /// The operator does not support an operand of this type.
    #[error("`{operator}` cannot be applied to `{operand}`")]
    Operand {
        /// The operator.
        operator: &'static str,
        /// Python's name for the type.
        operand: &'static str,
    },
    /// The operator does not support operands of these types.
    #[error("`{operator}` cannot be applied to `{left}` and `{right}`")]
    Operands {
        /// The operator.
        operator: &'static str,
        /// Python's name for the type on its left.
        left: &'static str,
        /// Python's name for the type on its right.
        right: &'static str,
    },
    /// The right operand of `/`, `//` or `%` is zero, or zero has a negative exponent.
    #[error("division by zero")]
    DivisionByZero,
    /// A whole number exceeds 128 bits; Python's are unlimited.
    #[error("the result of `{operator}` does not fit in 128 bits")]
    IntOverflow {
        /// The operator.
        operator: &'static str,
    },
    /// A power exceeds the largest float. Products and sums become infinite instead.
    #[error("the result of `**` is too large for a float")]
    FloatOverflow,
    /// The result would be a complex number in Python.
    #[error("a negative number has no fractional power")]
    Complex,
    /// A text is too long.
    #[error("the result of `{operator}` is longer than {MAX_TEXT_BYTES} bytes")]
    LongText {
        /// The operator.
        operator: &'static str,
    },
}

type Lookup<'l, 'v> = &'l dyn Fn(&str) -> Option<&'v Value>;

/// Evaluates an expression. It only dispatches, to keep its stack frame small: there is one for each level of
/// nesting.
pub(super) fn evaluate(expr: &Expr, lookup: Lookup<'_, '_>) -> Result<Value, EvalError> {
    match expr {
        Expr::Literal(value) => Ok(value.clone()),
        Expr::Name(name) => value_of(name, lookup),
        Expr::List(items) => list(items, lookup),
        Expr::Not(operand) => negation(operand, lookup),
        Expr::Signed(sign, operand) => signed(*sign, operand, lookup),
        Expr::Arithmetic(first, rest) => arithmetic(first, rest, lookup),
        Expr::Compare(first, rest) => comparison(first, rest, lookup),
        Expr::And(operands) => first_operand(operands, false, lookup),
        Expr::Or(operands) => first_operand(operands, true, lookup),
        Expr::Conditional(branches, otherwise) => conditional(branches, otherwise, lookup),
    }
}

fn value_of(name: &str, lookup: Lookup<'_, '_>) -> Result<Value, EvalError> {
    lookup(name).cloned().ok_or_else(|| EvalError::UnknownName {
        name: name.to_owned(),
    })
}

fn list(items: &[Expr], lookup: Lookup<'_, '_>) -> Result<Value, EvalError> {
    let mut values = Vec::with_capacity(items.len());
    for item in items {
        values.push(evaluate(item, lookup)?);
    }
    Ok(Value::List(values))
}

fn negation(operand: &Expr, lookup: Lookup<'_, '_>) -> Result<Value, EvalError> {
    Ok(Value::Bool(!evaluate(operand, lookup)?.is_truthy()))
}

fn signed(sign: Sign, operand: &Expr, lookup: Lookup<'_, '_>) -> Result<Value, EvalError> {
    with_sign(sign, &evaluate(operand, lookup)?)
}

/// The value of the first condition that is true; no other value is evaluated.
fn conditional(
    branches: &[(Expr, Expr)],
    otherwise: &Expr,
    lookup: Lookup<'_, '_>,
) -> Result<Value, EvalError> {
    for (condition, value) in branches {
        if evaluate(condition, lookup)?.is_truthy() {
            return evaluate(value, lookup);
        }
    }
    evaluate(otherwise, lookup)
}

/// `and` and `or`: the first operand that decides, or the last one. The operands after it are not evaluated.
fn first_operand(
    operands: &[Expr],
    decisive: bool,
    lookup: Lookup<'_, '_>,
) -> Result<Value, EvalError> {
    // There are two operands at least.
    let mut answer = Value::None;
    for operand in operands {
        answer = evaluate(operand, lookup)?;
        if answer.is_truthy() == decisive {
            break;
        }
    }
    Ok(answer)
}

/// Evaluates a chain of comparisons, and stops at the first one that is false.
fn comparison(
    first: &Expr,
    rest: &[(Comparison, Expr)],
    lookup: Lookup<'_, '_>,
) -> Result<Value, EvalError> {
    let mut left = evaluate(first, lookup)?;
    for (operator, right) in rest {
        let right = evaluate(right, lookup)?;
        if !compare::holds(*operator, &left, &right)? {
            return Ok(Value::Bool(false));
        }
        left = right;
    }
    Ok(Value::Bool(true))
}

fn arithmetic(
    first: &Expr,
    rest: &[(Arithmetic, Expr)],
    lookup: Lookup<'_, '_>,
) -> Result<Value, EvalError> {
    let mut answer = evaluate(first, lookup)?;
    for (operator, right) in rest {
        answer = operate(*operator, &answer, &evaluate(right, lookup)?)?;
    }
    Ok(answer)
}

fn with_sign(sign: Sign, operand: &Value) -> Result<Value, EvalError> {
    let operator = sign.symbol();
    match (Number::of(operand), sign) {
        (Some(number), Sign::Plus) => Ok(number.into()),
        (Some(number), Sign::Minus) => number
            .negated()
            .map(Value::from)
            .ok_or(EvalError::IntOverflow { operator }),
        (None, _) => Err(EvalError::Operand {
            operator,
            operand: operand.type_name(),
        }),
    }
}

fn operate(operator: Arithmetic, left: &Value, right: &Value) -> Result<Value, EvalError> {
    if let (Some(left), Some(right)) = (Number::of(left), Number::of(right)) {
        return calculate(operator, left, right).map(Value::from);
    }
    match (operator, left, right) {
        (Arithmetic::Add, Value::Str(left), Value::Str(right)) => concatenated(left, right),
        (Arithmetic::Multiply, Value::Str(text), count)
        | (Arithmetic::Multiply, count, Value::Str(text))
            if let Some(Number::Int(count)) = Number::of(count) =>
        {
            repeated(text, count)
        }
        _ => Err(wrong_operands(operator.symbol(), left, right)),
    }
}

pub(super) fn wrong_operands(operator: &'static str, left: &Value, right: &Value) -> EvalError {
    EvalError::Operands {
        operator,
        left: left.type_name(),
        right: right.type_name(),
    }
}

fn concatenated(left: &str, right: &str) -> Result<Value, EvalError> {
    if left.len() + right.len() > MAX_TEXT_BYTES {
        return Err(EvalError::LongText { operator: "+" });
    }
    Ok(Value::Str([left, right].concat()))
}

/// Repeats a text. As in Python, a count beyond 64 bits is an error even for an empty text.
fn repeated(text: &str, count: i128) -> Result<Value, EvalError> {
    let too_long = EvalError::LongText { operator: "*" };
    let count = i64::try_from(count).map_err(|_| too_long.clone())?;
    let count = usize::try_from(count.max(0)).map_err(|_| too_long.clone())?;
    match text.len().checked_mul(count) {
        Some(length) if length <= MAX_TEXT_BYTES => Ok(Value::Str(text.repeat(count))),
        _ => Err(too_long),
    }
}

//! Python 3's comparisons. Any two values can be compared for equality; only numbers, texts and lists have an
//! order.

use std::cmp::Ordering;

use super::eval::{EvalError, wrong_operands};
use super::expr::Comparison;
use super::number::Number;
use crate::value::Value;

pub(super) fn holds(
    comparison: Comparison,
    left: &Value,
    right: &Value,
) -> Result<bool, EvalError> {
    let order = || order(comparison, left, right);
    Ok(match comparison {
        Comparison::Equal => is_equal(left, right),
        Comparison::NotEqual => !is_equal(left, right),
        Comparison::In => contains(comparison, left, right)?,
        Comparison::NotIn => !contains(comparison, left, right)?,
        Comparison::Less => order()?.is_some_and(Ordering::is_lt),
        Comparison::LessOrEqual => order()?.is_some_and(Ordering::is_le),
        Comparison::Greater => order()?.is_some_and(Ordering::is_gt),
        Comparison::GreaterOrEqual => order()?.is_some_and(Ordering::is_ge),
    })
}

fn is_equal(left: &Value, right: &Value) -> bool {
    if let (Some(left), Some(right)) = (Number::of(left), Number::of(right)) {
        return left.order(right) == Some(Ordering::Equal);
    }
    match (left, right) {
        (Value::None, Value::None) => true,
        (Value::Str(left), Value::Str(right)) => left == right,
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| is_equal(l, r))
        }
        (Value::Map(left), Value::Map(right)) => is_equal_map(left, right),
        _ => false,
    }
}

/// Compares maps, regardless of the order of their entries.
fn is_equal_map(left: &[(String, Value)], right: &[(String, Value)]) -> bool {
    let find = |key| {
        right
            .iter()
            .find(|(other, _)| other == key)
            .map(|(_, value)| value)
    };
    left.len() == right.len()
        && left
            .iter()
            .all(|(key, value)| find(key).is_some_and(|other| is_equal(value, other)))
}

/// The order of two values. `None` if one of them is `nan`.
fn order(
    comparison: Comparison,
    left: &Value,
    right: &Value,
) -> Result<Option<Ordering>, EvalError> {
    if let (Some(left), Some(right)) = (Number::of(left), Number::of(right)) {
        return Ok(left.order(right));
    }
    match (left, right) {
        (Value::Str(left), Value::Str(right)) => Ok(Some(left.cmp(right))),
        (Value::List(left), Value::List(right)) => order_lists(comparison, left, right),
        _ => Err(wrong_operands(comparison.symbol(), left, right)),
    }
}

/// The first items that differ decide, or the lengths if there are none.
fn order_lists(
    comparison: Comparison,
    left: &[Value],
    right: &[Value],
) -> Result<Option<Ordering>, EvalError> {
    match left
        .iter()
        .zip(right)
        .find(|(left, right)| !is_equal(left, right))
    {
        Some((left, right)) => order(comparison, left, right),
        None => Ok(Some(left.len().cmp(&right.len()))),
    }
}

fn contains(comparison: Comparison, item: &Value, container: &Value) -> Result<bool, EvalError> {
    match (item, container) {
        (Value::Str(item), Value::Str(text)) => Ok(text.contains(item.as_str())),
        (item, Value::List(items)) => Ok(items.iter().any(|other| is_equal(item, other))),
        (Value::Str(key), Value::Map(entries)) => Ok(entries.iter().any(|(other, _)| other == key)),
        (_, Value::Map(_)) => Ok(false),
        _ => Err(wrong_operands(comparison.symbol(), item, container)),
    }
}

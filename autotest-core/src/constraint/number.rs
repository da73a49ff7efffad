//! Python 3's arithmetic on floats and on whole numbers of up to 128 bits.

use std::cmp::Ordering;

use super::eval::EvalError;
use super::expr::Arithmetic;
use crate::value::Value;

/// Up to here, a float represents every whole number exactly.
const EXACT_FLOAT: u128 = 1 << f64::MANTISSA_DIGITS;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Int(i128),
    Float(f64),
}

impl Number {
    /// Converts a value. True is one and False is zero, as in Python.
    pub(super) fn of(value: &Value) -> Option<Number> {
        match value {
            Value::Bool(value) => Some(Number::Int(i128::from(*value))),
            Value::Int(value) => Some(Number::Int(*value)),
            Value::Float(value) => Some(Number::Float(*value)),
            Value::None | Value::Str(_) | Value::List(_) | Value::Map(_) => None,
        }
    }

    pub(super) fn negated(self) -> Option<Number> {
        match self {
            Number::Int(value) => value.checked_neg().map(Number::Int),
            Number::Float(value) => Some(Number::Float(-value)),
        }
    }

    /// Compares exact values: a whole number is not rounded to a float first.
    pub(super) fn order(self, other: Number) -> Option<Ordering> {
        match (self, other) {
            (Number::Int(left), Number::Int(right)) => Some(left.cmp(&right)),
            (Number::Float(left), Number::Float(right)) => left.partial_cmp(&right),
            (Number::Int(left), Number::Float(right)) => order_mixed(left, right),
            (Number::Float(left), Number::Int(right)) => {
                order_mixed(right, left).map(Ordering::reverse)
            }
        }
    }

    fn to_float(self) -> f64 {
        match self {
            Number::Int(value) => value as f64,
            Number::Float(value) => value,
        }
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Value {
        match number {
            Number::Int(value) => Value::Int(value),
            Number::Float(value) => Value::Float(value),
        }
    }
}

/// The cast is exact within the range of `i128` and saturates beyond it, where a float has no fraction. So
/// only the bounds need special treatment: the upper one, 2^127, is a float but not an `i128`.
fn order_mixed(int: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float >= -(i128::MIN as f64) {
        return Some(Ordering::Less);
    }
    if float < i128::MIN as f64 {
        return Some(Ordering::Greater);
    }
    let fraction = 0.0.partial_cmp(&float.fract())?;
    Some(int.cmp(&(float as i128)).then(fraction))
}

pub(super) fn calculate(
    operator: Arithmetic,
    left: Number,
    right: Number,
) -> Result<Number, EvalError> {
    match (left, right) {
        (Number::Int(left), Number::Int(right)) => integers(operator, left, right),
        _ => floats(operator, left.to_float(), right.to_float()).map(Number::Float),
    }
}

fn integers(operator: Arithmetic, left: i128, right: i128) -> Result<Number, EvalError> {
    let answer = match operator {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Power if right < 0 => {
            return floats(operator, left as f64, right as f64).map(Number::Float);
        }
        Arithmetic::Power => power(left, right.unsigned_abs()),
        Arithmetic::Divide | Arithmetic::FloorDivide | Arithmetic::Modulo if right == 0 => {
            return Err(EvalError::DivisionByZero);
        }
        Arithmetic::Divide => return Ok(Number::Float(quotient(left, right))),
        Arithmetic::FloorDivide => floor_quotient(left, right),
        Arithmetic::Modulo => Some(modulo(left, right)),
    };
    answer.map(Number::Int).ok_or(EvalError::IntOverflow {
        operator: operator.symbol(),
    })
}

fn power(base: i128, exponent: u128) -> Option<i128> {
    match (base, u32::try_from(exponent)) {
        (_, Ok(exponent)) => base.checked_pow(exponent),
        (0 | 1, Err(_)) => Some(base),
        (-1, Err(_)) => Some(if exponent.is_multiple_of(2) { 1 } else { -1 }),
        (_, Err(_)) => None,
    }
}

/// The quotient, rounded towards minus infinity.
fn floor_quotient(left: i128, right: i128) -> Option<i128> {
    let truncated = left.checked_div(right)?;
    let remainder = left.wrapping_rem(right);
    let is_rounded_up = remainder != 0 && remainder.is_negative() != right.is_negative();
    Some(truncated - i128::from(is_rounded_up))
}

/// The remainder with the sign of the divisor.
fn modulo(left: i128, right: i128) -> i128 {
    let remainder = left.wrapping_rem(right);
    if remainder != 0 && remainder.is_negative() != right.is_negative() {
        remainder + right
    } else {
        remainder
    }
}

/// The float nearest to the exact quotient, as in Python. Converting both numbers to floats before dividing
/// would round three times.
fn quotient(left: i128, right: i128) -> f64 {
    let (dividend, divisor) = (left.unsigned_abs(), right.unsigned_abs());
    if dividend <= EXACT_FLOAT && divisor <= EXACT_FLOAT {
        return left as f64 / right as f64;
    }
    let magnitude = quotient_of_magnitudes(dividend, divisor);
    if left.is_negative() == right.is_negative() {
        magnitude
    } else {
        -magnitude
    }
}

/// Long division until there are more bits than a float has, then one rounding by the cast. The last bit is
/// set if there is a remainder, so that only an exact tie is rounded as a tie.
///
/// The shift cannot overflow, since the remainder is less than the divisor, which is at most 2^127.
fn quotient_of_magnitudes(dividend: u128, divisor: u128) -> f64 {
    let mut bits = dividend / divisor;
    let mut remainder = dividend % divisor;
    let mut unit = 1.0;
    while remainder != 0 && bits >> (f64::MANTISSA_DIGITS + 2) == 0 {
        remainder <<= 1;
        bits = 2 * bits + u128::from(remainder >= divisor);
        remainder %= divisor;
        unit /= 2.0;
    }
    (bits | u128::from(remainder != 0)) as f64 * unit
}

fn floats(operator: Arithmetic, left: f64, right: f64) -> Result<f64, EvalError> {
    Ok(match operator {
        Arithmetic::Add => left + right,
        Arithmetic::Subtract => left - right,
        Arithmetic::Multiply => left * right,
        Arithmetic::Power => return float_power(left, right),
        Arithmetic::Divide | Arithmetic::FloorDivide | Arithmetic::Modulo if right == 0.0 => {
            return Err(EvalError::DivisionByZero);
        }
        Arithmetic::Divide => left / right,
        Arithmetic::FloorDivide => float_floor_quotient(left, right),
        Arithmetic::Modulo => float_modulo(left, right),
    })
}

/// The remainder with the sign of the divisor, even if it is zero.
fn float_modulo(left: f64, right: f64) -> f64 {
    let remainder = left % right;
    if remainder == 0.0 {
        return 0.0_f64.copysign(right);
    }
    if remainder.is_sign_negative() != right.is_sign_negative() {
        remainder + right
    } else {
        remainder
    }
}

/// The quotient that matches the remainder. Rounding `left / right` down would be off by one if the division
/// rounds up to a whole number (`1 // 0.1` is 9).
fn float_floor_quotient(left: f64, right: f64) -> f64 {
    let remainder = left % right;
    let mut quotient = (left - remainder) / right;
    if remainder != 0.0 && remainder.is_sign_negative() != right.is_sign_negative() {
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return 0.0_f64.copysign(left / right);
    }
    let floor = quotient.floor();
    if quotient - floor > 0.5 {
        floor + 1.0
    } else {
        floor
    }
}

/// C's `pow` never fails; Python raises an error for three cases with finite operands.
fn float_power(base: f64, exponent: f64) -> Result<f64, EvalError> {
    let answer = base.powf(exponent);
    if !base.is_finite() || !exponent.is_finite() {
        return Ok(answer);
    }
    if base == 0.0 && exponent < 0.0 {
        return Err(EvalError::DivisionByZero);
    }
    if base < 0.0 && exponent.fract() != 0.0 {
        return Err(EvalError::Complex);
    }
    if answer.is_infinite() {
        Err(EvalError::FloatOverflow)
    } else {
        Ok(answer)
    }
}

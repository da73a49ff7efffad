//! The tree of a parsed constraint.
//!
//! Operators of one level are one node with many operands: a sum of a thousand terms must not be a
//! thousand levels deep, as evaluation and drop are recursive.

use crate::value::Value;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    Literal(Value),
    Name(String),
    /// A list or a tuple.
    List(Vec<Expr>),
    Not(Box<Expr>),
    Signed(Sign, Box<Expr>),
    /// From left to right: `a - b + c`. A power has one operator, as it goes from right to left.
    Arithmetic(Box<Expr>, Vec<(Arithmetic, Expr)>),
    /// All neighbours compare so: `a < b <= c`.
    Compare(Box<Expr>, Vec<(Comparison, Expr)>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    /// Conditions and their values, and the value if none holds: `a if b else c if d else e`.
    Conditional(Vec<(Expr, Expr)>, Box<Expr>),
}

/// An operator with one operand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sign {
    Plus,
    Minus,
}

/// An operator whose answer is a number or a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Modulo,
    Power,
}

/// An operator whose answer is true or false.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    In,
    NotIn,
}

impl Sign {
    pub(super) const fn symbol(self) -> &'static str {
        match self {
            Sign::Plus => "+",
            Sign::Minus => "-",
        }
    }
}

impl Arithmetic {
    pub(super) const fn symbol(self) -> &'static str {
        match self {
            Arithmetic::Add => "+",
            Arithmetic::Subtract => "-",
            Arithmetic::Multiply => "*",
            Arithmetic::Divide => "/",
            Arithmetic::FloorDivide => "//",
            Arithmetic::Modulo => "%",
            Arithmetic::Power => "**",
        }
    }
}

impl Comparison {
    pub(super) const fn symbol(self) -> &'static str {
        match self {
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
            Comparison::Equal => "==",
            Comparison::NotEqual => "!=",
            Comparison::In => "in",
            Comparison::NotIn => "not in",
        }
    }
}

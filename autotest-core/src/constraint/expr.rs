//! The syntax tree of a constraint.
//!
//! A chain of operators of one level is one node with many operands: since evaluation and drop are recursive,
//! a sum of a thousand terms must not be a thousand levels deep.

use crate::value::Value;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    Literal(Value),
    Name(String),
    /// A list or a tuple.
    List(Vec<Expr>),
    Not(Box<Expr>),
    Signed(Sign, Box<Expr>),
    /// Evaluated from left to right: `a - b + c`. A power has one operator, since it associates to the right.
    Arithmetic(Box<Expr>, Vec<(Arithmetic, Expr)>),
    /// A chain of comparisons: `a < b <= c`.
    Compare(Box<Expr>, Vec<(Comparison, Expr)>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    /// Conditions with their values, and the value if none is true: `a if b else c if d else e`.
    Conditional(Vec<(Expr, Expr)>, Box<Expr>),
}

/// A unary operator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sign {
    Plus,
    Minus,
}

/// An operator whose result is a number or a text.
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

/// An operator whose result is true or false.
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

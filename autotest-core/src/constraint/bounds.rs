//! The limits that a constraint sets for values.

use super::Constraint;
use super::eval::evaluate;
use super::expr::{Comparison, Expr};
use crate::value::Value;

/// A limit of a value: `throughput > 50`, or a part of `1 < x <= 5 and y > 0`.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound<'c> {
    /// The name of the value.
    pub name: &'c str,
    /// The required relation of the value to the limit: `<`, `<=`, `>`, `>=`, `==`.
    pub relation: &'static str,
    /// The limit.
    pub limit: f64,
}

impl Constraint {
    /// The limits that must all hold for the constraint to be met, for plots. A condition that does not compare a name
    /// with a number sets none.
    ///
    /// ```
    /// use autotest_core::constraint::Constraint;
    /// let constraint = Constraint::parse("1 < rate <= 2 * 50 and (a or b)")?;
    /// let bounds = constraint.bounds();
    /// let bounds: Vec<_> = bounds.iter().map(|b| (b.name, b.relation, b.limit)).collect();
    /// assert_eq!(bounds, [("rate", ">", 1.0), ("rate", "<=", 100.0)]);
    /// # Ok::<(), autotest_core::constraint::ParseError>(())
    /// ```
    pub fn bounds(&self) -> Vec<Bound<'_>> {
        let mut bounds = Vec::new();
        add(&self.expr, &mut bounds);
        bounds
    }
}

fn add<'c>(expr: &'c Expr, bounds: &mut Vec<Bound<'c>>) {
    match expr {
        Expr::And(conditions) => conditions.iter().for_each(|expr| add(expr, bounds)),
        Expr::Compare(first, rest) => {
            let mut left = &**first;
            for (comparison, right) in rest {
                bounds.extend(bound(left, *comparison, right));
                left = right;
            }
        }
        Expr::Literal(_)
        | Expr::Name(_)
        | Expr::List(_)
        | Expr::Not(_)
        | Expr::Signed(..)
        | Expr::Arithmetic(..)
        | Expr::Or(_)
        | Expr::Conditional(..) => {}
    }
}

fn bound<'c>(left: &'c Expr, comparison: Comparison, right: &'c Expr) -> Option<Bound<'c>> {
    let (name, relation, limit) = match (left, right) {
        (Expr::Name(name), limit) => (name, comparison, limit),
        (limit, Expr::Name(name)) => (name, turned(comparison), limit),
        _ => return None,
    };
    let relation = match relation {
        Comparison::Less
        | Comparison::LessOrEqual
        | Comparison::Greater
        | Comparison::GreaterOrEqual
        | Comparison::Equal => relation.symbol(),
        Comparison::NotEqual | Comparison::In | Comparison::NotIn => return None,
    };
    let limit = match evaluate(limit, &|_| None).ok()? {
        Value::Int(limit) => limit as f64,
        Value::Float(limit) => limit,
        _ => return None,
    };
    limit.is_finite().then_some(Bound {
        name,
        relation,
        limit,
    })
}

/// The comparison with its sides swapped.
fn turned(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        Comparison::Equal | Comparison::NotEqual | Comparison::In | Comparison::NotIn => comparison,
    }
}

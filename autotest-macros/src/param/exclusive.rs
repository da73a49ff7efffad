//! Clauses of `#[param(…)]` that exclude each other.

use super::Param;
use crate::errors::Errors;

/// Two clauses that a parameter cannot both have, and why not the first.
const EXCLUSIVE: &[(&str, &str, &str)] = &[
    (
        "default",
        "values",
        "`values` makes a test of each value, so there is no `default`",
    ),
    (
        "values",
        "secret",
        "a secret has no `values`: they would be in the names of the tests",
    ),
    (
        "choices",
        "secret",
        "a secret has no `choices`: `--describe` would show them",
    ),
];

/// Refuses clauses that exclude each other.
pub(super) fn check(param: &Param, errors: &mut Errors) {
    for (first, second, message) in EXCLUSIVE {
        if let Some(clause) = param
            .clause(first)
            .filter(|_| param.clause(second).is_some())
        {
            errors.at(clause.span, message);
        }
    }
}

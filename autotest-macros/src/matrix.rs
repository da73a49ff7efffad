//! `#[param(values(1, 4))]`: a test for each value, times the other parameters with values and the cases.
//!
//! This module must not emit anything.

mod value_name;

use proc_macro2::{Span, TokenStream};

use crate::case::{Case, CaseArg};
use crate::errors::Errors;
use crate::param::{Param, Params};
use value_name::value_names;

/// The most tests that one item may be.
const MAX_TESTS: usize = 1000;

/// The cases of a test as written, and the parameters with values. The tests are numbered from 1, those of the
/// last parameter in a row.
#[derive(Default)]
pub(crate) struct Matrix {
    /// The cases.
    pub(crate) cases: Vec<Case>,
    axes: Vec<Axis>,
}

/// A parameter with values.
pub(crate) struct Axis {
    param: String,
    span: Span,
    /// The values, each with its part of the test's name.
    values: Vec<(String, TokenStream)>,
}

impl Axis {
    fn of(param: &Param, errors: &mut Errors) -> Option<Axis> {
        let clause = param.clause("values")?;
        let values = param.values();
        if values.is_empty() {
            errors.at(clause.span, "`values` needs at least one value");
            return None;
        }
        let names = value_names(&param.name, &values, errors);
        Some(Axis {
            param: param.name.clone(),
            span: clause.span,
            values: names.into_iter().zip(values).collect(),
        })
    }

    /// The values.
    pub(crate) fn values(&self) -> impl Iterator<Item = &TokenStream> {
        self.values.iter().map(|(_, value)| value)
    }

    /// The number of values.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }
}

impl Matrix {
    /// Checks the values of all parameters.
    pub(crate) fn of(cases: Vec<Case>, params: &Params, errors: &mut Errors) -> Matrix {
        let axes = params.iter().filter_map(|param| Axis::of(param, errors));
        let axes: Vec<_> = axes.collect();
        Matrix { cases, axes }
    }

    /// Whether there are parameters with values.
    pub(crate) fn has_values(&self) -> bool {
        !self.axes.is_empty()
    }

    /// The values of a parameter, if it has any, and for how many tests in a row each is.
    pub(crate) fn axis(&self, param: &str) -> Option<(&Axis, usize)> {
        let index = self.axes.iter().position(|axis| axis.param == param)?;
        Some((&self.axes[index], stride(&self.axes[index + 1..])))
    }

    /// For how many tests in a row each case is.
    pub(crate) fn stride_of_cases(&self) -> usize {
        stride(&self.axes)
    }

    /// All tests, as cases. None if there are too many.
    pub(crate) fn tests(&self, errors: &mut Errors) -> Vec<Case> {
        let lens = self.axes.iter().map(Axis::len);
        let count = lens.fold(self.cases.len().max(1), usize::saturating_mul);
        if let Some(last) = self.axes.last()
            && count > MAX_TESTS
        {
            let message =
                format!("the values make {count} tests of it: at most {MAX_TESTS} are allowed");
            errors.at(last.span, message);
            return Vec::new();
        }
        let mut tests = self.cases.clone();
        for axis in &self.axes {
            tests = axis.times(&tests);
        }
        tests
    }
}

impl Axis {
    /// Each test with each value.
    fn times(&self, tests: &[Case]) -> Vec<Case> {
        let none = [Case::default()];
        let tests = if tests.is_empty() { &none } else { tests };
        let products = tests.iter().flat_map(|test| {
            let values = self.values.iter();
            values.map(|(name, value)| self.with_value(test, name, value))
        });
        products.collect()
    }

    fn with_value(&self, test: &Case, name: &str, value: &TokenStream) -> Case {
        let own = format!("{}_{name}", self.param);
        let name = match test.name.as_str() {
            "" => own,
            before => format!("{before}::{own}"),
        };
        let mut args = test.args.clone();
        args.push(CaseArg {
            param: self.param.clone(),
            value: value.clone(),
        });
        Case { name, args }
    }
}

fn stride(axes: &[Axis]) -> usize {
    axes.iter().map(Axis::len).fold(1, usize::saturating_mul)
}

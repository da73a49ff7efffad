//! Checks control functions and hooks: free functions that a job calls or names.
//!
//! This module must not emit anything.

use autotest_core::Phase;
use proc_macro2::{Span, TokenStream};
use syn::parse::{ParseStream, Parser};

use crate::attribute::{Attribute, conditions, doc};
use crate::errors::Errors;
use crate::function::Function;
use crate::matrix::Matrix;
use crate::options::{Options, Owner};
use crate::param::Params;
use crate::step::{FunctionKind, Step};
use crate::test::{Shape, Test};

/// Parses and checks a function. Its only step is `execute`.
pub(crate) fn parse(
    item: TokenStream,
    options: &Options,
    owner: Owner,
    errors: &mut Errors,
) -> Option<Test> {
    let read = |input: ParseStream<'_>| function(input, owner);
    let function = errors.take(read.parse2(Function::without_body(item)))?;
    let mut params = Params::default();
    let kind = match owner {
        Owner::Hook => FunctionKind::Hook,
        Owner::Control | Owner::Test | Owner::Suite | Owner::Profiler => FunctionKind::Control,
    };
    let step = Step::of(&function, Phase::Execute, kind, &mut params, errors);
    params.check_clauses(errors);
    refuse_values(&params, errors);
    check(&function, &step, owner, errors);
    let test = Test {
        name: function.name.clone(),
        options: options.clone(),
        has_own_options: !options.is_empty(),
        doc: doc(&function.attributes),
        conditions: conditions(&function.attributes),
        params,
        cases: Vec::new(),
        matrix: Matrix::default(),
        shape: Shape::Function(step),
    };
    test.check_name(errors);
    Some(test)
}

fn function(input: ParseStream<'_>, owner: Owner) -> syn::Result<Function> {
    let attributes = Attribute::all(input)?;
    if Function::is_next(input) {
        return Function::parse(attributes, input);
    }
    let start = input.span();
    input.parse::<TokenStream>()?;
    let message = match owner {
        Owner::Hook => "`#[hook]` takes a function",
        Owner::Control | Owner::Test | Owner::Suite | Owner::Profiler => {
            "`#[control]` takes a function"
        }
    };
    Err(syn::Error::new(start, message))
}

/// Checks what only these functions must have or must not have.
fn check(function: &Function, step: &Step, owner: Owner, errors: &mut Errors) {
    let name = function.name.span();
    if let Some(keyword) = function.qualifier("async") {
        errors.at(
            keyword.span(),
            "it cannot be `async`: nothing runs it; block inside of it",
        );
    }
    for attribute in &function.attributes {
        if attribute.path[0] == "case" {
            errors.at(attribute.span(), "`#[case]` is for tests");
        }
    }
    match owner {
        Owner::Hook => check_hook(step, name, errors),
        Owner::Control | Owner::Test | Owner::Suite | Owner::Profiler if !step.has_context => {
            errors.at(
                name,
                "a control function takes the job first: `job: &mut Job`",
            );
        }
        Owner::Control | Owner::Test | Owner::Suite | Owner::Profiler => {}
    }
}

fn refuse_values(params: &Params, errors: &mut Errors) {
    for values in params.iter().filter_map(|param| param.clause("values")) {
        errors.at(
            values.span,
            "`values` is for tests: a control function is one job",
        );
    }
}

fn check_hook(step: &Step, name: Span, errors: &mut Errors) {
    if !step.args.is_empty() || !step.has_context {
        errors.at(
            name,
            "a hook takes the test's context and nothing else: `cx: &mut TestContext`",
        );
    }
}

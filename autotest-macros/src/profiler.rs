//! Checks profilers: `impl` blocks with the steps of a profiler.
//!
//! This module must not emit anything.

use autotest_core::{Phase, distance};
use proc_macro2::{Ident, TokenStream};
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};

use crate::attribute::{Attribute, conditions, doc};
use crate::errors::Errors;
use crate::function::Function;
use crate::implementation::Implementation;
use crate::matrix::Matrix;
use crate::options::Options;
use crate::param::Params;
use crate::step::{FunctionKind, Step, check_attributes};
use crate::test::{Constructor, Shape, Test};

/// A step: its name, the phase that stands for it, and whether it may have parameters.
type Row = (&'static str, Phase, bool);

/// The steps, in the order in which they are called.
const STEPS: [Row; 6] = [
    ("initialize", Phase::Initialize, true),
    ("setup", Phase::Setup, true),
    ("before_start", Phase::BeforeRunOnce, false),
    ("start", Phase::RunOnce, false),
    ("stop", Phase::AfterRunOnce, false),
    ("report", Phase::Postprocess, false),
];

/// Parses and checks an `impl` block. A step is called by the phase that stands for it.
pub(crate) fn parse(item: TokenStream, options: &Options, errors: &mut Errors) -> Option<Test> {
    let read = |input: ParseStream<'_>| block(input);
    let (attributes, mut found) = errors.take(read.parse2(Function::without_body(item)))?;
    check_attributes(&attributes, errors);
    let functions = found.functions_without_self();
    let mut params = Params::default();
    let steps = steps(&functions, &mut params, errors);
    params.check_clauses(errors);
    for values in params.iter().filter_map(|param| param.clause("values")) {
        errors.at(values.span, "`values` is for tests");
    }
    let Implementation { ty, name, .. } = found;
    if steps.iter().all(|step| step.phase != Phase::RunOnce) {
        errors.at(name.span(), format!("`{name}` needs a `start`"));
    }
    let profiler = Test {
        name,
        options: options.clone(),
        has_own_options: !options.is_empty(),
        doc: doc(&attributes),
        conditions: conditions(&attributes),
        params,
        cases: Vec::new(),
        matrix: Matrix::default(),
        shape: Shape::Phases {
            ty,
            constructor: Constructor::Default,
            steps,
        },
    };
    profiler.check_name(errors);
    Some(profiler)
}

fn block(input: ParseStream<'_>) -> syn::Result<(Vec<Attribute>, Implementation)> {
    let attributes = Attribute::all(input)?;
    if input.peek(Token![impl]) {
        return Ok((attributes, Implementation::parse(input)?));
    }
    let start = input.span();
    input.parse::<TokenStream>()?;
    Err(syn::Error::new(
        start,
        "`#[profiler]` takes an `impl` block",
    ))
}

fn steps(functions: &[Function], params: &mut Params, errors: &mut Errors) -> Vec<Step> {
    let mut steps = Vec::new();
    for function in functions {
        let is_helper = |attribute: &Attribute| attribute.is("helper");
        if function.attributes.iter().any(is_helper) {
            continue;
        }
        let name = function.name.unraw().to_string();
        match STEPS.iter().find(|(step, ..)| *step == name) {
            Some(row) => steps.push(step(function, row, params, errors)),
            None => check_name(&function.name, &name, errors),
        }
    }
    steps
}

fn step(function: &Function, row: &Row, params: &mut Params, errors: &mut Errors) -> Step {
    let (name, phase, may_have_params) = *row;
    let step = Step::of(function, phase, FunctionKind::InProfiler, params, errors);
    if !step.args.is_empty() && !may_have_params {
        errors.at(
            function.name.span(),
            format!("`{name}` takes no parameters: keep what it needs of those of `initialize` in the profiler"),
        );
    }
    if !step.has_receiver {
        errors.at(function.name.span(), format!("`{name}` takes `&mut self`"));
    }
    if let Some(keyword) = function.qualifier("async") {
        errors.at(
            keyword.span(),
            "a profiler cannot be `async`: block inside of it",
        );
    }
    step
}

/// Refuses a name that was probably meant to be that of a step.
fn check_name(name: &Ident, text: &str, errors: &mut Errors) {
    let mut steps = STEPS.iter().map(|(step, ..)| *step);
    if let Some(step) = steps.find(|step| distance(step, text) == 1) {
        errors.at(
            name.span(),
            format!("`{text}` is not a step: did you mean `{step}`? If it is a helper, put `#[helper]` above it"),
        );
    }
}

/// The name of a profiler whose type has this name: `DiskStats` is `disk_stats`.
pub(crate) fn name_of(ty: &str) -> String {
    let mut name = String::new();
    let mut is_after_lower = false;
    for c in ty.chars() {
        if c.is_uppercase() && is_after_lower {
            name.push('_');
        }
        is_after_lower = c.is_lowercase() || c.is_ascii_digit();
        name.extend(c.to_lowercase());
    }
    name
}

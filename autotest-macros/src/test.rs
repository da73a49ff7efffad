//! The checked model of a test: everything that the expansion needs.
//!
//! All errors of an item are found before any is reported. This module must not emit anything.

use autotest_core::{Phase, excerpt};
use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};

use crate::attribute::{Attribute, conditions, doc};
use crate::case::Case;
use crate::errors::{Errors, first_span};
use crate::function::{Function, Input};
use crate::implementation::Implementation;
use crate::matrix::Matrix;
use crate::options::{Options, Value};
use crate::param::Params;
use crate::param_type::path;
use crate::phase_names::{is_body, misnamed};
use crate::split::visible;
use crate::step::{FunctionKind, Step, check_attributes, is_mutable_reference};
use crate::text::readable;

/// A test.
pub(crate) struct Test {
    pub(crate) name: Ident,
    /// Its own options and those of its suite.
    pub(crate) options: Options,
    pub(crate) has_own_options: bool,
    pub(crate) doc: String,
    /// The `#[cfg]`s of the item.
    pub(crate) conditions: Vec<TokenStream>,
    pub(crate) params: Params,
    /// The tests of the item: for each case, times the values of parameters; empty if there is only one.
    pub(crate) cases: Vec<Case>,
    pub(crate) matrix: Matrix,
    pub(crate) shape: Shape,
}

/// The annotated item.
pub(crate) enum Shape {
    Function(Step),
    Phases {
        ty: TokenStream,
        constructor: Constructor,
        steps: Vec<Step>,
    },
}

/// The constructor of an `impl` test.
pub(crate) enum Constructor {
    Default,
    New {
        has_context: bool,
        /// The return type, if it is not `Self`.
        fails: Option<TokenStream>,
    },
}

impl Test {
    /// Parses and checks an item. `own` are its options, `suite` those of its suite.
    pub(crate) fn parse(
        item: TokenStream,
        own: &Options,
        suite: &Options,
        errors: &mut Errors,
    ) -> Option<Test> {
        let read = |input: ParseStream<'_>| Item::parse(input);
        let (attributes, item) = errors.take(read.parse2(Function::without_body(item)))?;
        check_attributes_of_item(&item, &attributes, errors);
        let mut params = Params::default();
        let (name, shape) = item.shape(&mut params, errors);
        params.check_clauses(errors);
        let cases = Case::all(&attributes, &params, errors);
        let matrix = Matrix::of(cases, &params, errors);
        let cases = matrix.tests(errors);
        let options = own.clone().or(suite);
        let test = Test {
            name,
            options,
            has_own_options: !own.is_empty(),
            doc: doc(&attributes),
            conditions: conditions(&attributes),
            params,
            cases,
            matrix,
            shape,
        };
        test.check_block_on(own, errors);
        test.check_name(errors);
        Some(test)
    }

    /// Its phases, or the only step of a test function.
    pub(crate) fn steps(&self) -> &[Step] {
        match &self.shape {
            Shape::Function(step) => std::slice::from_ref(step),
            Shape::Phases { steps, .. } => steps,
        }
    }

    /// Refuses an id from `name = "…"` that cannot be the name of a directory. Any other id depends on the
    /// module, so the binary checks it when it starts.
    pub(crate) fn check_name(&self, errors: &mut Errors) {
        let Some(Value::Name(literal)) = self.options.get("name") else {
            return;
        };
        let name = literal.value();
        let cases = self.cases.iter();
        let of_cases: Vec<String> = cases.map(|case| format!("{name}::{}", case.name)).collect();
        let ids = match of_cases.is_empty() {
            true => vec![name],
            false => of_cases,
        };
        // There may be a thousand, and one error says enough.
        let refused = ids.iter().find_map(|id| {
            let error = autotest_core::name::check(id).err()?;
            let id = excerpt(id);
            Some(format!("a test cannot be called {id:?}: {error}"))
        });
        if let Some(message) = refused {
            errors.at(literal.span(), message);
        }
    }

    fn check_block_on(&self, own: &Options, errors: &mut Errors) {
        let asynchronous = self.steps().iter().find(|step| step.is_async);
        match (asynchronous, own.span("block_on")) {
            (Some(step), _) if self.options.get("block_on").is_none() => {
                let message = "an `async` test needs a function that runs it: \
                               `#[autotest(block_on = path::to::function)]`";
                errors.at(step.function.span(), message);
            }
            (None, Some(span)) => {
                errors.at(span, "`block_on` is for `async fn`, but there is none")
            }
            _ => {}
        }
    }
}

/// An item that can be annotated.
enum Item {
    Function(Function),
    Implementation(Implementation),
}

impl Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<(Vec<Attribute>, Item)> {
        let attributes = Attribute::all(input)?;
        let start = input.span();
        if Function::is_next(input) {
            let function = Function::parse(attributes, input)?;
            return Ok((function.attributes.clone(), Item::Function(function)));
        }
        if input.peek(Token![unsafe]) && input.peek2(Token![impl]) {
            let message = "a test is an inherent `impl` block, not an implementation of a trait";
            return Err(syn::Error::new(start, message));
        }
        if input.peek(Token![impl]) {
            let implementation = Implementation::parse(input)?;
            return Ok((attributes, Item::Implementation(implementation)));
        }
        input.parse::<TokenStream>()?;
        Err(syn::Error::new(
            start,
            "`#[autotest]` takes a function or an `impl` block",
        ))
    }

    fn shape(self, params: &mut Params, errors: &mut Errors) -> (Ident, Shape) {
        match self {
            Item::Function(function) => {
                let message = "`#[helper]` is for the functions of an `impl` test";
                refuse(&function.attributes, "helper", message, errors);
                let step = Step::of(
                    &function,
                    Phase::RunOnce,
                    FunctionKind::Free,
                    params,
                    errors,
                );
                (function.name, Shape::Function(step))
            }
            Item::Implementation(mut found) => {
                let functions = found.functions_without_self();
                let constructor = constructor(&functions, &found.ty, errors);
                let steps = phases(&functions, params, errors);
                check_has_body(&steps, &functions, &found.name, errors);
                let Implementation { ty, name, .. } = found;
                (
                    name,
                    Shape::Phases {
                        ty,
                        constructor,
                        steps,
                    },
                )
            }
        }
    }
}

/// Checks the attributes of an `impl` block; those of a function are checked with its step.
fn check_attributes_of_item(item: &Item, attributes: &[Attribute], errors: &mut Errors) {
    if let Item::Implementation(_) = item {
        check_attributes(attributes, errors);
    }
}

fn phases(functions: &[Function], params: &mut Params, errors: &mut Errors) -> Vec<Step> {
    let mut steps = Vec::new();
    for function in functions {
        refuse(
            &function.attributes,
            "case",
            "`#[case]` belongs above the `impl` block",
            errors,
        );
        match Phase::named(&function.name.to_string()).filter(|_| !is_helper(function)) {
            Some(phase) => {
                steps.push(Step::of(
                    function,
                    phase,
                    FunctionKind::InImplementation,
                    params,
                    errors,
                ));
            }
            None => check_helper(function, errors),
        }
    }
    steps
}

/// Whether the function is marked with `#[helper]`.
fn is_helper(function: &Function) -> bool {
    function
        .attributes
        .iter()
        .any(|attribute| attribute.is("helper"))
}

/// Checks a function that the lifecycle does not call.
fn check_helper(function: &Function, errors: &mut Errors) {
    if !is_helper(function) {
        check_name(function, errors);
    }
    for input in function.inputs().into_iter().flatten() {
        if let Input::Typed(typed) = input {
            let message = "`#[param]` does nothing here: this function is not a phase";
            refuse(&typed.attributes, "param", message, errors);
        }
    }
}

/// Refuses our attributes where they would silently have no effect.
fn refuse(attributes: &[Attribute], name: &str, message: &str, errors: &mut Errors) {
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path[0] == name)
    {
        errors.at(attribute.span(), message);
    }
}

/// Refuses a name that was probably meant to be that of a phase.
fn check_name(function: &Function, errors: &mut Errors) {
    let name = function.name.unraw().to_string();
    if let Some(message) = misnamed(&name, returns_as_phase(function)) {
        errors.at(function.name.span(), message);
    }
}

/// Whether the function could be a phase, judging by its return type.
fn returns_as_phase(function: &Function) -> bool {
    let output = visible(function.output.clone());
    let is_result = path(&output).is_some_and(|path| path.name.to_string().ends_with("Result"));
    output.is_empty() || readable(&function.output) == "()" || is_result
}

fn check_has_body(steps: &[Step], functions: &[Function], test: &Ident, errors: &mut Errors) {
    let has = |phase: Phase| steps.iter().any(|step| step.phase == phase);
    if has(Phase::RunOnce) || has(Phase::Execute) {
        return;
    }
    let mut others = functions.iter().filter(|function| !is_helper(function));
    let body = others
        .find(|function| is_body(&function.name.unraw().to_string()) && returns_as_phase(function));
    let needs = format!("`{test}` needs a `run_once` (or its own `execute`)");
    match body {
        Some(Function { name, .. }) => {
            errors.at(name.span(), format!("{needs}: did you mean this `{name}`?"));
        }
        None => errors.at(test.span(), needs),
    }
}

/// Finds the constructor: `fn new`, if there is one.
fn constructor(functions: &[Function], ty: &TokenStream, errors: &mut Errors) -> Constructor {
    let is_new = |function: &&Function| function.name == "new" && !is_helper(function);
    let Some(new) = functions.iter().find(is_new) else {
        return Constructor::Default;
    };
    let fails = match constructor_output(&new.output, ty) {
        Some(ConstructorOutput::SelfType) => None,
        Some(ConstructorOutput::Result) => Some(new.output.clone()),
        None => {
            let span = first_span(&new.output).unwrap_or(new.name.span());
            errors.at(
                span,
                "`new` creates the test: it must return `Self` or `Result<Self, E>`",
            );
            None
        }
    };
    let has_context = match new.inputs().as_slice() {
        [] => false,
        [Ok(Input::Typed(typed))] if is_mutable_reference(&typed.ty) => true,
        _ => {
            let message = "`new` creates the test: it must take `&mut TestContext` or nothing \
                           (add `#[helper]` if it is not the constructor)";
            errors.at(new.name.span(), message);
            false
        }
    };
    Constructor::New { has_context, fails }
}

/// What kind of type a constructor returns.
enum ConstructorOutput {
    SelfType,
    Result,
}

fn constructor_output(output: &TokenStream, ty: &TokenStream) -> Option<ConstructorOutput> {
    let is_itself = |tokens: &TokenStream| {
        let text = readable(tokens);
        text == "Self" || text == readable(ty)
    };
    if is_itself(output) {
        return Some(ConstructorOutput::SelfType);
    }
    let tokens = visible(output.clone());
    let path = path(&tokens)?;
    let is_comma =
        |token: &&TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
    let value = path
        .generics
        .iter()
        .take_while(|token| !is_comma(token))
        .cloned();
    let is_result = path.name.to_string().ends_with("Result") && is_itself(&value.collect());
    is_result.then_some(ConstructorOutput::Result)
}

//! A checked function of a test: a free function, or a phase of an `impl` test.
//!
//! This module must not emit anything.

use autotest_core::Phase;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};

use crate::attribute::{Attribute, conditions};
use crate::errors::Errors;
use crate::function::{Function, Input, Typed, starts_with_and};
use crate::param::{Params, Place};
use crate::param_type::{PassAs, path};
use crate::split::visible;
use crate::text::readable;

/// A function that the lifecycle calls.
pub(crate) struct Step {
    pub(crate) phase: Phase,
    /// The `#[cfg]`s of a phase.
    pub(crate) conditions: Vec<TokenStream>,
    pub(crate) function: Ident,
    pub(crate) has_receiver: bool,
    pub(crate) has_context: bool,
    pub(crate) is_async: bool,
    pub(crate) returns: Returns,
    pub(crate) args: Vec<Arg>,
}

/// An argument after the context.
pub(crate) enum Arg {
    /// The parameter with this index.
    Param(usize, PassAs),
    /// The catch-all: all given arguments that the step does not declare.
    Rest(PassAs),
}

/// A return type, as far as its tokens tell.
pub(crate) enum Returns {
    Unit,
    /// `TestResult`, which needs no conversion.
    TestResult,
    /// Any other type that may be a result.
    Other(TokenStream),
}

/// What kind of function it is.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum FunctionKind {
    Free,
    InImplementation,
    Control,
    Hook,
    InProfiler,
}

impl FunctionKind {
    /// Its name in error messages.
    fn word(self) -> &'static str {
        match self {
            FunctionKind::Free | FunctionKind::InImplementation => "test",
            FunctionKind::Control => "control function",
            FunctionKind::Hook => "hook",
            FunctionKind::InProfiler => "profiler",
        }
    }

    /// The usual return type.
    fn result(self) -> &'static str {
        match self {
            FunctionKind::Control => "JobResult",
            FunctionKind::Free
            | FunctionKind::InImplementation
            | FunctionKind::Hook
            | FunctionKind::InProfiler => "TestResult",
        }
    }
}

impl Step {
    /// Checks a function and adds its parameters.
    pub(crate) fn of(
        function: &Function,
        phase: Phase,
        kind: FunctionKind,
        params: &mut Params,
        errors: &mut Errors,
    ) -> Step {
        check_qualifiers(function, kind.word(), errors);
        check_attributes(&function.attributes, errors);
        let is_phase = [FunctionKind::InImplementation, FunctionKind::InProfiler].contains(&kind);
        let conditions = if is_phase {
            conditions(&function.attributes)
        } else {
            Vec::new()
        };
        let mut reader = Reader {
            kind,
            params,
            errors,
            place: Place {
                phase,
                conditions,
                context: None,
            },
            has_receiver: false,
            has_context: false,
            args: Vec::new(),
        };
        reader.read(function);
        let Reader {
            has_receiver,
            has_context,
            args,
            place,
            ..
        } = reader;
        Step {
            phase,
            conditions: place.conditions,
            function: function.name.clone(),
            has_receiver,
            has_context,
            is_async: function.qualifier("async").is_some(),
            returns: errors
                .take(returns(&function.output, kind))
                .unwrap_or(Returns::Unit),
            args,
        }
    }
}

/// Parses a parameter list.
struct Reader<'a> {
    kind: FunctionKind,
    params: &'a mut Params,
    errors: &'a mut Errors,
    place: Place,
    has_receiver: bool,
    has_context: bool,
    args: Vec<Arg>,
}

impl Reader<'_> {
    fn read(&mut self, function: &Function) {
        let mut is_first = true;
        for input in function.inputs() {
            match input {
                Err(error) => self.errors.push(error),
                Ok(Input::Receiver { is_borrowed, span }) => self.receiver(is_borrowed, span),
                Ok(Input::Typed(typed)) => {
                    self.typed(&typed, is_first);
                    is_first = false;
                }
            }
        }
    }

    fn receiver(&mut self, is_borrowed: bool, span: Span) {
        self.has_receiver = true;
        match self.kind {
            FunctionKind::Free => self.errors.at(
                span,
                "a test function has no `self`: put `#[autotest]` on the whole `impl` block",
            ),
            FunctionKind::InImplementation if !is_borrowed => self.errors.at(
                span,
                "a phase takes `&mut self` or `&self`: later phases need the test, too",
            ),
            FunctionKind::InProfiler if !is_borrowed => self.errors.at(
                span,
                "a step takes `&mut self` or `&self`: later steps need the profiler, too",
            ),
            FunctionKind::InImplementation | FunctionKind::InProfiler => {}
            FunctionKind::Control | FunctionKind::Hook => {
                let word = self.kind.word();
                self.errors.at(
                    span,
                    format!("a {word} has no `self`: it is a free function"),
                );
            }
        }
    }

    fn typed(&mut self, typed: &Typed, is_first: bool) {
        if is_first && is_mutable_reference(&typed.ty) {
            self.context(typed);
        } else if is_named(&typed.ty, "TestContext") {
            self.errors.at(
                typed.span,
                "the context must be the first parameter, `&mut TestContext`",
            );
        } else if self.args.iter().any(|arg| matches!(arg, Arg::Rest(_))) {
            self.errors.at(
                typed.span,
                "the catch-all of type `Args` must be the last parameter",
            );
        } else if is_named(&typed.ty, "Args") {
            let is_lent = starts_with_and(&visible(typed.ty.clone()));
            self.args.push(Arg::Rest(if is_lent {
                PassAs::Reference
            } else {
                PassAs::Cloned
            }));
        } else {
            let declared = self.params.declare(typed, &self.place, self.errors);
            self.args
                .extend(declared.map(|(index, how)| Arg::Param(index, how)));
        }
    }

    fn context(&mut self, typed: &Typed) {
        self.has_context = true;
        // A default can refer to the context of a test, but not to a job or to what a profiler gets.
        if ![FunctionKind::Control, FunctionKind::InProfiler].contains(&self.kind) {
            self.place.context = typed.name().cloned();
        }
        if let Some(param) = typed
            .attributes
            .iter()
            .find(|attribute| attribute.is("param"))
        {
            self.errors.at(
                param.span(),
                "the context is not a parameter: `#[param]` has no effect on it",
            );
        }
    }
}

/// Whether the type begins with `&mut`, with or without a lifetime.
pub(crate) fn is_mutable_reference(ty: &TokenStream) -> bool {
    let tokens = visible(ty.clone());
    let is_mutable =
        |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Ident(word)) if word == "mut");
    let has_lifetime = matches!(tokens.get(1), Some(TokenTree::Punct(p)) if p.as_char() == '\'');
    starts_with_and(&tokens) && is_mutable(tokens.get(if has_lifetime { 3 } else { 1 }))
}

/// Whether the type, or what it refers to, is a path that ends with `name`.
fn is_named(ty: &TokenStream, name: &str) -> bool {
    let tokens = visible(ty.clone());
    let is_word = |token: &&TokenTree| matches!(token, TokenTree::Ident(_));
    let start = tokens.iter().position(|token| is_word(&token)).unwrap_or(0);
    let is_reference = start == 1 && starts_with_and(&tokens);
    let referent = if is_reference {
        &tokens[start..]
    } else {
        &tokens[..]
    };
    path(referent).is_some_and(|path| path.name == name && path.generics.is_empty())
}

fn check_qualifiers(function: &Function, word: &str, errors: &mut Errors) {
    const REFUSED: &[(&str, &str)] = &[
        ("const", "leave it out"),
        ("unsafe", "put an `unsafe` block into its body"),
        ("extern", "leave it out"),
    ];
    for (name, advice) in REFUSED {
        if let Some(qualifier) = function.qualifier(name) {
            errors.at(
                qualifier.span(),
                format!("a {word} cannot be `{name}`: {advice}"),
            );
        }
    }
    if let Some(span) = function.generics {
        errors.at(
            span,
            format!("a {word} cannot be generic: nothing says for which types it runs"),
        );
    }
}

/// Refuses attributes of the standard test framework, which would silently have no effect.
pub(crate) fn check_attributes(attributes: &[Attribute], errors: &mut Errors) {
    const REPLACED: &[(&str, &str)] = &[
        (
            "test",
            "`#[test]` does nothing here: `#[autotest]` replaces it",
        ),
        (
            "ignore",
            "`#[ignore]` does nothing here: write `#[autotest(ignore = \"reason\")]`",
        ),
        (
            "should_panic",
            "`#[should_panic]` does nothing here: write `#[autotest(expect = \"fail\")]`",
        ),
        (
            "bench",
            "`#[bench]` does nothing here: measure with `cx.perf(…)`",
        ),
    ];
    for attribute in attributes {
        if let Some((_, message)) = REPLACED.iter().find(|(name, _)| attribute.is(name)) {
            errors.at(attribute.span(), message);
        }
    }
}

/// Types of the standard library that a test may not return.
const NO_RESULTS: &[&str] = &[
    "bool", "char", "str", "String", "Option", "Vec", "Box", "ExitCode", "u8", "u16", "u32", "u64",
    "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32", "f64",
];

/// Classifies a return type by its tokens.
fn returns(output: &TokenStream, kind: FunctionKind) -> syn::Result<Returns> {
    let tokens = visible(output.clone());
    if tokens.is_empty() || readable(output) == "()" {
        return Ok(Returns::Unit);
    }
    let refused = || {
        let message = format!(
            "a {} returns `()` or `Result<(), E>`, such as `{}`, not `{}`",
            kind.word(),
            kind.result(),
            readable(output)
        );
        Err(syn::Error::new(tokens[0].span(), message))
    };
    let Some(path) = path(&tokens) else {
        return if is_qualified(&tokens) {
            Ok(Returns::Other(output.clone()))
        } else {
            refused()
        };
    };
    let name = path.name.to_string();
    let value = path.generics.first();
    let is_value = value.is_some_and(|value| value.to_string() != "()");
    match name.as_str() {
        "TestResult" | "JobResult" if value.is_none() => Ok(Returns::TestResult),
        "Result" | "TestResult" | "JobResult" if is_value => refused(),
        name if NO_RESULTS.contains(&name) => refused(),
        _ => Ok(Returns::Other(output.clone())),
    }
}

/// Whether the type is a path that only the compiler can resolve, such as `<T as Trait>::Result`.
fn is_qualified(tokens: &[TokenTree]) -> bool {
    match (&tokens[0], tokens.get(1)) {
        (TokenTree::Punct(punct), _) => punct.as_char() == '<',
        (TokenTree::Ident(_), Some(TokenTree::Punct(punct))) => ":<".contains(punct.as_char()),
        _ => false,
    }
}

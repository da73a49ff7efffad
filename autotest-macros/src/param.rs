//! The parameters of a test. Each combines its declarations in all phases.
//!
//! Default, range, choices, reader and doc are given once, in any phase, and apply to all. This module must
//! not emit anything.

use std::collections::BTreeMap;

use autotest_core::Phase;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{LitStr, Token, parenthesized};

use crate::attribute::{Attribute, doc};
use crate::errors::{Errors, first_span};
use crate::function::Typed;
use crate::options::unknown;
use crate::param_type::{ParamType, PassAs};
use crate::split::{Angles, at_commas, until_comma};
use crate::text::readable;

mod exclusive;
mod limits;

/// A parameter.
pub(crate) struct Param {
    /// Its name, without `r#` or a leading underscore.
    pub(crate) name: String,
    /// Its type, as written in its first declaration.
    pub(crate) ty: TokenStream,
    pub(crate) param_type: ParamType,
    clauses: BTreeMap<&'static str, Clause>,
    /// The phases that declare it.
    pub(crate) places: Vec<Place>,
}

/// A phase that declares a parameter.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) phase: Phase,
    /// The `#[cfg]`s of the phase.
    pub(crate) conditions: Vec<TokenStream>,
    /// The author's name for the context in this phase.
    pub(crate) context: Option<Ident>,
}

/// A clause of `#[param(…)]`.
#[derive(Clone)]
pub(crate) struct Clause {
    pub(crate) tokens: TokenStream,
    pub(crate) span: Span,
    /// The name of the context, which `tokens` may use.
    pub(crate) context: Option<Ident>,
}

/// The names of clauses in `#[param(…)]`.
const CLAUSES: &[&str] = &[
    "default", "values", "range", "choices", "with", "secret", "doc",
];

/// What is shown instead of the default of a secret.
const SECRET: &str = "(secret)";

/// The parameters of a test, in the order of their first declaration.
#[derive(Default)]
pub(crate) struct Params(Vec<Param>);

impl Params {
    /// Adds a declaration. Returns the index of the parameter, and how its value is passed.
    pub(crate) fn declare(
        &mut self,
        typed: &Typed,
        place: &Place,
        errors: &mut Errors,
    ) -> Option<(usize, PassAs)> {
        let name = errors.take(name(typed))?;
        errors.take(is_receivable(&name, place.phase, typed.span));
        let clauses = declared_clauses(typed, place, errors);
        let param_type = errors.take(ParamType::of(&typed.ty))?;
        let how = param_type.how;
        let index = self.0.iter().position(|param| param.name == name);
        let index = index.unwrap_or_else(|| {
            let ty = typed.ty.clone();
            let (clauses, places) = (BTreeMap::new(), Vec::new());
            self.0.push(Param {
                name,
                ty,
                param_type,
                clauses,
                places,
            });
            self.0.len() - 1
        });
        self.0[index].join(typed, clauses, place, errors);
        Some((index, how))
    }

    /// Refuses clauses that exclude each other, and a literal default or value that is not in the range or the
    /// choices.
    pub(crate) fn check_clauses(&self, errors: &mut Errors) {
        for param in &self.0 {
            exclusive::check(param, errors);
            if let Some(default) = param.clause("default") {
                errors.take(limits::check(param, &default.tokens, "the default"));
            }
            for value in param.values() {
                errors.take(limits::check(param, &value, "a value"));
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Param> + Clone {
        self.0.iter()
    }

    pub(crate) fn get(&self, index: usize) -> &Param {
        &self.0[index]
    }

    pub(crate) fn named(&self, name: &str) -> Option<&Param> {
        self.0.iter().find(|param| param.name == name)
    }
}

impl Param {
    /// The clause `name`.
    pub(crate) fn clause(&self, name: &str) -> Option<&Clause> {
        self.clauses.get(name)
    }

    /// Whether a run must specify it.
    pub(crate) fn is_required(&self) -> bool {
        let has_value = self.clause("default").or(self.clause("values")).is_some();
        !has_value && !self.param_type.is_optional
    }

    /// Whether only the phases may see its value.
    pub(crate) fn is_secret(&self) -> bool {
        self.clause("secret").is_some()
    }

    /// The text of a clause as it is shown.
    pub(crate) fn shown(&self, name: &str) -> Option<String> {
        let clause = self.clause(name)?;
        match self.is_secret() && name == "default" {
            true => Some(SECRET.to_owned()),
            false => Some(readable(&clause.tokens)),
        }
    }

    /// The choices, each as written.
    pub(crate) fn choices(&self) -> Vec<String> {
        self.list("choices").iter().map(readable).collect()
    }

    /// The values for each of which there is a test.
    pub(crate) fn values(&self) -> Vec<TokenStream> {
        self.list("values")
    }

    fn list(&self, name: &str) -> Vec<TokenStream> {
        let tokens = self.clause(name).map(|clause| clause.tokens.clone());
        let pieces = |input: ParseStream<'_>| at_commas(input, Angles::OfExpression);
        tokens
            .and_then(|tokens| pieces.parse2(tokens).ok())
            .unwrap_or_default()
    }

    /// The documentation.
    pub(crate) fn doc(&self) -> String {
        let text = self.clause("doc").map(|doc| doc.tokens.clone());
        text.and_then(|text| syn::parse2::<LitStr>(text).ok())
            .map(|text| text.value())
            .unwrap_or_default()
    }

    /// Refuses a literal value that is not in the range or the choices.
    pub(crate) fn check(&self, value: &TokenStream, what: &str) -> syn::Result<()> {
        limits::check(self, value, what)
    }

    fn join(
        &mut self,
        typed: &Typed,
        clauses: Vec<NamedClause>,
        place: &Place,
        errors: &mut Errors,
    ) {
        let owned = ParamType::of(&typed.ty).map(|param_type| readable(&param_type.owned));
        if owned.is_ok_and(|owned| owned != readable(&self.param_type.owned)) {
            let span = first_span(&typed.ty).unwrap_or(typed.span);
            errors.at(span, self.elsewhere("type", &readable(&self.ty)));
        }
        for (name, clause) in clauses {
            match self.clauses.get(name) {
                Some(first) if readable(&first.tokens) != readable(&clause.tokens) => {
                    errors.at(clause.span, self.elsewhere(name, &readable(&first.tokens)));
                }
                Some(_) => {}
                None => {
                    self.clauses.insert(name, clause);
                }
            }
        }
        self.places.push(place.clone());
    }

    fn elsewhere(&self, what: &str, first: &str) -> String {
        let phase = self.places.first().map_or("", |place| place.phase.name());
        let name = &self.name;
        match what {
            "type" => {
                format!("parameter `{name}` has type `{first}` in `{phase}`: use the same type")
            }
            _ => format!(
                "parameter `{name}` already has another `{what}`, `{first}`: give it once, for all \
                 phases"
            ),
        }
    }
}

/// A clause and its name.
type NamedClause = (&'static str, Clause);

/// The clauses of all `#[param]`s of a declaration, and its doc comment.
fn declared_clauses(typed: &Typed, place: &Place, errors: &mut Errors) -> Vec<NamedClause> {
    let mut clauses: Vec<NamedClause> = Vec::new();
    for attribute in &typed.attributes {
        if attribute.is("cfg") || attribute.is("cfg_attr") {
            let message = "`#[cfg]` on a parameter does not apply to its phase: put it on the \
                           phase, or make the parameter an `Option`";
            errors.at(attribute.span(), message);
        }
        if attribute.path[0] == "case" {
            let name = typed.name().map_or("name".to_owned(), Ident::to_string);
            let message = format!("`#[case]` belongs above the function: `#[case({name} = …)]`");
            errors.at(attribute.span(), message);
        }
        if attribute.is("param") {
            clauses.extend(
                errors
                    .take(parse_clauses(attribute, place))
                    .unwrap_or_default(),
            );
        }
    }
    let doc = doc(&typed.attributes);
    if !doc.is_empty() {
        let clause = Clause {
            tokens: quote!(#doc),
            span: typed.span,
            context: None,
        };
        clauses.push(("doc", clause));
    }
    refuse_twice(clauses, errors)
}

fn refuse_twice(clauses: Vec<NamedClause>, errors: &mut Errors) -> Vec<NamedClause> {
    let mut once: Vec<NamedClause> = Vec::new();
    for (name, clause) in clauses {
        match once.iter().any(|(other, _)| *other == name) {
            true => errors.at(clause.span, format!("`{name}` is given twice")),
            false => once.push((name, clause)),
        }
    }
    once
}

fn parse_clauses(attribute: &Attribute, place: &Place) -> syn::Result<Vec<NamedClause>> {
    attribute.parse_list(|input| {
        let mut clauses = Vec::new();
        while !input.is_empty() {
            clauses.push(parse_clause(input, place)?);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(clauses)
    })
}

fn parse_clause(input: ParseStream<'_>, place: &Place) -> syn::Result<NamedClause> {
    let name = input.call(Ident::parse_any)?;
    let text = name.to_string();
    let Some(known) = CLAUSES.iter().find(|known| **known == text) else {
        let all: Vec<_> = CLAUSES.iter().map(|name| format!("`{name}`")).collect();
        let all = format!("there are {}", all.join(", "));
        let message = unknown("parameter option", &text, CLAUSES.iter().copied(), &all);
        return Err(syn::Error::new(name.span(), message));
    };
    let tokens = match *known {
        "choices" | "values" => list(input)?,
        "secret" => TokenStream::new(),
        _ => value(input, &name)?,
    };
    Ok((
        known,
        Clause {
            tokens,
            span: name.span(),
            context: place.context.clone(),
        },
    ))
}

fn list(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let content;
    parenthesized!(content in input);
    content.parse()
}

fn value(input: ParseStream<'_>, name: &Ident) -> syn::Result<TokenStream> {
    input.parse::<Token![=]>()?;
    if name == "doc" {
        return input.parse::<LitStr>().map(|text| quote!(#text));
    }
    let tokens = until_comma(input, Angles::OfExpression)?;
    match tokens.is_empty() {
        true => Err(syn::Error::new(
            name.span(),
            format!("`{name}` needs an expression"),
        )),
        false => Ok(tokens),
    }
}

/// The name of a parameter, by which a run specifies it.
fn name(typed: &Typed) -> syn::Result<String> {
    let Some(name) = typed.name() else {
        let message = "a parameter needs a name, so that a run can set it: write `name: Type`";
        return Err(syn::Error::new(typed.span, message));
    };
    let name = name.unraw().to_string();
    Ok(name.strip_prefix('_').map(str::to_owned).unwrap_or(name))
}

/// Arguments of the framework that only phases outside the loop of iterations receive.
const OUTSIDE_OF_LOOP: &[&str] = &[
    "iterations",
    "test_length",
    "profile_only",
    "postprocess_profiled_run",
    "constraints",
];
/// Arguments of the framework that no phase receives.
const POPPED: &[&str] = &["run_cleanup", "test_attributes"];

fn is_receivable(name: &str, phase: Phase, span: Span) -> syn::Result<()> {
    let is_outside = matches!(
        phase,
        Phase::Initialize | Phase::Setup | Phase::Warmup | Phase::Execute | Phase::Cleanup
    );
    if POPPED.contains(&name) || !is_outside && OUTSIDE_OF_LOOP.contains(&name) {
        let message =
            format!("`{name}` is an argument of the framework that `{phase}` never receives");
        return Err(syn::Error::new(span, message));
    }
    Ok(())
}

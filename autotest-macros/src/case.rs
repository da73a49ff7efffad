//! `#[case::small(mb = 1)]`: arguments for a separate test.
//!
//! This module must not emit anything.

use proc_macro2::{Ident, Span, TokenStream};
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};

use crate::attribute::Attribute;
use crate::errors::{Errors, first_span};
use crate::options::unknown;
use crate::param::{Param, Params};
use crate::split::{Angles, at_commas};
use crate::text::readable;

/// A case of a test.
#[derive(Clone, Default)]
pub(crate) struct Case {
    /// `small`, or `case_1` without a name; followed by `::mb_4` for each parameter with values.
    pub(crate) name: String,
    pub(crate) args: Vec<CaseArg>,
}

/// An argument of a case.
#[derive(Clone)]
pub(crate) struct CaseArg {
    pub(crate) param: String,
    pub(crate) value: TokenStream,
}

impl Case {
    /// The cases of a test, in the order of the source.
    pub(crate) fn all(attributes: &[Attribute], params: &Params, errors: &mut Errors) -> Vec<Case> {
        let mut cases: Vec<Case> = Vec::new();
        let found = attributes
            .iter()
            .filter(|attribute| attribute.path[0] == "case");
        for (attribute, number) in found.zip(1..) {
            let name = match attribute.path.get(1) {
                Some(name) => name.unraw().to_string(),
                None => format!("case_{number}"),
            };
            if cases.iter().any(|case| case.name == name) {
                let span = attribute.path.get(1).map_or(attribute.span(), Ident::span);
                errors.at(span, format!("case `{name}` is given twice"));
            }
            let args = attribute.parse_list(|input| args(input, attribute, params, errors));
            let args = errors.take(args).unwrap_or_default();
            cases.push(Case { name, args });
        }
        cases
    }
}

/// The arguments of a case. Each must have a name, since the order of parameters may differ between phases.
fn args(
    input: ParseStream<'_>,
    attribute: &Attribute,
    params: &Params,
    errors: &mut Errors,
) -> syn::Result<Vec<CaseArg>> {
    let written = at_commas(input, Angles::OfExpression)?;
    let written = written
        .into_iter()
        .map(|tokens| Written::of(tokens, params));
    let written: Vec<Written> = written.collect();
    if let Some(nameless) = written.iter().find(|arg| !arg.is_named()) {
        let span = nameless.span().unwrap_or(attribute.span());
        errors.at(span, names_its_arguments(attribute, &written, params));
        return Ok(Vec::new());
    }
    let mut args: Vec<CaseArg> = Vec::new();
    for Written { name, value, .. } in written {
        let Some(name) = name else { continue };
        let param = name.unraw().to_string();
        errors.take(check(&name, &param, &value, params));
        if args.iter().any(|arg| arg.param == param) {
            errors.at(name.span(), format!("`{name}` is given twice"));
        }
        args.push(CaseArg { param, value });
    }
    Ok(args)
}

/// An argument as written, which may be wrong.
struct Written {
    name: Option<Ident>,
    sign: Sign,
    value: TokenStream,
}

/// The sign between name and value.
#[derive(PartialEq)]
enum Sign {
    Equals,
    Other,
    Nothing,
}

impl Written {
    fn of(tokens: TokenStream, params: &Params) -> Written {
        let named = |input: ParseStream<'_>| Written::named(input, params);
        named.parse2(tokens.clone()).unwrap_or(Written {
            name: None,
            sign: Sign::Nothing,
            value: tokens,
        })
    }

    /// Parses `name = …` with any name. Without the sign, or with another one, the name must be that of a
    /// parameter.
    fn named(input: ParseStream<'_>, params: &Params) -> syn::Result<Written> {
        let name = input.call(Ident::parse_any)?;
        let is_other = |input: ParseStream<'_>| {
            input.peek(Token![==])
                || input.peek(Token![=>])
                || input.peek(Token![:]) && !input.peek(Token![::])
        };
        let sign = match params.named(&name.unraw().to_string()).is_some() {
            true if input.is_empty() => Sign::Nothing,
            true if is_other(input) => Sign::Other,
            _ if is_other(input) || !input.peek(Token![=]) => return Err(input.error("no name")),
            _ => Sign::Equals,
        };
        match sign {
            Sign::Equals => drop(input.parse::<Token![=]>()?),
            Sign::Other if input.peek(Token![:]) => drop(input.parse::<Token![:]>()?),
            Sign::Other if input.peek(Token![=>]) => drop(input.parse::<Token![=>]>()?),
            Sign::Other => drop(input.parse::<Token![==]>()?),
            Sign::Nothing => {}
        }
        let (name, value) = (Some(name), input.parse()?);
        Ok(Written { name, sign, value })
    }

    fn is_named(&self) -> bool {
        self.name.is_some() && self.sign == Sign::Equals && !self.value.is_empty()
    }

    fn span(&self) -> Option<Span> {
        let name = self.name.as_ref().map(Ident::span);
        name.or_else(|| first_span(&self.value))
    }
}

/// The message with the correct form. Values without a name get the names of the remaining parameters, in
/// order.
fn names_its_arguments(attribute: &Attribute, written: &[Written], params: &Params) -> String {
    let of_argument = |arg: &Written| arg.name.as_ref().map(|name| name.unraw().to_string());
    let given: Vec<String> = written.iter().filter_map(of_argument).collect();
    let all = params.iter().map(|param| param.name.clone());
    let mut left = all.filter(|name| !given.contains(name));
    let right = written.iter().map(|arg| {
        let name = of_argument(arg).or_else(|| left.next())?;
        let value = match arg.value.is_empty() {
            true => "…".to_owned(),
            false => readable(&arg.value),
        };
        Some(format!("{name} = {value}"))
    });
    let path: Vec<_> = attribute.path.iter().map(Ident::to_string).collect();
    if let Some(args) = right.collect::<Option<Vec<_>>>() {
        let (path, args) = (path.join("::"), args.join(", "));
        return format!("a case names its arguments: write `#[{path}({args})]`");
    }
    let known: Vec<_> = params
        .iter()
        .map(|param| format!("`{}`", param.name))
        .collect();
    match known.is_empty() {
        true => "a case names its arguments, and the test takes no parameters".to_owned(),
        false => format!(
            "a case names its arguments, and the test takes only {}",
            known.join(", ")
        ),
    }
}

fn check_value(name: &Ident, param: &Param, value: &TokenStream) -> syn::Result<()> {
    let message = match (param.is_secret(), param.clause("values")) {
        (true, _) => "is secret: a case would put its value into the binary and the results",
        (_, Some(_)) => "has `values`, so a case cannot set it",
        (false, None) => return param.check(value, "the case's value"),
    };
    Err(syn::Error::new(name.span(), format!("`{name}` {message}")))
}

fn check(name: &Ident, param: &str, value: &TokenStream, params: &Params) -> syn::Result<()> {
    if let Some(known) = params.named(param) {
        return check_value(name, known, value);
    }
    let names = params.iter().map(|param| param.name.as_str());
    let message = match names.clone().next() {
        Some(_) => unknown(
            "parameter",
            param,
            names,
            "its parameters are those of the function",
        ),
        None => format!("unknown parameter `{param}`: the test takes no parameters"),
    };
    Err(syn::Error::new(name.span(), message))
}

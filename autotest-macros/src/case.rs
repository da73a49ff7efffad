//! `#[case::small(mb = 1)]`: arguments that make a test of their own.
//!
//! This module must not emit anything.

use proc_macro2::{Ident, TokenStream};
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::ParseStream;

use crate::attribute::Attribute;
use crate::errors::Errors;
use crate::options::unknown;
use crate::param::Params;
use crate::split::{Angles, until_comma};

/// One case of a test.
pub(crate) struct Case {
    /// `small`, or `case_1` if it has none.
    pub(crate) name: String,
    pub(crate) args: Vec<CaseArg>,
}

/// One argument of a case.
pub(crate) struct CaseArg {
    pub(crate) param: String,
    pub(crate) value: TokenStream,
}

impl Case {
    /// The cases of a test, in the order of writing.
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
                errors.at(
                    attribute.path[1].span(),
                    format!("case `{name}` is given twice"),
                );
            }
            let args = attribute.parse_list(|input| Ok(args(input, params, errors)));
            let args = errors.take(args).unwrap_or_default();
            cases.push(Case { name, args });
        }
        cases
    }
}

fn args(input: ParseStream<'_>, params: &Params, errors: &mut Errors) -> Vec<CaseArg> {
    let mut args: Vec<CaseArg> = Vec::new();
    while !input.is_empty() {
        let Some((name, value)) = errors.take(arg(input)) else {
            break;
        };
        let param = name.unraw().to_string();
        errors.take(check(&name, &param, &value, params));
        if args.iter().any(|arg| arg.param == param) {
            errors.at(name.span(), format!("`{name}` is given twice"));
        }
        args.push(CaseArg { param, value });
    }
    args
}

fn arg(input: ParseStream<'_>) -> syn::Result<(Ident, TokenStream)> {
    let name = input.call(Ident::parse_any)?;
    input.parse::<Token![=]>()?;
    let value = until_comma(input, Angles::OfExpression)?;
    input.parse::<Option<Token![,]>>()?;
    match value.is_empty() {
        true => Err(syn::Error::new(
            name.span(),
            format!("`{name}` needs an expression"),
        )),
        false => Ok((name, value)),
    }
}

fn check(name: &Ident, param: &str, value: &TokenStream, params: &Params) -> syn::Result<()> {
    if let Some(known) = params.named(param) {
        return known.check(value, "the case's value");
    }
    let names = params.iter().map(|param| param.name.as_str());
    let message = match names.clone().next() {
        Some(_) => unknown("parameter", param, names),
        None => format!("unknown parameter `{param}`: the test takes no parameters"),
    };
    Err(syn::Error::new(name.span(), message))
}

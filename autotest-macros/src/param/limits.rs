//! Checks a literal against range and choices at compile time.
//!
//! Everything else is checked at run time.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Lit, Token};

use super::Param;
use crate::errors::first_span;
use crate::split::{Angles, at_commas, visible};
use crate::text::{identity, readable};

/// Refuses a literal that is not in the parameter's range or choices.
pub(super) fn check(param: &Param, value: &TokenStream, what: &str) -> syn::Result<()> {
    let span = first_span(value).unwrap_or(Span::call_site());
    let (name, text) = (&param.name, readable(value));
    if let Some(range) = param.clause("range")
        && excludes(&range.tokens, value) == Some(true)
    {
        let range = readable(&range.tokens);
        let message = format!("{what} of `{name}`, `{text}`, is not in its range `{range}`");
        return Err(syn::Error::new(span, message));
    }
    if let Some(choices) = param.clause("choices")
        && is_none_of(&choices.tokens, value)
    {
        let choices = readable(&choices.tokens);
        let message = format!("{what} of `{name}`, `{text}`, is not one of its choices {choices}");
        return Err(syn::Error::new(span, message));
    }
    Ok(())
}

/// Whether the value is outside the range. `None` unless both consist of literals.
fn excludes(range: &TokenStream, value: &TokenStream) -> Option<bool> {
    let value = number.parse2(value.clone()).ok().flatten()?;
    let bounds = bounds.parse2(range.clone()).ok()?;
    let is_below = bounds.low.is_some_and(|low| value < low);
    let is_above = match (bounds.high, bounds.is_closed) {
        (Some(high), true) => value > high,
        (Some(high), false) => value >= high,
        (None, _) => false,
    };
    Some(is_below || is_above)
}

struct Bounds {
    low: Option<f64>,
    high: Option<f64>,
    is_closed: bool,
}

fn bounds(input: ParseStream<'_>) -> syn::Result<Bounds> {
    let low = match input.peek(Token![..]) {
        true => None,
        false => Some(literal(input)?),
    };
    let is_closed = input.peek(Token![..=]);
    match is_closed {
        true => drop(input.parse::<Token![..=]>()?),
        false => drop(input.parse::<Token![..]>()?),
    }
    let high = match input.is_empty() {
        true => None,
        false => Some(literal(input)?),
    };
    Ok(Bounds {
        low,
        high,
        is_closed,
    })
}

/// Parses the whole input as a number.
fn number(input: ParseStream<'_>) -> syn::Result<Option<f64>> {
    literal(input).map(Some)
}

fn literal(input: ParseStream<'_>) -> syn::Result<f64> {
    let sign = if input.parse::<Option<Token![-]>>()?.is_some() {
        -1.0
    } else {
        1.0
    };
    match input.parse::<Lit>()? {
        Lit::Int(int) => int.base10_parse::<f64>().map(|value| sign * value),
        Lit::Float(float) => float.base10_parse::<f64>().map(|value| sign * value),
        other => Err(syn::Error::new(other.span(), "not a number")),
    }
}

/// Whether the value and all choices are literals and the value is not one of them.
fn is_none_of(choices: &TokenStream, value: &TokenStream) -> bool {
    let pieces = |input: ParseStream<'_>| at_commas(input, Angles::OfExpression);
    let choices = pieces.parse2(choices.clone()).unwrap_or_default();
    let is_known = is_literal(value) && choices.iter().all(is_literal);
    is_known
        && choices
            .iter()
            .all(|choice| identity(choice) != identity(value))
}

fn is_literal(tokens: &TokenStream) -> bool {
    matches!(visible(tokens.clone()).as_slice(), [TokenTree::Literal(_)])
}

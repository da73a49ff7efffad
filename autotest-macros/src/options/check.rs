//! What the value of an option must be.
//!
//! This module must not read tokens beyond literals.

use std::fmt::Display;
use std::time::Duration;

use autotest_core::{Constraint, duration};
use proc_macro2::{Span, TokenStream};
use syn::{Lit, LitStr};

use super::{Value, Version, unknown};
use crate::errors::Errors;

/// A value as written.
pub(super) enum Given {
    Nothing,
    Literal(Lit),
    List(Vec<LitStr>),
    Path(TokenStream),
}

/// The classes of length that a test may give itself.
const TIMES: &[&str] = &["FAST", "SHORT", "MEDIUM", "LONG", "LENGTHY"];

pub(super) fn text(given: Given, errors: &mut Errors) -> Option<Value> {
    literal_text(given, errors).map(|text| Value::Text(text.value()))
}

pub(super) fn texts(given: Given, _: &mut Errors) -> Option<Value> {
    match given {
        Given::List(texts) => Some(Value::Texts(texts.iter().map(LitStr::value).collect())),
        _ => None,
    }
}

pub(super) fn constraints(given: Given, errors: &mut Errors) -> Option<Value> {
    if let Given::List(texts) = &given {
        for text in texts {
            if let Err(error) = Constraint::parse(&text.value()) {
                errors.at(text.span(), format!("constraint does not parse: {error}"));
            }
        }
    }
    texts(given, errors)
}

pub(super) fn flag(given: Given, errors: &mut Errors) -> Option<Value> {
    match given {
        Given::Nothing => Some(Value::Flag(true)),
        Given::Literal(Lit::Bool(flag)) => Some(Value::Flag(flag.value())),
        other => refuse(&other, "`true` or `false`", errors),
    }
}

pub(super) fn ignore(given: Given, errors: &mut Errors) -> Option<Value> {
    match given {
        Given::Nothing => Some(Value::Text(String::new())),
        given => text(given, errors),
    }
}

pub(super) fn count(given: Given, errors: &mut Errors) -> Option<Value> {
    match &given {
        Given::Literal(Lit::Int(int)) if int.base10_parse::<u32>().is_ok() => {
            int.base10_parse().ok().map(Value::Count)
        }
        other => refuse(other, "a whole number", errors),
    }
}

pub(super) fn version(given: Given, errors: &mut Errors) -> Option<Value> {
    let version = match &given {
        Given::Literal(Lit::Int(int)) => int.base10_parse().ok().map(Version::Int),
        Given::Literal(Lit::Float(float)) => float.base10_parse().ok().map(Version::Float),
        Given::Literal(Lit::Str(text)) => Some(Version::Text(text.value())),
        _ => None,
    };
    match version {
        Some(version) => Some(Value::Version(version)),
        None => refuse(&given, "a number or a text", errors),
    }
}

pub(super) fn time(given: Given, errors: &mut Errors) -> Option<Value> {
    let text = literal_text(given, errors)?;
    let time = text.value().to_uppercase();
    match TIMES.contains(&time.as_str()) {
        true => Some(Value::Text(time)),
        false => say(&text, unknown("time", &text.value(), TIMES.iter().copied()), errors),
    }
}

pub(super) fn timeout(given: Given, errors: &mut Errors) -> Option<Value> {
    let text = literal_text(given, errors)?;
    match duration(&text.value()) {
        Ok(Duration::ZERO) => say(&text, "a timeout of 0 leaves no time to run", errors),
        Ok(timeout) => Some(Value::Timeout(timeout)),
        Err(cause) => say(&text, cause, errors),
    }
}

pub(super) fn expect(given: Given, errors: &mut Errors) -> Option<Value> {
    let text = literal_text(given, errors)?;
    match text.value().as_str() {
        "fail" => Some(Value::ExpectFail),
        _ => say(&text, "expected `\"fail\"`: that a test passes needs no words", errors),
    }
}

pub(super) fn path(given: Given, _: &mut Errors) -> Option<Value> {
    match given {
        Given::Path(path) => Some(Value::Path(path)),
        _ => None,
    }
}

fn literal_text(given: Given, errors: &mut Errors) -> Option<LitStr> {
    match given {
        Given::Literal(Lit::Str(text)) => Some(text),
        other => refuse(&other, "a text in quotes", errors),
    }
}

fn refuse<T>(given: &Given, expected: &str, errors: &mut Errors) -> Option<T> {
    let span = match given {
        Given::Literal(literal) => literal.span(),
        _ => Span::call_site(),
    };
    errors.at(span, format!("expected {expected}"));
    None
}

fn say<T>(text: &LitStr, message: impl Display, errors: &mut Errors) -> Option<T> {
    errors.at(text.span(), message);
    None
}

//! Checks of the values of options.
//!
//! This module must not read tokens beyond literals.

use std::fmt::Display;
use std::time::Duration;

use autotest_core::{Constraint, Need, check_data_file, duration};
use proc_macro2::{Ident, Span, TokenStream};
use syn::{Lit, LitStr};

use super::{Value, Version, unknown};
use crate::errors::Errors;

/// A value as written.
pub(super) enum Given {
    Nothing,
    Literal(Lit),
    List(Vec<LitStr>),
    /// Words, each with the texts in its parentheses.
    Needs(Vec<(Ident, Vec<LitStr>)>),
    Path(TokenStream),
}

/// Why a value is wrong.
pub(super) enum CheckError {
    /// It is not the kind of literal that the option takes.
    Kind(Span),
    /// The value is not allowed.
    Value(syn::Error),
}

pub(super) type Checked<T = Value> = Result<T, CheckError>;

/// The values of `time`.
const TIMES: &[&str] = &["FAST", "SHORT", "MEDIUM", "LONG", "LENGTHY"];

pub(super) fn text(given: Given) -> Checked {
    literal_text(given).map(|text| Value::Text(text.value()))
}

/// Only checks that it is a text. The id also depends on the cases, with which it is checked later.
pub(super) fn name(given: Given) -> Checked {
    literal_text(given).map(Value::Name)
}

pub(super) fn texts(given: Given) -> Checked {
    match given {
        Given::List(texts) => Ok(Value::Texts(texts.iter().map(LitStr::value).collect())),
        other => other.refused(),
    }
}

pub(super) fn constraints(given: Given) -> Checked {
    let mut errors = Errors::default();
    if let Given::List(texts) = &given {
        for text in texts {
            if let Err(error) = Constraint::parse(&text.value()) {
                errors.at(text.span(), format!("constraint does not parse: {error}"));
            }
        }
    }
    errors.into_result().map_err(CheckError::Value)?;
    texts(given)
}

/// Paths below the directory of the test's files.
pub(super) fn data(given: Given) -> Checked {
    let mut errors = Errors::default();
    if let Given::List(texts) = &given {
        for text in texts {
            if let Err(error) = check_data_file(&text.value()) {
                errors.at(text.span(), error);
            }
        }
    }
    errors.into_result().map_err(CheckError::Value)?;
    texts(given)
}

/// Each text is a need of its own: `cmd("fio", "iperf3")` is two.
pub(super) fn needs(given: Given) -> Checked {
    let Given::Needs(given) = given else {
        return given.refused();
    };
    let mut errors = Errors::default();
    let mut needs = Vec::new();
    for (name, texts) in &given {
        if texts.is_empty() {
            match Need::new(&name.to_string(), None) {
                Ok(need) => needs.push(need.to_string()),
                Err(error) => errors.at(name.span(), error),
            }
        }
        for text in texts {
            match Need::new(&name.to_string(), Some(&text.value())) {
                Ok(need) => needs.push(need.to_string()),
                Err(error) => errors.at(text.span(), error),
            }
        }
    }
    errors.into_result().map_err(CheckError::Value)?;
    Ok(Value::Texts(needs))
}

/// Each text is a row of its own, and so is the command or the path that it has.
pub(super) fn sysinfo(given: Given) -> Checked {
    const KINDS: [&str; 2] = ["cmd", "file"];
    let Given::Needs(given) = given else {
        return given.refused();
    };
    let mut errors = Errors::default();
    let mut rows = Vec::new();
    for (name, texts) in &given {
        let kind = name.to_string();
        if !KINDS.contains(&kind.as_str()) {
            errors.at(name.span(), unknown("source", &kind, KINDS.into_iter(), ""));
        } else if texts.is_empty() {
            errors.at(name.span(), format!("write `{kind}(\"…\")`"));
        }
        for text in texts {
            match text.value().trim() {
                "" => errors.at(text.span(), "it is empty"),
                text => rows.push(format!("{kind} {text}")),
            }
        }
    }
    errors.into_result().map_err(CheckError::Value)?;
    Ok(Value::Texts(rows))
}

pub(super) fn flag(given: Given) -> Checked {
    match given {
        Given::Nothing => Ok(Value::Flag(true)),
        Given::Literal(Lit::Bool(flag)) => Ok(Value::Flag(flag.value())),
        other => other.refused(),
    }
}

pub(super) fn ignore(given: Given) -> Checked {
    match given {
        Given::Nothing => Ok(Value::Text(String::new())),
        given => text(given),
    }
}

pub(super) fn count(given: Given) -> Checked {
    match given {
        Given::Literal(Lit::Int(int)) => int
            .base10_parse()
            .map(Value::Count)
            .map_err(CheckError::Value),
        other => other.refused(),
    }
}

pub(super) fn version(given: Given) -> Checked {
    let version = match given {
        Given::Literal(Lit::Int(int)) => int.base10_parse().map(Version::Int),
        Given::Literal(Lit::Float(float)) => float.base10_parse().map(Version::Float),
        Given::Literal(Lit::Str(text)) => Ok(Version::Text(text.value())),
        other => return other.refused(),
    };
    version.map(Value::Version).map_err(CheckError::Value)
}

pub(super) fn time(given: Given) -> Checked {
    let text = literal_text(given)?;
    let time = text.value().to_uppercase();
    match TIMES.contains(&time.as_str()) {
        true => Ok(Value::Text(time)),
        false => invalid(
            &text,
            unknown("time", &text.value(), TIMES.iter().copied(), ""),
        ),
    }
}

pub(super) fn leaks(given: Given) -> Checked {
    const POLICIES: [&str; 3] = ["off", "warn", "fail"];
    let text = literal_text(given)?;
    let policy = text.value();
    match POLICIES.contains(&policy.as_str()) {
        true => Ok(Value::Text(policy)),
        false => invalid(&text, unknown("policy", &policy, POLICIES.into_iter(), "")),
    }
}

pub(super) fn timeout(given: Given) -> Checked {
    let text = literal_text(given)?;
    match duration(&text.value()) {
        Ok(Duration::ZERO) => invalid(&text, "a timeout of 0 leaves no time to run"),
        Ok(timeout) => Ok(Value::Timeout(timeout)),
        Err(cause) => invalid(&text, cause),
    }
}

pub(super) fn expect(given: Given) -> Checked {
    let text = literal_text(given)?;
    match text.value().as_str() {
        "fail" => Ok(Value::ExpectFail),
        _ => invalid(
            &text,
            "expected `\"fail\"`; by default, a test is expected to pass",
        ),
    }
}

pub(super) fn path(given: Given) -> Checked {
    match given {
        Given::Path(path) => Ok(Value::Path(path)),
        other => other.refused(),
    }
}

fn literal_text(given: Given) -> Checked<LitStr> {
    match given {
        Given::Literal(Lit::Str(text)) => Ok(text),
        other => other.refused(),
    }
}

fn invalid<T>(text: &LitStr, message: impl Display) -> Checked<T> {
    Err(CheckError::Value(syn::Error::new(text.span(), message)))
}

impl Given {
    fn refused<T>(self) -> Checked<T> {
        let span = match self {
            Given::Literal(literal) => literal.span(),
            Given::Nothing | Given::List(_) | Given::Needs(_) | Given::Path(_) => Span::call_site(),
        };
        Err(CheckError::Kind(span))
    }
}

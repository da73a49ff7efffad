//! The names of values, which become parts of the names of tests.
//!
//! | value | name |
//! |---|---|
//! | a number, `true`, `false` | as written, without `_` and type: `4`, `-1`, `0.5` |
//! | a text or a character | itself, with `_` for what is not an ASCII letter, a digit, `.`, `-` or `_` |
//! | a path: `Mode::Fast`, `SIZE` | its last word |
//! | any other expression, a long or empty text, and values that would share a name | `value_N`, by position |

use proc_macro2::{TokenStream, TokenTree};
use syn::Lit;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};

use crate::errors::{Errors, first_span};
use crate::split::visible;
use crate::text::{identity, number, readable};

/// The longest name of a value that is not replaced by its position.
const MAX_BYTES: usize = 40;

/// The names of the values of a parameter, in order. Refuses a value that is given twice.
pub(super) fn value_names(param: &str, values: &[TokenStream], errors: &mut Errors) -> Vec<String> {
    refuse_twice(values, errors);
    let own: Vec<Option<String>> = values.iter().map(own_name).collect();
    let is_unique = |name: &Option<String>| own.iter().filter(|other| *other == name).count() == 1;
    let names = own.iter().zip(1..).map(|(name, position)| match name {
        Some(own) if is_unique(name) => own.clone(),
        _ => format!("value_{position}"),
    });
    let names: Vec<String> = names.collect();
    for (index, name) in names.iter().enumerate() {
        if let Err(reason) = check(param, name, &names[..index]) {
            errors.take(Err::<(), _>(at(&values[index], reason)));
        }
    }
    names
}

fn check(param: &str, name: &str, before: &[String]) -> Result<(), String> {
    if before.iter().any(|other| other == name) {
        return Err(format!("two values of `{param}` have the name `{name}`"));
    }
    // Whatever precedes it, the end of a test's name must be allowed.
    let id = format!("test::{param}_{name}");
    autotest_core::name::check(&id)
        .map_err(|error| format!("a test cannot be called `{param}_{name}`: {error}"))
}

fn refuse_twice(values: &[TokenStream], errors: &mut Errors) {
    let identities: Vec<String> = values.iter().map(identity).collect();
    for (index, value) in values.iter().enumerate() {
        if identities[..index].contains(&identities[index]) {
            let message = format!("`{}` is given twice", readable(value));
            errors.take(Err::<(), _>(at(value, message)));
        }
    }
}

fn at(value: &TokenStream, message: String) -> syn::Error {
    let span = first_span(value).unwrap_or_else(proc_macro2::Span::call_site);
    syn::Error::new(span, message)
}

fn own_name(value: &TokenStream) -> Option<String> {
    let text = number
        .parse2(value.clone())
        .ok()
        .or_else(|| text.parse2(value.clone()).ok())
        .or_else(|| last_word(value))?;
    let is_legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let words: Vec<&str> = text
        .split(|c: char| !is_legal(c))
        .filter(|word| !word.is_empty())
        .collect();
    let name = words.join("_");
    (!name.is_empty() && name.len() <= MAX_BYTES).then_some(name)
}

/// The text of any other literal.
fn text(input: ParseStream<'_>) -> syn::Result<String> {
    match input.parse::<Lit>()? {
        Lit::Str(text) => Ok(text.value()),
        Lit::Char(c) => Ok(c.value().to_string()),
        Lit::Bool(truth) => Ok(truth.value.to_string()),
        other => Err(syn::Error::new(other.span(), "not a text")),
    }
}

/// The last word of a path.
fn last_word(value: &TokenStream) -> Option<String> {
    let tokens = visible(value.clone());
    let is_of_path = |token: &TokenTree| match token {
        TokenTree::Ident(_) => true,
        TokenTree::Punct(punct) => punct.as_char() == ':',
        TokenTree::Group(_) | TokenTree::Literal(_) => false,
    };
    match tokens.last() {
        Some(TokenTree::Ident(last)) if tokens.iter().all(is_of_path) => {
            Some(last.unraw().to_string())
        }
        _ => None,
    }
}

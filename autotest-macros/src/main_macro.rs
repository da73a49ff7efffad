//! `main!(crate…, suite = "…", attr = "…")`: the crates with tests, and which of their tests belong to the
//! binary.
//!
//! This module must not emit anything.

use autotest_core::attr::Expr;
use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{LitStr, Token};

use crate::errors::Errors;
use crate::options::unknown;
use crate::split::past_comma;

/// The arguments of `main!`.
#[derive(Default)]
pub(crate) struct Main {
    /// The path of the framework.
    pub(crate) framework: TokenStream,
    /// The crates whose tests are in the binary, besides its own.
    pub(crate) crates: Vec<Ident>,
    /// The name of the suite.
    pub(crate) suite: Option<LitStr>,
    /// The expression that selects its tests.
    pub(crate) attr: Option<LitStr>,
}

/// The names of the options.
const OPTIONS: [&str; 2] = ["suite", "attr"];

impl Main {
    /// Parses the framework's path, a semicolon, and the arguments.
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Main {
        let mut main = Main::default();
        let whole = |input: ParseStream<'_>| {
            while !input.peek(Token![;]) {
                main.framework
                    .extend([input.parse::<proc_macro2::TokenTree>()?]);
            }
            input.parse::<Token![;]>()?;
            while !input.is_empty() {
                match main.argument(input) {
                    Ok(()) if input.is_empty() => {}
                    Ok(()) => drop(input.parse::<Token![,]>()?),
                    Err(error) => {
                        errors.push(error);
                        past_comma(input)?;
                    }
                }
            }
            Ok(())
        };
        let whole = whole.parse2(tokens);
        errors.take(whole);
        main
    }

    fn argument(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let name = input.call(Ident::parse_any).map_err(|error| {
            let message =
                "expected the name of a crate with tests, `suite = \"…\"` or `attr = \"…\"`";
            syn::Error::new(error.span(), message)
        })?;
        if input.parse::<Option<Token![=]>>()?.is_some() {
            return self.option(&name, input.parse()?);
        }
        if self.crates.contains(&name) {
            return Err(syn::Error::new(
                name.span(),
                format!("the crate `{name}` is named twice"),
            ));
        }
        self.crates.push(name);
        Ok(())
    }

    fn option(&mut self, name: &Ident, value: LitStr) -> syn::Result<()> {
        let text = name.to_string();
        let place = match text.as_str() {
            "suite" => {
                check_suite(&value)?;
                &mut self.suite
            }
            "attr" => {
                if let Err(error) = Expr::parse(&value.value()) {
                    return Err(syn::Error::new(value.span(), error));
                }
                &mut self.attr
            }
            _ => {
                let message = unknown("option", &text, OPTIONS.into_iter(), "");
                return Err(syn::Error::new(name.span(), message));
            }
        };
        match place.replace(value) {
            None => Ok(()),
            Some(_) => Err(syn::Error::new(
                name.span(),
                format!("option `{text}` is given twice"),
            )),
        }
    }
}

/// The name of a suite is a part of names of files.
fn check_suite(suite: &LitStr) -> syn::Result<()> {
    let text = suite.value();
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let begins_well = text.starts_with(|c: char| c.is_ascii_alphanumeric());
    match begins_well && text.chars().all(is_allowed) {
        true => Ok(()),
        false => Err(syn::Error::new(
            suite.span(),
            "a suite's name has letters, digits, `_`, `-` and `.`, and begins with a letter or a digit",
        )),
    }
}

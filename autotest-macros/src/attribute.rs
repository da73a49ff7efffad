//! Parses the attributes of an item, a function or a parameter.
//!
//! This module must not check an attribute; its callers do.

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{LitStr, Token, bracketed, parenthesized};

/// An attribute `#[path rest]`.
#[derive(Clone)]
pub(crate) struct Attribute {
    /// The segments of its path.
    pub(crate) path: Vec<Ident>,
    /// What follows the path: `(…)`, `= …` or nothing.
    pub(crate) rest: TokenStream,
}

impl Attribute {
    /// Parses all attributes at the current position.
    pub(crate) fn all(input: ParseStream<'_>) -> syn::Result<Vec<Attribute>> {
        let mut attributes = Vec::new();
        while input.peek(Token![#]) {
            input.parse::<Token![#]>()?;
            let content;
            bracketed!(content in input);
            attributes.push(Attribute::content(&content)?);
        }
        Ok(attributes)
    }

    /// Parses the content of the brackets.
    pub(crate) fn content(input: ParseStream<'_>) -> syn::Result<Attribute> {
        input.parse::<Option<Token![::]>>()?;
        let mut path = vec![input.call(Ident::parse_any)?];
        while input.peek(Token![::]) {
            input.parse::<Token![::]>()?;
            path.push(input.call(Ident::parse_any)?);
        }
        Ok(Attribute {
            path,
            rest: input.parse()?,
        })
    }

    /// Whether it is `#[name …]`.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.path.len() == 1 && self.path[0] == name
    }

    /// Whether it is `#[name …]` or `#[crate::name …]`.
    pub(crate) fn ends_with(&self, name: &str) -> bool {
        self.path.last().is_some_and(|last| last == name)
    }

    /// The span of its name.
    pub(crate) fn span(&self) -> Span {
        self.path[0].span()
    }

    /// Parses the content of its parentheses, which may be missing.
    pub(crate) fn parse_list<T>(
        &self,
        parser: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
    ) -> syn::Result<T> {
        let in_parentheses = |input: ParseStream<'_>| {
            if input.is_empty() {
                return parser(input);
            }
            let content;
            parenthesized!(content in input);
            parser(&content)
        };
        in_parentheses.parse2(self.rest.clone())
    }
}

/// The lines of the doc comments.
pub(crate) fn doc(attributes: &[Attribute]) -> String {
    let docs = attributes.iter().filter(|attribute| attribute.is("doc"));
    let lines: Vec<String> = docs.filter_map(doc_line).collect();
    lines.join("\n").trim().to_owned()
}

/// The text of a doc comment. `None` for `#[doc(hidden)]` and for macros that only the compiler can expand.
fn doc_line(attribute: &Attribute) -> Option<String> {
    let text = |input: ParseStream<'_>| {
        input.parse::<Token![=]>()?;
        input.parse::<LitStr>()
    };
    let text = text.parse2(attribute.rest.clone()).ok()?.value();
    let lines = text
        .lines()
        .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end());
    Some(lines.collect::<Vec<_>>().join("\n"))
}

/// The conditions of the `#[cfg]`s, which are repeated on everything that is emitted for the item.
pub(crate) fn conditions(attributes: &[Attribute]) -> Vec<TokenStream> {
    let cfgs = attributes.iter().filter(|attribute| attribute.is("cfg"));
    cfgs.filter_map(|cfg| cfg.parse_list(|input| input.parse()).ok())
        .collect()
}

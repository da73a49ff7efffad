//! The syntax of options.
//!
//! This module must not know what a value means: all its errors are syntax errors.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::token::Paren;
use syn::{Lit, LitStr, Token, parenthesized};

use super::check::Given;

/// The syntax of an option.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// `name = literal`
    Literal,
    /// `name("…", "…")`
    List,
    /// `name` or `name = literal`
    Flag,
    /// `name = path::to::it`
    Path,
    /// `name(word, word("…", "…"))`
    Needs,
}

impl Form {
    /// Parses what follows the name.
    pub(super) fn read(self, input: ParseStream<'_>) -> syn::Result<Given> {
        match self {
            Form::Literal => literal(input).map(Given::Literal),
            Form::Flag if input.peek(Token![=]) => literal(input).map(Given::Literal),
            Form::Flag => Ok(Given::Nothing),
            Form::List => list(input).map(Given::List),
            Form::Path => path(input).map(Given::Path),
            Form::Needs => needs(input).map(Given::Needs),
        }
    }
}

fn literal(input: ParseStream<'_>) -> syn::Result<Lit> {
    input.parse::<Token![=]>()?;
    input.parse()
}

fn list(input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    let content;
    parenthesized!(content in input);
    let mut texts = Vec::new();
    while !content.is_empty() {
        match text(&content) {
            Ok(text) => texts.push(text),
            Err(error) => {
                // Read to the end: otherwise syn reports another error for the rest.
                content.parse::<TokenStream>()?;
                return Err(error);
            }
        }
    }
    Ok(texts)
}

fn needs(input: ParseStream<'_>) -> syn::Result<Vec<(Ident, Vec<LitStr>)>> {
    let content;
    parenthesized!(content in input);
    let mut needs = Vec::new();
    while !content.is_empty() {
        match need(&content) {
            Ok(need) => needs.push(need),
            Err(error) => {
                content.parse::<TokenStream>()?;
                return Err(error);
            }
        }
    }
    Ok(needs)
}

fn need(input: ParseStream<'_>) -> syn::Result<(Ident, Vec<LitStr>)> {
    let name = input.call(Ident::parse_any)?;
    let texts = match input.peek(Paren) {
        true => list(input)?,
        false => Vec::new(),
    };
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    Ok((name, texts))
}

fn text(input: ParseStream<'_>) -> syn::Result<LitStr> {
    let text = input.parse()?;
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    Ok(text)
}

fn path(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    input.parse::<Token![=]>()?;
    let mut path = TokenStream::new();
    input.parse::<Option<Token![::]>>()?.to_tokens(&mut path);
    loop {
        input.call(Ident::parse_any)?.to_tokens(&mut path);
        match input.parse::<Option<Token![::]>>()? {
            Some(colons) => colons.to_tokens(&mut path),
            None => return Ok(path),
        }
    }
}

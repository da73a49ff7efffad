//! Cuts token streams where Rust's grammar does, without reading what stands between the cuts.
//!
//! This module must not know what the pieces are for.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::Token;
use syn::parse::ParseStream;

/// Where an angle bracket opens.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Angles {
    /// Everywhere: `HashMap<u8, u8>`.
    OfType,
    /// After `::` only: `a < b, HashMap::<u8, u8>::new()`.
    OfExpression,
}

/// Counts the angle brackets that are open, token by token.
struct Depth {
    angles: Angles,
    open: usize,
    /// The two characters before, a space for what is no punctuation.
    before: [char; 2],
}

impl Depth {
    fn new(angles: Angles) -> Depth {
        Depth {
            angles,
            open: 0,
            before: [' '; 2],
        }
    }

    fn see(&mut self, token: &TokenTree) {
        let TokenTree::Punct(punct) = token else {
            self.before = [' '; 2];
            return;
        };
        let is_opening =
            self.angles == Angles::OfType || self.open > 0 || self.before == [':', ':'];
        match punct.as_char() {
            '<' if is_opening => self.open += 1,
            '>' if !matches!(self.before[1], '-' | '=') => self.open = self.open.saturating_sub(1),
            _ => {}
        }
        self.before = [self.before[1], punct.as_char()];
    }
}

/// The tokens up to where `is_end` holds outside of angle brackets, or up to the end.
pub(crate) fn until(
    input: ParseStream<'_>,
    angles: Angles,
    is_end: impl Fn(ParseStream<'_>) -> bool,
) -> syn::Result<TokenStream> {
    let mut depth = Depth::new(angles);
    let mut tokens = TokenStream::new();
    while !(input.is_empty() || depth.open == 0 && is_end(input)) {
        let token: TokenTree = input.parse()?;
        depth.see(&token);
        tokens.extend([token]);
    }
    Ok(tokens)
}

/// The tokens up to the next comma of a list.
pub(crate) fn until_comma(input: ParseStream<'_>, angles: Angles) -> syn::Result<TokenStream> {
    until(input, angles, |input| input.peek(Token![,]))
}

/// Goes past the next comma of a list, for the next entry after a bad one.
pub(crate) fn past_comma(input: ParseStream<'_>) -> syn::Result<()> {
    until_comma(input, Angles::OfExpression)?;
    if input.peek(Token![,]) {
        input.parse::<Token![,]>()?;
    }
    Ok(())
}

/// The tokens of a list, cut at its commas.
pub(crate) fn at_commas(input: ParseStream<'_>, angles: Angles) -> syn::Result<Vec<TokenStream>> {
    let mut pieces = Vec::new();
    while !input.is_empty() {
        pieces.push(until_comma(input, angles)?);
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(pieces)
}

/// The tokens without the invisible groups around what came through a `macro_rules`.
pub(crate) fn visible(tokens: TokenStream) -> Vec<TokenTree> {
    tokens
        .into_iter()
        .flat_map(|token| match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                visible(group.stream())
            }
            token => vec![token],
        })
        .collect()
}

/// The group with other content at the same place.
pub(crate) fn regroup(group: &Group, content: TokenStream) -> Group {
    let mut regrouped = Group::new(group.delimiter(), content);
    regrouped.set_span(group.span());
    regrouped
}

//! Splits token streams according to Rust's grammar, without parsing the pieces.
//!
//! This module must not know what the pieces are for.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::Token;
use syn::parse::ParseStream;

/// Where `<` is an angle bracket.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Angles {
    /// Everywhere: `HashMap<u8, u8>`.
    OfType,
    /// After `::` only: `a < b, HashMap::<u8, u8>::new()`.
    OfExpression,
}

/// Counts open angle brackets, token by token.
struct Depth {
    angles: Angles,
    open: usize,
    /// The two previous characters; a space for a token that is not punctuation.
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

    fn update(&mut self, token: &TokenTree) {
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

/// The tokens up to the position outside angle brackets where `is_end` returns `true`, or up to the end.
pub(crate) fn until(
    input: ParseStream<'_>,
    angles: Angles,
    is_end: impl Fn(ParseStream<'_>) -> bool,
) -> syn::Result<TokenStream> {
    let mut depth = Depth::new(angles);
    let mut tokens = TokenStream::new();
    while !(input.is_empty() || depth.open == 0 && is_end(input)) {
        let token: TokenTree = input.parse()?;
        depth.update(&token);
        tokens.extend([token]);
    }
    Ok(tokens)
}

/// The tokens up to the next comma of a list.
pub(crate) fn until_comma(input: ParseStream<'_>, angles: Angles) -> syn::Result<TokenStream> {
    until(input, angles, |input| input.peek(Token![,]))
}

/// Skips the next comma of a list, to continue after an invalid entry.
pub(crate) fn past_comma(input: ParseStream<'_>) -> syn::Result<()> {
    until_comma(input, Angles::OfExpression)?;
    if input.peek(Token![,]) {
        input.parse::<Token![,]>()?;
    }
    Ok(())
}

/// The tokens of a list, split at its commas.
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

/// The tokens without the invisible groups that `macro_rules` adds around its arguments.
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

/// The group with other content and the same span.
pub(crate) fn regroup(group: &Group, content: TokenStream) -> Group {
    let mut regrouped = Group::new(group.delimiter(), content);
    regrouped.set_span(group.span());
    regrouped
}

//! The author's item without our attributes, with which every expansion begins.
//!
//! It works on any tokens, so that an item survives even if it cannot be parsed. This module must only change
//! attributes.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::Parser;

use crate::attribute::Attribute;
use crate::split::regroup;

/// The item without `#[param]`, `#[case]`, `#[helper]` and the doc comments of parameters.
pub(crate) fn item(tokens: TokenStream) -> TokenStream {
    let mut place = Place::Item;
    let tokens = without(tokens, is_ours);
    tokens.into_iter().map(|token| place.step(token)).collect()
}

/// The current position in an item.
#[derive(PartialEq)]
enum Place {
    Item,
    /// After `fn`: the next parentheses contain parameters.
    Signature,
    /// After the parameters: the next braces contain a body.
    Body,
}

impl Place {
    fn step(&mut self, token: TokenTree) -> TokenTree {
        match token {
            TokenTree::Ident(ident) if ident == "fn" => {
                *self = Place::Signature;
                TokenTree::Ident(ident)
            }
            TokenTree::Group(group) => TokenTree::Group(self.group(group)),
            token => token,
        }
    }

    fn group(&mut self, group: Group) -> Group {
        match (&self, group.delimiter()) {
            (Place::Signature, Delimiter::Parenthesis) => {
                *self = Place::Body;
                regroup(&group, without(group.stream(), is_of_parameter))
            }
            (Place::Body, Delimiter::Brace) => {
                *self = Place::Item;
                group
            }
            (Place::Item, Delimiter::Brace) => regroup(&group, item(group.stream())),
            _ => group,
        }
    }
}

/// The tokens without the attributes for which `is_unwanted` returns `true`.
fn without(tokens: TokenStream, is_unwanted: fn(&Attribute) -> bool) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in tokens {
        let is_attribute = matches!(kept.last(), Some(TokenTree::Punct(p)) if p.as_char() == '#');
        match &token {
            TokenTree::Group(group) if is_attribute && has(group, is_unwanted) => {
                kept.pop();
            }
            _ => kept.push(token),
        }
    }
    kept.into_iter().collect()
}

fn has(group: &Group, is_unwanted: fn(&Attribute) -> bool) -> bool {
    let attribute = Attribute::content.parse2(group.stream());
    group.delimiter() == Delimiter::Bracket && attribute.is_ok_and(|found| is_unwanted(&found))
}

fn is_ours(attribute: &Attribute) -> bool {
    attribute.path[0] == "case" || attribute.is("helper") || attribute.is("param")
}

fn is_of_parameter(attribute: &Attribute) -> bool {
    attribute.is("doc") || attribute.is("param") || attribute.path[0] == "case"
}

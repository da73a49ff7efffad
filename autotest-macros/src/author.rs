//! The author's item without what is ours in it: what every expansion begins with.
//!
//! Works on any tokens, so that an item survives even when nothing else of it can be read. This
//! module must not change anything but attributes.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::Parser;

use crate::attribute::Attribute;
use crate::split::regroup;

/// The item as written, less `#[param]`, `#[case]`, `#[helper]` and the docs of parameters.
pub(crate) fn item(tokens: TokenStream) -> TokenStream {
    let mut place = Place::Item;
    let tokens = without(tokens, is_ours);
    tokens.into_iter().map(|token| place.step(token)).collect()
}

/// What the walk through an item has seen last.
#[derive(PartialEq)]
enum Place {
    Item,
    /// After `fn`: the next parentheses hold parameters.
    Signature,
    /// After the parameters: the next braces hold a body.
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

/// The tokens without the attributes that `is_unwanted` names.
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

//! A parameter's type: how its value is stored and passed to the author's function.
//!
//! The value of a reference such as `&str` is stored as an owned type, and borrowed for each call. This
//! module must only parse types.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::quote;

use crate::errors::first_span;
use crate::function::starts_with_and;
use crate::split::visible;

/// The parts of a parameter's type.
pub(crate) struct ParamType {
    /// The type that is stored. Its tokens may refer to `__autotest`.
    pub(crate) owned: TokenStream,
    pub(crate) how: PassAs,
    /// The last segment of the type without reference and `Option`, if it is a path.
    pub(crate) name: Option<Ident>,
    /// Whether the argument may be left out: `Option<T>`.
    pub(crate) is_optional: bool,
}

/// How a stored value is passed to the author's function.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum PassAs {
    /// Cloned for each call.
    Cloned,
    /// As a reference: `&T` to a `T`, `&str` to a `String`.
    Reference,
    /// With `as_deref`: `Option<&str>` for `Option<String>`.
    AsDeref,
    /// With `as_ref`: `Option<&T>` for `Option<T>`.
    AsRef,
}

impl ParamType {
    /// Parses a type.
    pub(crate) fn of(ty: &TokenStream) -> syn::Result<ParamType> {
        let tokens = visible(ty.clone());
        refuse(&tokens, ty)?;
        if starts_with_and(&tokens) {
            let reference = ReferenceType::of(&tokens)?;
            return Ok(ParamType {
                how: PassAs::Reference,
                ..reference.plain()
            });
        }
        match path(&tokens) {
            Some(path) if path.name == "Option" => ParamType::option(path, &tokens),
            path => Ok(ParamType {
                owned: ty.clone(),
                how: PassAs::Cloned,
                name: path.map(|path| path.name),
                is_optional: false,
            }),
        }
    }

    fn option(path: Path<'_>, tokens: &[TokenTree]) -> syn::Result<ParamType> {
        if !starts_with_and(path.generics) {
            let inner = self::path(path.generics).map(|path| path.name);
            let owned = tokens.iter().cloned().collect();
            return Ok(ParamType {
                owned,
                how: PassAs::Cloned,
                name: inner,
                is_optional: true,
            });
        }
        let reference = ReferenceType::of(path.generics)?;
        let how = if reference.is_unsized {
            PassAs::AsDeref
        } else {
            PassAs::AsRef
        };
        let (before, inner) = (path.before, reference.plain());
        let owned = inner.owned;
        let owned = quote!(#(#before)* < #owned >);
        Ok(ParamType {
            owned,
            how,
            is_optional: true,
            name: inner.name,
        })
    }
}

/// The parts of a reference.
struct ReferenceType {
    owned: TokenStream,
    is_unsized: bool,
}

impl ReferenceType {
    fn of(tokens: &[TokenTree]) -> syn::Result<ReferenceType> {
        let referent = match &tokens[1..] {
            [
                TokenTree::Punct(tick),
                TokenTree::Ident(lifetime),
                referent @ ..,
            ] if tick.as_char() == '\'' => {
                refuse_static(lifetime)?;
                referent
            }
            referent => referent,
        };
        if let [TokenTree::Ident(mutable), ..] = referent
            && mutable == "mut"
        {
            let message = "a parameter cannot be borrowed as `&mut`: take it by value (the \
                           context, `&mut TestContext`, comes first)";
            return Err(syn::Error::new(mutable.span(), message));
        }
        let whole: TokenStream = referent.iter().cloned().collect();
        refuse(referent, &whole)?;
        Ok(match owner(referent) {
            Some(owned) => ReferenceType {
                owned,
                is_unsized: true,
            },
            None => ReferenceType {
                owned: whole,
                is_unsized: false,
            },
        })
    }

    fn plain(self) -> ParamType {
        let name = path(&visible(self.owned.clone())).map(|path| path.name);
        ParamType {
            owned: self.owned,
            how: PassAs::Cloned,
            name,
            is_optional: false,
        }
    }
}

/// The owned type for an unsized referent.
fn owner(referent: &[TokenTree]) -> Option<TokenStream> {
    if let [TokenTree::Group(slice)] = referent
        && slice.delimiter() == Delimiter::Bracket
    {
        let element = slice.stream();
        let is_array = element
            .clone()
            .into_iter()
            .any(|token| token.to_string() == ";");
        return (!is_array).then(|| quote!(__autotest::Vec<#element>));
    }
    let path = path(referent)?;
    match path.name.to_string().as_str() {
        "str" => Some(quote!(__autotest::String)),
        "Path" if path.generics.is_empty() => Some(quote!(__autotest::PathBuf)),
        _ => None,
    }
}

/// The path of a type.
pub(crate) struct Path<'a> {
    pub(crate) name: Ident,
    /// Everything before the `<` of its generics.
    before: &'a [TokenTree],
    /// Between `<` and `>`, without a final comma.
    pub(crate) generics: &'a [TokenTree],
}

/// Parses the tokens as a path.
pub(crate) fn path(tokens: &[TokenTree]) -> Option<Path<'_>> {
    let is = |token: &TokenTree, wanted: char| matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted);
    let open = tokens
        .iter()
        .position(|token| is(token, '<'))
        .unwrap_or(tokens.len());
    let (before, rest) = tokens.split_at(open);
    let generics = match rest {
        [] => rest,
        [_, inside @ .., close] if is(close, '>') => match inside {
            [inside @ .., comma] if is(comma, ',') => inside,
            inside => inside,
        },
        _ => return None,
    };
    let is_word = |token: &TokenTree| matches!(token, TokenTree::Ident(_));
    let is_path = before.iter().all(|token| is_word(token) || is(token, ':'))
        && !before.windows(2).any(|pair| pair.iter().all(is_word));
    let names = before.iter().rev().find_map(|token| match token {
        TokenTree::Ident(name) => Some(name.clone()),
        _ => None,
    });
    names.filter(|_| is_path).map(|name| Path {
        name,
        before,
        generics,
    })
}

fn refuse(tokens: &[TokenTree], whole: &TokenStream) -> syn::Result<()> {
    match tokens.first() {
        Some(TokenTree::Ident(word)) if word == "impl" || word == "dyn" => {
            let message = "a parameter needs a concrete type: `impl` and `dyn` cannot be read \
                           from an argument";
            Err(syn::Error::new(word.span(), message))
        }
        Some(_) => Ok(()),
        None => {
            let span = first_span(whole).unwrap_or(Span::call_site());
            Err(syn::Error::new(span, "expected a type"))
        }
    }
}

fn refuse_static(lifetime: &Ident) -> syn::Result<()> {
    if lifetime != "static" {
        return Ok(());
    }
    let message = "a parameter is borrowed for one call, not for `'static`: leave the lifetime out";
    Err(syn::Error::new(lifetime.span(), message))
}

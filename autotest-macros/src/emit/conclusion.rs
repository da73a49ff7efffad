//! What is made of a value that an author's function returns: a `TestResult`.
//!
//! To find out how takes the compiler as long as all else of a small test together, so the tests of a
//! suite do it once for each return type that they spell alike.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote_spanned};

use crate::errors::first_span;
use crate::step::Returns;
use crate::test::{Shape, Test};

/// The return types of a suite's tests.
pub(super) struct Conclusions(Vec<(String, TokenStream)>);

impl Conclusions {
    /// Those of `tests`; for a lone test, none.
    pub(super) fn of(tests: &[Test]) -> Conclusions {
        let mut types: Vec<(String, TokenStream)> = Vec::new();
        let tests = if tests.len() > 1 { tests } else { &[] };
        for ty in tests.iter().filter_map(shared) {
            let text = ty.to_string();
            if types.iter().all(|(known, _)| *known != text) {
                types.push((text, ty.clone()));
            }
        }
        Conclusions(types)
    }

    /// One function for each.
    pub(super) fn functions(&self) -> TokenStream {
        let function = |(index, (_, ty)): (usize, &(String, TokenStream))| {
            let here = Span::mixed_site();
            let (name, conclude) = (name(index), conclude(ty, &quote_spanned!(here=> returned)));
            quote_spanned! {here=>
                fn #name(returned: #ty) -> __autotest::TestResult {
                    #conclude
                }
            }
        };
        self.0.iter().enumerate().map(function).collect()
    }

    /// A call of what `test` returns, concluded.
    pub(super) fn call(&self, test: &Test, ty: &TokenStream, call: &TokenStream) -> TokenStream {
        let text = ty.to_string();
        let known = self.0.iter().position(|(known, _)| *known == text);
        match known.filter(|_| shared(test).is_some()) {
            Some(index) => {
                let name = name(index);
                quote_spanned!(Span::mixed_site()=> #name(#call))
            }
            None => conclude(ty, call),
        }
    }
}

/// Converts what the author's function returns. The return type is to blame if it cannot be.
pub(super) fn conclude(ty: &TokenStream, call: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    let here = first_span(ty).map_or(here, |span| here.located_at(span));
    quote_spanned!(here=> __autotest::conclude!(#call))
}

fn name(index: usize) -> Ident {
    format_ident!("__conclude_{index}", span = Span::mixed_site())
}

/// The return type, if others may name it: an `impl Trait` has no name, and behind a `#[cfg]` there
/// may be no such type.
fn shared(test: &Test) -> Option<&TokenStream> {
    match &test.shape {
        Shape::Function(step) => match &step.returns {
            Returns::Other(ty) if test.conditions.is_empty() && !is_opaque(ty) => Some(ty),
            Returns::Unit | Returns::TestResult | Returns::Other(_) => None,
        },
        Shape::Phases { .. } => None,
    }
}

fn is_opaque(ty: &TokenStream) -> bool {
    ty.clone().into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "impl",
        TokenTree::Group(group) => is_opaque(&group.stream()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

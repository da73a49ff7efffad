//! Converts the return value of an author's function to a `TestResult`.
//!
//! Selecting the conversion takes the compiler as long as everything else in a small test, so the tests of a
//! suite share one function for each return type that is written the same.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote_spanned};

use crate::errors::first_span;
use crate::step::Returns;
use crate::test::{Shape, Test};

/// The return types of a suite's tests, as text and tokens.
pub(super) struct Conclusions(Vec<(String, TokenStream)>);

impl Conclusions {
    /// The return types of `tests`; none for a single test.
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

    /// A conversion function for each type.
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

    /// An expression that converts the result of `call`.
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

/// Converts the result of the author's function. If that is not possible, the error points to the return
/// type.
pub(super) fn conclude(ty: &TokenStream, call: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    let here = first_span(ty).map_or(here, |span| here.located_at(span));
    quote_spanned!(here=> __autotest::conclude!(#call))
}

fn name(index: usize) -> Ident {
    format_ident!("__conclude_{index}", span = Span::mixed_site())
}

/// The return type, if a shared function may name it. It may not name an `impl Trait`, or a type that may not
/// exist because of a `#[cfg]`.
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

//! What rust-analyzer needs to show its run button at a test.
//!
//! It shows one at a function with the built-in attribute `test`, and takes the function's path for the name of
//! the test. The compiler must never get that attribute: with `harness = false` it removes the function, and
//! otherwise libtest runs it. This module must not change what the compiler gets.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::quote_spanned;

use crate::emit::cfg;
use crate::test::{Shape, Test};

/// The program for which a macro is expanded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reader {
    #[default]
    Compiler,
    RustAnalyzer,
}

impl Reader {
    /// rust-analyzer expands macros in `rust-analyzer-proc-macro-srv`, or in another process of its own program.
    ///
    /// A `#[cfg_attr(rust_analyzer, test)]` would make the compiler warn of an unknown `cfg` in the author's
    /// crate, and would be code to compile.
    pub(crate) fn of_this_process() -> Reader {
        let program = std::env::current_exe().unwrap_or_default();
        let name = program.file_name().unwrap_or_default();
        match name.to_string_lossy().contains("rust-analyzer") {
            true => Reader::RustAnalyzer,
            false => Reader::Compiler,
        }
    }

    /// The item of a test as this program gets it. `item` is the author's, without our attributes.
    pub(crate) fn item_of(self, test: Option<&Test>, item: TokenStream) -> TokenStream {
        match (self, test) {
            (Reader::RustAnalyzer, Some(test)) => runnable(test, item),
            (Reader::RustAnalyzer, None) | (Reader::Compiler, _) => item,
        }
    }
}

/// The item with the attribute `test`, or followed by a function that has it.
///
/// The attribute depends on `cfg(test)`, which rust-analyzer sets unless it is configured otherwise: without, it
/// removes such functions. The spans are the author's, so that the button is at the test.
fn runnable(test: &Test, item: TokenStream) -> TokenStream {
    let here = test.name.span();
    match &test.shape {
        Shape::Function(_) => quote_spanned! {here=>
            #[cfg_attr(test, ::core::prelude::v1::test)]
            #item
        },
        Shape::Phases { ty, .. } => {
            let (cfg, name, body) = (cfg(&test.conditions), &test.name, empty_body_at(&item));
            // The path of an associated function does not include the type, so it has the type's name; it
            // collides with nothing there.
            quote_spanned! {here=>
                #item
                #cfg
                #[cfg(test)]
                #[allow(dead_code, non_snake_case)]
                impl #ty {
                    #[::core::prelude::v1::test]
                    fn #name() #body
                }
            }
        }
    }
}

/// An empty body where that of the item is, so that the button is for the whole of it.
fn empty_body_at(item: &TokenStream) -> Group {
    let last = item.clone().into_iter().last();
    let span = last.as_ref().map_or_else(Span::call_site, TokenTree::span);
    let mut body = Group::new(Delimiter::Brace, TokenStream::new());
    body.set_span(span);
    body
}

//! The `main` of a test binary, and what it says of itself without being run.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::ext::IdentExt;

use super::record;
use crate::main_macro::Main;

/// `fn main`, the crates' imports and the record.
pub(crate) fn main_function(main: &Main) -> TokenStream {
    let framework = &main.framework;
    let crates = &main.crates;
    let imports = crates
        .iter()
        .map(|name| quote_spanned!(name.span()=> use #name as _;));
    let names = crates.iter().map(|name| name.unraw().to_string());
    let suite = optional(main.suite.as_ref());
    let attr = optional(main.attr.as_ref());
    let record = record::of_main(main);
    quote_spanned! {here()=>
        #(#imports)*

        fn main() -> #framework::__private::ExitCode {
            #framework::main_of_suite(&#framework::__private::Main {
                module: ::core::module_path!(),
                crates: &[#(#names),*],
                suite: #suite,
                attr: #attr,
            })
        }

        const _: () = {
            use #framework::__private as __autotest;
            #record
        };

        /// Compiled only if libtest's harness runs this file; that harness does not know `#[autotest]`.
        #[cfg(test)]
        #[#framework::__private::libtest]
        fn harness_is_false() {
            ::core::panic!(
                "libtest's harness runs this file, but not its `#[autotest]` tests: add `harness = false` \
                 below its `[[test]]`, `[[bin]]` or `[[example]]` in Cargo.toml"
            );
        }
    }
}

fn optional(text: Option<&syn::LitStr>) -> TokenStream {
    match text {
        Some(text) => quote_spanned!(here()=> ::core::option::Option::Some(#text)),
        None => quote_spanned!(here()=> ::core::option::Option::None),
    }
}

fn here() -> Span {
    Span::mixed_site()
}

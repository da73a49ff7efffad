//! Writes a model down: plain data, thin thunks, one registration.
//!
//! Names are those of the runtime's `__private` module and begin with `__` where the author's own
//! expressions could see them. This module must not find errors: a model that comes here has none.

mod bind;
mod call;
mod fields;
mod record;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};

use crate::case::Case;
use crate::options::Options;
use crate::test::Test;

/// The registration of tests that stand in one module.
pub(crate) fn registration(tests: &[Test], suite: &Options) -> TokenStream {
    let Some(first) = tests.first() else { return TokenStream::new() };
    let here = Span::mixed_site();
    let private = private(suite.path("crate").or(first.options.path("crate")));
    let entries: Vec<Entry> = tests.iter().enumerate().map(Entry::new).collect();
    let constants = entries.iter().map(|entry| &entry.constant);
    let elements = entries.iter().map(|entry| &entry.elements);
    let implementations = tests.iter().map(call::implementation);
    let records = record::all(tests);
    let line = line(&first.name);
    quote_spanned! {here=>
        const _: () = {
            use #private as __autotest;
            const __AUTOTEST_HERE: __autotest::TestDef = __autotest::TestDef {
                module_path: ::core::module_path!(),
                file: ::core::file!(),
                ..__autotest::TestDef::DEFAULT
            };
            #(#constants)*
            #(#implementations)*
            static __AUTOTEST_TESTS: &[__autotest::TestDef] = &[#(#elements)*];
            #records
            __autotest::submit! {
                __autotest::Registration {
                    tests: __AUTOTEST_TESTS,
                    module_path: ::core::module_path!(),
                    file: ::core::file!(),
                    line: #line,
                }
            }
        };
    }
}

/// The module that everything emitted names.
fn private(path: Option<&TokenStream>) -> TokenStream {
    let here = Span::mixed_site();
    match path {
        Some(path) => quote_spanned!(here=> #path::__private),
        None => quote_spanned!(here=> ::autotest::__private),
    }
}

/// A test's share of the static array.
struct Entry {
    /// What its elements are made of, if that is more than one literal.
    constant: TokenStream,
    elements: TokenStream,
}

impl Entry {
    fn new((index, test): (usize, &Test)) -> Entry {
        let here = Span::mixed_site();
        let def = fields::def(test);
        let cfg = cfg(&test.conditions);
        let has_params = test.params.iter().next().is_some() || fields::has_rest(test);
        if !has_params && test.cases.is_empty() {
            let elements = quote_spanned!(here=> #cfg #def,);
            return Entry { constant: TokenStream::new(), elements };
        }
        let name = format_ident!("__AUTOTEST_{index}", span = here);
        let functions = bind::functions(test);
        let constant = quote_spanned! {here=>
            #cfg
            const #name: __autotest::TestDef = {
                #functions
                #def
            };
        };
        let elements = match test.cases.as_slice() {
            [] => quote_spanned!(here=> #cfg #name,),
            cases => cases.iter().zip(1..).map(|(case, i)| element(case, i, &name, &cfg)).collect(),
        };
        Entry { constant, elements }
    }
}

fn element(case: &Case, index: usize, base: &Ident, cfg: &TokenStream) -> TokenStream {
    let name = &case.name;
    let args = case.args.iter().map(|arg| {
        let (name, text) = (&arg.param, crate::text::readable(&arg.value));
        quote_spanned!(Span::mixed_site()=> (#name, #text))
    });
    quote_spanned! {Span::mixed_site()=>
        #cfg
        __autotest::TestDef {
            case: __autotest::Some(#name),
            case_index: #index,
            case_args: &[#(#args),*],
            ..#base
        },
    }
}

/// The conditions as attributes.
fn cfg(conditions: &[TokenStream]) -> TokenStream {
    quote_spanned!(Span::mixed_site()=> #(#[cfg(#conditions)])*)
}

/// The line of a name: not of the attribute, and not of the suite.
fn line(name: &Ident) -> u32 {
    match proc_macro::is_available() {
        true => u32::try_from(name.span().unwrap().line()).unwrap_or(0),
        false => 0,
    }
}

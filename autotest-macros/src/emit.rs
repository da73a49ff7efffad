//! Emits the code for a model: plain data, thin thunks, one registration.
//!
//! It refers to the runtime's `__private` module. Names begin with `__` where the author's expressions could
//! see them. This module must not find errors: the model has been checked.

mod bind;
mod call;
mod conclusion;
mod control;
mod fields;
mod main_function;
mod profiler;
mod record;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};

pub(crate) use self::control::{control, hook};
pub(crate) use self::main_function::main_function;
pub(crate) use self::profiler::profiler;

use self::conclusion::Conclusions;
use crate::case::Case;
use crate::options::Options;
use crate::test::Test;

/// The registration of the tests of one module.
pub(crate) fn registration(tests: &[Test], suite: &Options) -> TokenStream {
    let Some(first) = tests.first() else {
        return TokenStream::new();
    };
    let here = Span::mixed_site();
    let private = private(suite.path("crate").or(first.options.path("crate")));
    if let [test] = tests
        && let Some(lone) = lone(test, &private)
    {
        return lone;
    }
    let base = if tests.len() == 1 {
        Base::Default
    } else {
        Base::Here
    };
    let conclusions = Conclusions::of(tests);
    let entries: Vec<Entry> = tests
        .iter()
        .enumerate()
        .map(|test| Entry::new(test, base, &conclusions))
        .collect();
    let here_constant = base.constant(suite);
    let constants = entries.iter().map(|entry| &entry.constant);
    let elements = entries.iter().map(|entry| &entry.elements);
    let implementations = tests.iter().map(call::implementation);
    let conclusions = conclusions.functions();
    let records = record::all(tests);
    quote_spanned! {here=>
        const _: () = {
            use #private as __autotest;
            #here_constant
            #(#constants)*
            #conclusions
            #(#implementations)*
            #records
            __autotest::submit! { __autotest::Registration { tests: &[#(#elements)*] } }
        };
    }
}

/// The registration of a single function without options. It is as short as possible, since tokens from a
/// procedural macro cost the compiler more than those from a macro of the runtime.
fn lone(test: &Test, private: &TokenStream) -> Option<TokenStream> {
    let call = call::plain(test).filter(|_| fields::is_lone(test))?;
    let (name, line) = (fields::name(test), line(&test.name));
    let (file, doc) = (file(&test.name), &test.doc);
    let [before, after] = record::line(test);
    let len = before.len() + after.len();
    Some(quote_spanned! {Span::mixed_site()=>
        #private::lone! { #name, #line, #file, #doc, #call, #len, #before, #after }
    })
}

/// Imports of the attributes that were removed.
pub(crate) fn uses(names: &[Vec<Ident>]) -> TokenStream {
    if names.is_empty() {
        return TokenStream::new();
    }
    let here = Span::mixed_site();
    let uses = names
        .iter()
        .map(|path| quote_spanned!(here=> use #(#path)::* as _;));
    quote_spanned!(here=> const _: () = { #(#uses)* };)
}

/// The path of the module to which all emitted code refers.
fn private(path: Option<&TokenStream>) -> TokenStream {
    let here = Span::mixed_site();
    match path {
        Some(path) => quote_spanned!(here=> #path::__private),
        None => quote_spanned!(here=> ::autotest::__private),
    }
}

/// The base for the details of a test. A constant takes time to compile, so a single test has none.
#[derive(Clone, Copy)]
enum Base {
    Default,
    /// A constant with the module and the options of the suite, which all its tests refer to.
    Here,
}

impl Base {
    /// An expression for the details with these fields.
    fn details(self, fields: TokenStream) -> TokenStream {
        let here = Span::mixed_site();
        match self {
            Base::Here if fields.is_empty() => quote_spanned!(here=> __AUTOTEST_HERE),
            Base::Here => quote_spanned! {here=>
                &__autotest::Details { #fields ..*__AUTOTEST_HERE }
            },
            Base::Default => quote_spanned! {here=>
                &__autotest::Details {
                    #fields
                    module: &__autotest::Module {
                        path: ::core::module_path!(),
                        file: ::core::file!(),
                    },
                    ..__autotest::Details::DEFAULT
                }
            },
        }
    }

    fn constant(self, suite: &Options) -> Option<TokenStream> {
        let here = Span::mixed_site();
        let details = Base::Default.details(fields::meta(suite).unwrap_or_default());
        matches!(self, Base::Here).then(|| {
            quote_spanned! {here=>
                const __AUTOTEST_HERE: &__autotest::Details = #details;
            }
        })
    }
}

/// The code for one test.
struct Entry {
    /// The constant on which its cases are based.
    constant: Option<TokenStream>,
    elements: TokenStream,
}

impl Entry {
    fn new((index, test): (usize, &Test), base: Base, conclusions: &Conclusions) -> Entry {
        let here = Span::mixed_site();
        let (cfg, functions) = (cfg(&test.conditions), bind::functions(test));
        let def = fields::def(test, base, conclusions);
        let def = match functions.is_empty() {
            true => def,
            false => quote_spanned!(here=> { #functions #def }),
        };
        if test.cases.is_empty() {
            let elements = quote_spanned!(here=> #cfg #def,);
            return Entry {
                constant: None,
                elements,
            };
        }
        let name = format_ident!("__AUTOTEST_{index}", span = here);
        let constant = quote_spanned!(here=> #cfg const #name: __autotest::TestDef = #def;);
        let cases = test.cases.iter().zip(1..);
        let elements = cases
            .map(|(case, i)| element(case, i, &name, &cfg))
            .collect();
        Entry {
            constant: Some(constant),
            elements,
        }
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
            details: &__autotest::Details {
                case: __autotest::Some(&__autotest::CaseDef {
                    name: #name,
                    index: #index,
                    args: &[#(#args),*],
                }),
                ..*#base.details
            },
            ..#base
        },
    }
}

/// The conditions as `#[cfg]` attributes.
pub(crate) fn cfg(conditions: &[TokenStream]) -> TokenStream {
    quote_spanned!(Span::mixed_site()=> #(#[cfg(#conditions)])*)
}

/// The source file that contains a name.
fn file(name: &Ident) -> String {
    match proc_macro::is_available() {
        true => name.span().unwrap().file(),
        false => String::new(),
    }
}

/// The line of the test's name, not the line of the attribute or of the suite.
fn line(name: &Ident) -> u32 {
    match proc_macro::is_available() {
        true => u32::try_from(name.span().unwrap().line()).unwrap_or(0),
        false => 0,
    }
}

//! The registrations of control functions and hooks.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use super::{Base, bind, call, cfg, fields, file, line, private, record};
use crate::step::{Returns, Step};
use crate::test::{Shape, Test};

/// The registration of a control function.
pub(crate) fn control(function: &Test) -> TokenStream {
    let Shape::Function(step) = &function.shape else {
        return TokenStream::new();
    };
    let private = private(function.options.path("crate"));
    let cfg = cfg(&function.conditions);
    let functions = bind::functions(function);
    let (name, line) = (fields::name(function), line(&function.name));
    let details = Base::Default.details(fields::of_control(function));
    let (run, record) = (run(step, function), record::of_control(function));
    quote_spanned! {here()=>
        #cfg
        const _: () = {
            use #private as __autotest;
            #functions
            #run
            #record
            __autotest::submit! {
                __autotest::ControlDef {
                    def: __autotest::TestDef {
                        name: #name,
                        line: #line,
                        details: #details,
                        ..__autotest::TestDef::DEFAULT
                    },
                    run: __run,
                }
            }
        };
    }
}

/// The function that converts the arguments and calls the author's.
fn run(step: &Step, function: &Test) -> TokenStream {
    let bound = (!step.args.is_empty()).then(|| {
        let types = call::bound_types(step, function);
        quote_spanned!(here()=> let bound = __autotest::bound::<(#(#types,)*)>(__bind, args)?;)
    });
    let args = match step.args.is_empty() {
        true => quote_spanned!(here()=> _),
        false => quote_spanned!(here()=> args),
    };
    let arguments = call::arguments(step, function);
    let name = &step.function;
    let call = concluded(step, &quote_spanned!(here()=> #name(job, #(#arguments),*)));
    quote_spanned! {here()=>
        fn __run(
            job: &mut __autotest::Job,
            #args: &__autotest::Args,
        ) -> __autotest::TestResult {
            #bound
            #call
        }
    }
}

/// The registration of a hook.
pub(crate) fn hook(function: &Test) -> TokenStream {
    let Shape::Function(step) = &function.shape else {
        return TokenStream::new();
    };
    let private = private(function.options.path("crate"));
    let cfg = cfg(&function.conditions);
    let (name, line) = (fields::name(function), line(&function.name));
    let file = file(&function.name);
    let target = &step.function;
    let call = concluded(step, &quote_spanned!(here()=> #target(cx)));
    let record = record::of_hook(function);
    quote_spanned! {here()=>
        #cfg
        const _: () = {
            use #private as __autotest;
            fn __call(cx: &mut __autotest::TestContext) -> __autotest::TestResult {
                #call
            }
            #record
            __autotest::submit! {
                __autotest::HookDef {
                    name: #name,
                    line: #line,
                    module: &__autotest::Module {
                        path: ::core::module_path!(),
                        file: #file,
                    },
                    call: __call,
                }
            }
        };
    }
}

/// The call, as an expression of the type `TestResult` that ends a block.
fn concluded(step: &Step, call: &TokenStream) -> TokenStream {
    match &step.returns {
        Returns::Unit => quote_spanned!(here()=> #call; __autotest::Ok(())),
        Returns::TestResult => call.clone(),
        Returns::Other(ty) => super::conclusion::conclude(ty, call),
    }
}

fn here() -> Span {
    Span::mixed_site()
}

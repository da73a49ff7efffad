//! The registration of a profiler.

use autotest_core::Phase;
use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::ext::IdentExt;

use super::{Base, bind, call, cfg, conclusion, fields, line, private, record};
use crate::options::Value;
use crate::step::{Returns, Step};
use crate::test::{Shape, Test};

/// The implementation of the runtime's trait, and the registration.
pub(crate) fn profiler(profiler: &Test) -> TokenStream {
    let Shape::Phases { ty, steps, .. } = &profiler.shape else {
        return TokenStream::new();
    };
    let private = private(profiler.options.path("crate"));
    let cfg = cfg(&profiler.conditions);
    let functions = bind::functions(profiler);
    let (name, line) = (name(profiler), line(&profiler.name));
    let details = Base::Default.details(fields::of_profiler(profiler));
    let record = record::of_profiler(profiler, &name);
    let steps = steps.iter().map(|step| function(step, profiler));
    quote_spanned! {here()=>
        #cfg
        const _: () = {
            use #private as __autotest;
            #record
            #functions
            impl __autotest::Profiler for #ty {
                #(#steps)*
            }
            impl __autotest::DefinedProfiler for #ty {
                const DEF: __autotest::ProfilerDef = __autotest::ProfilerDef {
                    def: __autotest::TestDef {
                        name: #name,
                        line: #line,
                        details: #details,
                        ..__autotest::TestDef::DEFAULT
                    },
                    new: || __autotest::Ok(__autotest::Box::new(<#ty as ::core::default::Default>::default())),
                };
            }
            __autotest::submit! { <#ty as __autotest::DefinedProfiler>::DEF }
        };
    }
}

/// The name of the option, or one made of the type's.
fn name(profiler: &Test) -> String {
    match profiler.options.get("name") {
        Some(Value::Name(name)) => name.value(),
        _ => crate::profiler::name_of(&profiler.name.unraw().to_string()),
    }
}

/// The functions of the trait for a step.
fn function(step: &Step, profiler: &Test) -> TokenStream {
    let (cfg, name) = (cfg(&step.conditions), &step.function);
    let takes_args = matches!(step.phase, Phase::Initialize | Phase::Setup);
    let args_name = match step.args.is_empty() {
        true => quote_spanned!(here()=> _),
        false => quote_spanned!(here()=> args),
    };
    let args = takes_args.then(|| quote_spanned!(here()=> , #args_name: &__autotest::Args));
    let cx = match step.has_context {
        true => quote_spanned!(here()=> cx),
        false => quote_spanned!(here()=> _),
    };
    let has_setup = (step.phase == Phase::Setup).then(|| {
        quote_spanned! {here()=>
            #cfg
            fn has_setup(&self) -> bool { true }
        }
    });
    let body = body(step, profiler);
    quote_spanned! {here()=>
        #has_setup
        #cfg
        fn #name(
            &mut self,
            #cx: &mut __autotest::ProfilerContext
            #args
        ) -> __autotest::TestResult {
            #body
        }
    }
}

/// Calls the author's function.
fn body(step: &Step, profiler: &Test) -> TokenStream {
    let (name, phase) = (&step.function, fields::phase(step.phase));
    let bound = (!step.args.is_empty()).then(|| {
        let types = call::bound_types(step, profiler);
        quote_spanned! {here()=>
            let bound = __autotest::bound_in::<(#(#types,)*)>(__bind, #phase, args)?;
        }
    });
    let context = step.has_context.then(|| quote_spanned!(here()=> cx,));
    let arguments = call::arguments(step, profiler);
    let call = quote_spanned!(here()=> Self::#name(self, #context #(#arguments),*));
    let outcome = match &step.returns {
        Returns::Unit => quote_spanned!(here()=> #call; __autotest::Ok(())),
        Returns::TestResult => call,
        Returns::Other(ty) => conclusion::conclude(ty, &call),
    };
    quote_spanned!(here()=> #bound #outcome)
}

fn here() -> Span {
    Span::mixed_site()
}

//! The thunks between the lifecycle and the author's functions.

use autotest_core::Phase;
use proc_macro2::{Literal, Span, TokenStream};
use quote::quote_spanned;

use super::conclusion::{Conclusions, conclude};
use super::{cfg, fields};
use crate::errors::first_span;
use crate::param_type::PassAs;
use crate::step::{Arg, Returns, Step};
use crate::test::{Constructor, Shape, Test};

/// The value of `TestDef::call`.
pub(super) fn call(test: &Test, conclusions: &Conclusions) -> TokenStream {
    match &test.shape {
        Shape::Function(step) => free(step, test, conclusions),
        Shape::Phases {
            ty, constructor, ..
        } => construct(ty, constructor),
    }
}

fn here() -> Span {
    Span::mixed_site()
}

/// A plain function pointer if the signature allows it, otherwise a thunk. The thunk is a function, which
/// takes a quarter less time to compile than a closure.
fn free(step: &Step, test: &Test, conclusions: &Conclusions) -> TokenStream {
    if let Some(call) = plain(test) {
        return quote_spanned!(here()=> __autotest::Call::#call);
    }
    let function = &step.function;
    let conclude = |ty: &_, call: &_| conclusions.call(test, ty, call);
    let body = body(step, test, quote_spanned!(here()=> #function), conclude);
    let is_used = step.has_context || !step.args.is_empty();
    let cx = if is_used {
        quote_spanned!(here()=> cx)
    } else {
        quote_spanned!(here()=> _)
    };
    quote_spanned! {here()=>
        __autotest::Call::Context({
            fn __call(#cx: &mut __autotest::TestContext) -> __autotest::TestResult {
                #body
            }
            __call
        })
    }
}

/// The variant of `Call` for the function itself, if its signature has one.
pub(super) fn plain(test: &Test) -> Option<TokenStream> {
    let Shape::Function(step) = &test.shape else {
        return None;
    };
    let function = &step.function;
    if step.is_async || !step.args.is_empty() {
        return None;
    }
    match (&step.returns, step.has_context) {
        (Returns::Unit, false) => Some(quote_spanned!(here()=> Unit(#function))),
        (Returns::Unit, true) => Some(quote_spanned!(here()=> UnitContext(#function))),
        (Returns::TestResult, false) => Some(quote_spanned!(here()=> Plain(#function))),
        (Returns::TestResult, true) => Some(quote_spanned!(here()=> Context(#function))),
        (Returns::Other(_), _) => None,
    }
}

fn construct(ty: &TokenStream, constructor: &Constructor) -> TokenStream {
    match constructor {
        Constructor::Default => {
            quote_spanned!(here()=> __autotest::Call::Phases(__autotest::by_default::<#ty>))
        }
        Constructor::New { has_context, fails } => {
            let cx = match has_context {
                true => quote_spanned!(here()=> cx),
                false => quote_spanned!(here()=> _),
            };
            let arg = has_context.then(|| quote_spanned!(here()=> cx));
            let new = quote_spanned!(here()=> <#ty>::new(#arg));
            let new = match fails {
                None => new,
                Some(made) => {
                    let new = conclude(made, &new);
                    quote_spanned!(here()=> { let made: #ty = #new?; made })
                }
            };
            quote_spanned! {here()=>
                __autotest::Call::Phases(|#cx| __autotest::Ok(__autotest::Box::new(#new)))
            }
        }
    }
}

/// `impl Phases for …`, for a test that is an `impl` block.
pub(super) fn implementation(test: &Test) -> TokenStream {
    let Shape::Phases { ty, steps, .. } = &test.shape else {
        return TokenStream::new();
    };
    let arms = steps.iter().map(|step| {
        let function = &step.function;
        let (cfg, phase) = (cfg(&step.conditions), fields::phase(step.phase));
        let body = body(
            step,
            test,
            quote_spanned!(here()=> Self::#function),
            conclude,
        );
        quote_spanned!(here()=> #cfg #phase => { #body })
    });
    let has_all = steps.len() == Phase::ALL.len() && steps.iter().all(|s| s.conditions.is_empty());
    let others = (!has_all).then(|| quote_spanned!(here()=> _ => __autotest::Ok(()),));
    let uses_cx = steps
        .iter()
        .any(|step| step.has_context || !step.args.is_empty());
    let cx = if uses_cx {
        quote_spanned!(here()=> cx)
    } else {
        quote_spanned!(here()=> _)
    };
    let cfg = cfg(&test.conditions);
    quote_spanned! {here()=>
        #cfg
        impl __autotest::Phases for #ty {
            fn call(
                &mut self,
                phase: __autotest::Phase,
                #cx: &mut __autotest::TestContext,
            ) -> __autotest::TestResult {
                match phase {
                    #(#arms)*
                    #others
                }
            }
        }
    }
}

/// Calls a function of the author: the content of a block of type `TestResult`.
fn body(
    step: &Step,
    test: &Test,
    target: TokenStream,
    conclude: impl FnOnce(&TokenStream, &TokenStream) -> TokenStream,
) -> TokenStream {
    let receiver = step.has_receiver.then(|| quote_spanned!(here()=> self,));
    let context = step.has_context.then(|| quote_spanned!(here()=> cx,));
    let args = arguments(step, test);
    let call = quote_spanned!(here()=> #target(#receiver #context #(#args),*));
    let call = match test.options.path("block_on").filter(|_| step.is_async) {
        Some(block_on) => quote_spanned!(here()=> #block_on(#call)),
        None => call,
    };
    let bound = bound(step, test);
    let outcome = match &step.returns {
        Returns::Unit => quote_spanned!(here()=> #call; __autotest::Ok(())),
        Returns::TestResult => call,
        Returns::Other(ty) => conclude(ty, &call),
    };
    quote_spanned!(here()=> #bound #outcome)
}

/// Gets the values of the step's parameters from the context.
fn bound(step: &Step, test: &Test) -> Option<TokenStream> {
    let types = bound_types(step, test);
    let phase = fields::phase(step.phase);
    (!step.args.is_empty())
        .then(|| quote_spanned!(here()=> let bound = cx.bound::<(#(#types,)*)>(#phase)?;))
}

/// The types of the values of the step's parameters.
pub(super) fn bound_types(step: &Step, test: &Test) -> impl Iterator<Item = TokenStream> {
    step.args.iter().map(|arg| match arg {
        Arg::Param(index, _) => test.params.get(*index).param_type.owned.clone(),
        Arg::Rest(_) => quote_spanned!(here()=> __autotest::Args),
    })
}

/// The arguments for the step's parameters, from their values.
pub(super) fn arguments(step: &Step, test: &Test) -> impl Iterator<Item = TokenStream> {
    let args = step.args.iter().enumerate();
    args.map(|(i, arg)| argument(i, arg, test))
}

fn argument(index: usize, arg: &Arg, test: &Test) -> TokenStream {
    let (Arg::Param(_, how) | Arg::Rest(how)) = arg;
    let index = Literal::usize_unsuffixed(index);
    match how {
        PassAs::Cloned => {
            let ty = match arg {
                Arg::Param(index, _) => first_span(&test.params.get(*index).ty),
                Arg::Rest(_) => None,
            };
            let here = ty.map_or(here(), |ty| here().located_at(ty));
            quote_spanned!(here=> __autotest::Clone::clone(&bound.#index))
        }
        PassAs::Reference => quote_spanned!(here()=> &bound.#index),
        PassAs::AsDeref => quote_spanned!(here()=> bound.#index.as_deref()),
        PassAs::AsRef => quote_spanned!(here()=> bound.#index.as_ref()),
    }
}

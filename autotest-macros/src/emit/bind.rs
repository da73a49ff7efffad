//! The functions that compute parameters: `__read_x` converts an argument, `__value_x` falls back to the case
//! and the default, and `__bind` computes all values of a phase.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote_spanned};

use super::{cfg, fields};
use crate::matrix::{Axis, Matrix};
use crate::param::{Clause, Param};
use crate::split::visible;
use crate::step::{Arg, Step};
use crate::test::Test;
use crate::text::readable;

/// All functions for one test.
pub(super) fn functions(test: &Test) -> TokenStream {
    let params = test.params.iter().map(|param| {
        let (limits, read, value) = (limits(param), read(param), value(param, test));
        quote_spanned!(here()=> #limits #read #value)
    });
    let arms = test
        .steps()
        .iter()
        .filter(|step| !step.args.is_empty())
        .map(|step| arm(test, step));
    let arms: Vec<_> = arms.collect();
    if arms.is_empty() {
        return TokenStream::new();
    }
    quote_spanned! {here()=>
        #(#params)*
        fn __bind(
            binding: &mut __autotest::Binding<'_>,
        ) -> __autotest::TestResult<__autotest::Option<__autotest::Bound>> {
            __autotest::Ok(match binding.phase {
                #(#arms)*
                _ => __autotest::None,
            })
        }
    }
}

/// The name of the function that converts an argument.
pub(super) fn read_name(param: &Param) -> Ident {
    format_ident!("__read_{}", param.name, span = here())
}

fn value_name(param: &Param) -> Ident {
    format_ident!("__value_{}", param.name, span = here())
}

fn limits_name(param: &Param) -> Ident {
    format_ident!("__limits_{}", param.name, span = here())
}

fn here() -> Span {
    Span::mixed_site()
}

/// A `#[cfg]` that is true if any phase that declares the parameter exists.
pub(super) fn cfg_of(param: &Param) -> TokenStream {
    let places = &param.places;
    if places.iter().any(|place| place.conditions.is_empty()) {
        return TokenStream::new();
    }
    let any = places.iter().map(|place| {
        let all = &place.conditions;
        quote_spanned!(here()=> all(#(#all),*))
    });
    quote_spanned!(here()=> #[cfg(any(#(#any),*))])
}

/// The arm of a phase in `__bind`, which returns a tuple of its values.
fn arm(test: &Test, step: &Step) -> TokenStream {
    let declared: Vec<&str> = step.args.iter().filter_map(|arg| name(test, arg)).collect();
    let values = step.args.iter().map(|arg| match arg {
        Arg::Param(index, _) => {
            let value = value_name(test.params.get(*index));
            quote_spanned!(here()=> #value(binding)?,)
        }
        Arg::Rest(_) => {
            quote_spanned!(here()=> __autotest::rest(&binding.args, &[#(#declared),*]),)
        }
    });
    let (cfg, phase) = (cfg(&step.conditions), fields::phase(step.phase));
    quote_spanned! {here()=>
        #cfg
        #phase => __autotest::Some(__autotest::Bound::new((#(#values)*))),
    }
}

fn name<'a>(test: &'a Test, arg: &Arg) -> Option<&'a str> {
    match arg {
        Arg::Param(index, _) => Some(&test.params.get(*index).name),
        Arg::Rest(_) => None,
    }
}

fn has_limits(param: &Param) -> bool {
    param.clause("range").is_some() || param.clause("choices").is_some()
}

/// `__limits_x`: refuses a value that is not in the range or the choices.
fn limits(param: &Param) -> TokenStream {
    if !has_limits(param) {
        return TokenStream::new();
    }
    let (cfg, function, owned) = (cfg_of(param), limits_name(param), &param.param_type.owned);
    let inner = param.param_type.is_optional.then(|| {
        quote_spanned! {here()=>
            let __autotest::Some(value) = value else { return __autotest::Ok(()) };
        }
    });
    let (range, choices) = (range(param), choices(param));
    quote_spanned! {here()=>
        #cfg
        fn #function(
            name: &'static __autotest::str,
            value: &#owned,
        ) -> __autotest::Result<(), __autotest::ParamError> {
            #inner
            #range
            #choices
            __autotest::Ok(())
        }
    }
}

fn range(param: &Param) -> Option<TokenStream> {
    let (ty, range) = (readable(&param.ty), &param.clause("range")?.tokens);
    let text = readable(range);
    Some(quote_spanned!(here()=> __autotest::in_range(name, #ty, value, &(#range), #text)?;))
}

fn choices(param: &Param) -> Option<TokenStream> {
    let (ty, choices) = (readable(&param.ty), &param.clause("choices")?.tokens);
    let text = readable(choices);
    Some(quote_spanned!(here()=> __autotest::in_choices(name, #ty, value, &[#choices], #text)?;))
}

/// `__read_x`: converts an argument to the parameter's type and checks its limits.
fn read(param: &Param) -> TokenStream {
    let (cfg, function, owned) = (cfg_of(param), read_name(param), &param.param_type.owned);
    let decoded = hidden(param, decoded(param));
    let body = match has_limits(param) {
        false => decoded,
        true => {
            let limits = limits_name(param);
            let within = quote_spanned!(here()=> __autotest::within(name, #decoded?, #limits));
            hidden(param, within)
        }
    };
    quote_spanned! {here()=>
        #cfg
        fn #function(
            name: &'static __autotest::str,
            arg: &__autotest::Arg,
        ) -> __autotest::Result<#owned, __autotest::ParamError> {
            #body
        }
    }
}

fn decoded(param: &Param) -> TokenStream {
    let (ty, owned) = (readable(&param.ty), &param.param_type.owned);
    let Some(reader) = reader(param) else {
        return quote_spanned!(here()=> __autotest::argument::<#owned>(name, #ty, arg));
    };
    let read = quote_spanned!(here()=> __autotest::with(name, #ty, arg, #reader));
    match param.param_type.is_optional {
        true => quote_spanned!(here()=> #read.map(__autotest::Some)),
        false => read,
    }
}

/// The function that parses the text of an argument, if it is not parsed as JSON.
fn reader(param: &Param) -> Option<TokenStream> {
    if let Some(with) = param.clause("with") {
        return Some(with.tokens.clone());
    }
    let is_duration = param
        .param_type
        .name
        .as_ref()
        .is_some_and(|name| name == "Duration");
    is_duration.then(|| quote_spanned!(here()=> __autotest::duration))
}

/// Hides the value in the error of a secret.
fn hidden(param: &Param, result: TokenStream) -> TokenStream {
    match param.is_secret() {
        true => quote_spanned!(here()=> __autotest::hidden(#result)),
        false => result,
    }
}

/// `__value_x`: the argument, the case's value, or the default.
fn value(param: &Param, test: &Test) -> TokenStream {
    let (cfg, function, owned) = (cfg_of(param), value_name(param), &param.param_type.owned);
    let (name, read) = (&param.name, read_name(param));
    let otherwise = otherwise(param, &test.matrix);
    quote_spanned! {here()=>
        #cfg
        fn #function(
            binding: &__autotest::Binding<'_>,
        ) -> __autotest::TestResult<#owned> {
            match __autotest::given(binding, #name, #read)? {
                __autotest::Some(value) => __autotest::Ok(value),
                __autotest::None => #otherwise,
            }
        }
    }
}

fn otherwise(param: &Param, matrix: &Matrix) -> TokenStream {
    if let Some((axis, stride)) = matrix.axis(&param.name) {
        return one_of(param, axis, stride);
    }
    let first = if matrix.has_values() { 0usize } else { 1 };
    let arms = matrix
        .cases
        .iter()
        .zip(first..)
        .filter_map(|(case, index)| {
            let arg = case.args.iter().find(|arg| arg.param == param.name)?;
            let value = expression(param, &arg.value, None);
            Some(quote_spanned!(here()=> #index => #value,))
        });
    let arms: Vec<_> = arms.collect();
    let default = default(param);
    if arms.is_empty() {
        return default;
    }
    let (stride, count) = (matrix.stride_of_cases(), matrix.cases.len());
    let index = match matrix.has_values() {
        true => quote_spanned!(here()=> binding.position(#stride, #count)),
        false => quote_spanned!(here()=> binding.case_index),
    };
    quote_spanned!(here()=> match #index { #(#arms)* _ => #default })
}

/// One of the values of a parameter: an arm for each value, however many tests have it.
fn one_of(param: &Param, axis: &Axis, stride: usize) -> TokenStream {
    let count = axis.len();
    let arms = axis.values().enumerate().map(|(index, value)| {
        let value = expression(param, value, None);
        match index + 1 == count {
            true => quote_spanned!(here()=> _ => #value,),
            false => quote_spanned!(here()=> #index => #value,),
        }
    });
    quote_spanned!(here()=> match binding.position(#stride, #count) { #(#arms)* })
}

fn default(param: &Param) -> TokenStream {
    if let Some(Clause {
        tokens, context, ..
    }) = param.clause("default")
    {
        return expression(param, tokens, context.as_ref());
    }
    if param.param_type.is_optional {
        return quote_spanned!(here()=> __autotest::Ok(__autotest::None));
    }
    let (name, ty) = (&param.name, readable(&param.ty));
    quote_spanned!(here()=> __autotest::missing(#name, #ty))
}

/// The author's expression for a value, wrapped in a `TestResult`.
fn expression(param: &Param, tokens: &TokenStream, context: Option<&Ident>) -> TokenStream {
    let value = converted(param, tokens);
    let value = match context.filter(|context| mentions(tokens, context)) {
        Some(context) => quote_spanned!(here()=> { let #context = binding.context(); #value }),
        None => value,
    };
    if !has_limits(param) {
        return quote_spanned!(here()=> __autotest::Ok(#value));
    }
    let (name, limits) = (&param.name, limits_name(param));
    let within = quote_spanned!(here()=> __autotest::within(#name, #value, #limits));
    let within = hidden(param, within);
    quote_spanned!(here()=> __autotest::Ok(#within?))
}

/// Converts a string literal with the parameter's reader or, without one, with `From`.
fn converted(param: &Param, tokens: &TokenStream) -> TokenStream {
    let tokens = match visible(tokens.clone()).as_slice() {
        [TokenTree::Literal(literal)] if literal.to_string().ends_with(['"', '#']) => {
            literal.clone()
        }
        _ => return typed(param, tokens),
    };
    if reader(param).is_some() {
        let (name, read) = (&param.name, read_name(param));
        return quote_spanned!(here()=> #read(#name, &__autotest::text(#tokens))?);
    }
    let here_at = here().located_at(tokens.span());
    let value = quote_spanned!(here_at=> __autotest::literal(#tokens));
    match param.param_type.is_optional {
        true => quote_spanned!(here()=> __autotest::Some(#value)),
        false => value,
    }
}

/// An expression of the parameter's type. If its type is wrong, the compiler's error points to both.
fn typed(param: &Param, tokens: &TokenStream) -> TokenStream {
    let owned = &param.param_type.owned;
    quote_spanned!(here()=> { let value: #owned = #tokens; value })
}

fn mentions(tokens: &TokenStream, name: &Ident) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Group(group) => mentions(&group.stream(), name),
        _ => false,
    })
}

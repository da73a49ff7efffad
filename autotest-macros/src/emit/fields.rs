//! The `TestDef` literal of a test, with the fields that differ from the defaults.

use autotest_core::Phase;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::ext::IdentExt;

use super::conclusion::Conclusions;
use super::{Base, bind, call, cfg, line};
use crate::options::{Options, Value, Version};
use crate::param::{Param, Place};
use crate::step::{Arg, Step};
use crate::test::{Shape, Test};
use crate::text::readable;

/// `TestDef { … }`
pub(super) fn def(test: &Test, base: Base, conclusions: &Conclusions) -> TokenStream {
    let (name, line, call) = (name(test), line(&test.name), call::call(test, conclusions));
    let details = base.details(details(test, base));
    quote_spanned! {here()=>
        __autotest::TestDef { name: #name, line: #line, call: #call, details: #details }
    }
}

/// Whether the test has only a doc comment.
pub(super) fn is_lone(test: &Test) -> bool {
    let has_only_crate = test
        .options
        .iter()
        .all(|(_, value)| matches!(value, Value::Path(_)));
    has_only_crate && test.cases.is_empty() && test.conditions.is_empty()
}

/// The fields of `Details` that differ from the base.
fn details(test: &Test, base: Base) -> TokenStream {
    let mut fields = Fields::default();
    if !test.doc.is_empty() {
        fields.text("doc", &test.doc);
    }
    if let Some(Value::Name(_)) = test.options.get("name") {
        let item = test.name.unraw().to_string();
        fields.add("renamed", quote_spanned!(here()=> __autotest::Some(#item)));
    }
    fields.params(test);
    let shares_meta = matches!(base, Base::Here) && !test.has_own_options;
    if !shares_meta {
        fields.0.extend(meta(&test.options));
    }
    fields.0
}

/// The fields of the `Details` of a control function, whose only step is `execute`.
pub(super) fn of_control(function: &Test) -> TokenStream {
    let mut fields = details(function, Base::Default);
    let phases = step_set(function.steps().iter());
    fields.extend(quote_spanned!(here()=> phases: #phases,));
    fields
}

/// The fields of the `Details` of a profiler. Its phases are those of its steps that take parameters; with `execute`
/// among them, no argument of the framework is known.
pub(super) fn of_profiler(profiler: &Test) -> TokenStream {
    let mut fields = Fields::default();
    if !profiler.doc.is_empty() {
        fields.text("doc", &profiler.doc);
    }
    let params: Vec<_> = profiler.params.iter().map(param).collect();
    let with_params = || profiler.steps().iter().filter(|step| !step.args.is_empty());
    let phases = with_params().map(|step| {
        let (cfg, phase) = (cfg(&step.conditions), phase(step.phase));
        quote_spanned!(here()=> #cfg #phase,)
    });
    let phases = quote_spanned!(here()=> __autotest::PhaseSet::of(&[#(#phases)* __autotest::Phase::Execute]));
    fields.add("phases", phases);
    if has_rest(profiler) {
        let with_rest = profiler.steps().iter().filter(|step| takes_rest(step));
        fields.add("catch_all", step_set(with_rest));
    }
    if !params.is_empty() {
        fields.add("params", quote_spanned!(here()=> &[#(#params),*]));
    }
    fields.0.extend(meta(&profiler.options));
    fields.0
}

/// The field `meta`, if there are any options.
pub(super) fn meta(options: &Options) -> Option<TokenStream> {
    let mut fields = Fields::default();
    for (name, value) in options.iter() {
        fields.option(name, value);
    }
    let fields = fields.0;
    (!fields.is_empty()).then(|| {
        quote_spanned! {here()=>
            meta: &__autotest::Metadata { #fields ..__autotest::Metadata::DEFAULT },
        }
    })
}

/// The name of a test, without its case.
pub(super) fn name(test: &Test) -> String {
    match test.options.get("name") {
        Some(Value::Name(name)) => name.value(),
        _ => test.name.unraw().to_string(),
    }
}

/// Whether any phase has a catch-all parameter.
pub(super) fn has_rest(test: &Test) -> bool {
    test.steps().iter().any(takes_rest)
}

/// Whether the step has a catch-all parameter.
pub(super) fn takes_rest(step: &Step) -> bool {
    step.args.iter().any(|arg| matches!(arg, Arg::Rest(_)))
}

fn here() -> Span {
    Span::mixed_site()
}

#[derive(Default)]
struct Fields(TokenStream);

impl Fields {
    fn add(&mut self, name: &str, value: TokenStream) {
        let name = Ident::new(name, here());
        self.0.extend(quote_spanned!(here()=> #name: #value,));
    }

    fn text(&mut self, name: &str, text: &str) {
        self.add(name, quote_spanned!(here()=> #text));
    }

    /// Adds the field of an option, which has the option's name.
    fn option(&mut self, name: &str, value: &Value) {
        let value = match value {
            Value::Text(text) if name == "ignore" => {
                quote_spanned!(here()=> __autotest::Some(#text))
            }
            Value::Text(text) if name == "leaks" => {
                let policy = Ident::new(text, here());
                quote_spanned!(here()=> __autotest::leaks!(#policy))
            }
            Value::Text(text) => quote_spanned!(here()=> #text),
            Value::Texts(rows) if name == "sysinfo" => {
                quote_spanned!(here()=> __autotest::sysinfo!(#(#rows),*))
            }
            Value::Texts(texts) => quote_spanned!(here()=> &[#(#texts),*]),
            Value::Flag(flag) => quote_spanned!(here()=> #flag),
            Value::Count(count) => quote_spanned!(here()=> __autotest::Some(#count)),
            Value::Version(version) => self::version(version),
            Value::Timeout(timeout) => {
                let (secs, nanos) = (timeout.as_secs(), timeout.subsec_nanos());
                quote_spanned!(here()=> __autotest::Some(__autotest::Duration::new(#secs, #nanos)))
            }
            Value::ExpectFail => quote_spanned!(here()=> __autotest::Expect::Fail),
            Value::Name(_) | Value::Path(_) => return,
        };
        self.add(name, value);
    }

    /// Adds the fields for parameters and phases.
    fn params(&mut self, test: &Test) {
        let params: Vec<_> = test.params.iter().map(param).collect();
        if let Shape::Phases { steps, .. } = &test.shape {
            self.add("phases", step_set(steps.iter()));
        }
        if has_rest(test) {
            let with_rest = test.steps().iter().filter(|step| takes_rest(step));
            self.add("catch_all", step_set(with_rest));
        }
        if !params.is_empty() {
            self.add("params", quote_spanned!(here()=> &[#(#params),*]));
        }
        if !params.is_empty() || has_rest(test) {
            self.add("bind", quote_spanned!(here()=> __autotest::Some(__bind)));
        }
    }
}

fn version(version: &Version) -> TokenStream {
    match version {
        Version::Int(int) => {
            let int = proc_macro2::Literal::i64_unsuffixed(*int);
            quote_spanned!(here()=> __autotest::Version::Int(#int))
        }
        Version::Float(float) => {
            let float = proc_macro2::Literal::f64_unsuffixed(*float);
            quote_spanned!(here()=> __autotest::Version::Float(#float))
        }
        Version::Text(text) => quote_spanned!(here()=> __autotest::Version::Text(#text)),
    }
}

fn step_set<'a>(steps: impl Iterator<Item = &'a Step>) -> TokenStream {
    let phases = steps.map(|step| {
        let (cfg, phase) = (cfg(&step.conditions), phase(step.phase));
        quote_spanned!(here()=> #cfg #phase)
    });
    quote_spanned!(here()=> __autotest::PhaseSet::of(&[#(#phases),*]))
}

fn place_set(places: &[Place]) -> TokenStream {
    let phases = places.iter().map(|place| {
        let (cfg, phase) = (cfg(&place.conditions), phase(place.phase));
        quote_spanned!(here()=> #cfg #phase)
    });
    quote_spanned!(here()=> __autotest::PhaseSet::of(&[#(#phases),*]))
}

/// `__autotest::Phase::RunOnce`
pub(super) fn phase(phase: Phase) -> TokenStream {
    let variant = format_ident!("{}", format!("{phase:?}"), span = here());
    quote_spanned!(here()=> __autotest::Phase::#variant)
}

/// `ParamDef { … }`
fn param(param: &Param) -> TokenStream {
    let mut fields = Fields::default();
    fields.text("name", &param.name);
    fields.text("ty", &readable(&param.ty));
    let doc = param.doc();
    if !doc.is_empty() {
        fields.text("doc", &doc);
    }
    if !param.is_required() {
        fields.add("required", quote_spanned!(here()=> false));
    }
    for name in ["default", "range", "with"] {
        if let Some(text) = param.shown(name) {
            fields.add(name, quote_spanned!(here()=> __autotest::Some(#text)));
        }
    }
    let choices = param.choices();
    if !choices.is_empty() {
        fields.add("choices", quote_spanned!(here()=> &[#(#choices),*]));
    }
    if param.is_secret() {
        fields.add("secret", quote_spanned!(here()=> true));
    }
    fields.add("phases", place_set(&param.places));
    let read = bind::read_name(param);
    fields.add(
        "check",
        quote_spanned!(here()=> |param, arg| #read(param.name, arg).map(|_| ())),
    );
    let (cfg, fields) = (bind::cfg_of(param), fields.0);
    quote_spanned!(here()=> #cfg __autotest::ParamDef { #fields ..__autotest::ParamDef::DEFAULT })
}

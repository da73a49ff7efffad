//! Metadata of tests in the ELF section `autotest_meta`, for tools that cannot run the binary.
//!
//! It consists of JSON lines, one for each test of a module. Lines with the same `module`, `name` and `case`
//! describe one test, and their lists are to be joined: a phase with a `#[cfg]` has a separate line with the
//! same `#[cfg]`, in which a parameter has its place among all of the test's (`at`). Options have their names from
//! the attribute; those that are not given are left out. Control functions and hooks have a `kind`.
//!
//! `main!` adds a line with the path of its module, `main`, instead of a `name`: ids of the crate's tests do not
//! have it. `suite`, `attr` and `crates` are its arguments.

use std::fmt::Write;

use autotest_core::Phase;
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::ext::IdentExt;

use super::{cfg, fields};
use crate::case::Case;
use crate::main_macro::Main;
use crate::options::{Value, Version};
use crate::param::{Param, Place};
use crate::step::Step;
use crate::test::{Shape, Test};
use crate::text::readable;

/// The records of a module: one for everything unconditional, and one for each condition.
pub(super) fn all(tests: &[Test]) -> TokenStream {
    let mut records = vec![Record::default()];
    for test in tests {
        let mut own = vec![Record {
            conditions: test.conditions.clone(),
            ..Record::default()
        }];
        match test.cases.as_slice() {
            [] => add_lines(test, None, &mut own),
            cases => cases
                .iter()
                .for_each(|case| add_lines(test, Some(case), &mut own)),
        }
        for record in own {
            match record.conditions.is_empty() {
                true => records[0].append(record),
                false => records.push(record),
            }
        }
    }
    let records = records.iter().filter(|record| !record.pieces.is_empty());
    records
        .enumerate()
        .map(|(index, record)| record.tokens(index))
        .collect()
}

/// The line of a test without cases and conditions: the text before and after the module's path.
pub(super) fn line(test: &Test) -> [String; 2] {
    let (before, mut json) = head(test, None);
    whole(test, None, &mut json);
    phases(test, |_| true, &mut json);
    [before, json.0 + "}\n"]
}

/// The record of `main!`.
pub(super) fn of_main(main: &Main) -> TokenStream {
    let mut json = Json("\"".to_owned());
    for (name, value) in [("suite", &main.suite), ("attr", &main.attr)] {
        if let Some(value) = value {
            json.text(name, &value.value());
        }
    }
    if !main.crates.is_empty() {
        let crates: Vec<String> = main
            .crates
            .iter()
            .map(|it| it.unraw().to_string())
            .collect();
        json.texts("crates", &crates);
    }
    alone("{\"v\":1,\"main\":\"".to_owned(), json)
}

/// The line of a control function.
pub(super) fn of_control(function: &Test) -> TokenStream {
    let (before, mut json) = head_of("control", function, None);
    whole(function, None, &mut json);
    json.texts("phases", &[Phase::Execute.name().to_owned()]);
    phases(function, |_| true, &mut json);
    alone(before, json)
}

/// The line of a hook.
pub(super) fn of_hook(function: &Test) -> TokenStream {
    let (before, mut json) = head_of("hook", function, None);
    whole(function, None, &mut json);
    json.texts("phases", &[]);
    alone(before, json)
}

/// The line of a profiler with this name. Of its steps, those are phases that have parameters.
pub(super) fn of_profiler(profiler: &Test, name: &str) -> TokenStream {
    let (before, mut json) = head_named("profiler", name, None);
    place_and_doc(profiler, &mut json);
    // Its name is in its head.
    let options = profiler.options.iter().filter(|(name, _)| *name != "name");
    options.for_each(|(name, value)| json.option(name, value));
    let with_params = profiler.steps().iter().filter(|step| !step.args.is_empty());
    let mut phases = names(&mut { with_params });
    phases.push(Phase::Execute.name().to_owned());
    json.texts("phases", &phases);
    params(profiler, |_| true, &mut json);
    alone(before, json)
}

fn alone(before: String, json: Json) -> TokenStream {
    let mut record = Record::default();
    record.add(before, json.0 + "}\n");
    record.tokens(0)
}

/// Text with the same conditions.
#[derive(Default)]
struct Record {
    conditions: Vec<TokenStream>,
    /// The module's path is inserted between two pieces.
    pieces: Vec<String>,
}

impl Record {
    /// Adds a line, given the text before and after the module's path.
    fn add(&mut self, before: String, after: String) {
        self.append(Record {
            pieces: vec![before, after],
            ..Record::default()
        });
    }

    /// Adds the lines of another record.
    fn append(&mut self, other: Record) {
        let mut pieces = other.pieces.into_iter();
        let first = pieces.next().unwrap_or_default();
        match self.pieces.last_mut() {
            Some(last) => last.push_str(&first),
            None => self.pieces.push(first),
        }
        self.pieces.extend(pieces);
    }

    fn tokens(&self, index: usize) -> TokenStream {
        let name = format_ident!("__AUTOTEST_RECORD_{index}", span = Span::mixed_site());
        let (first, rest) = self
            .pieces
            .split_first()
            .expect("a record without lines is left out");
        let cfg = cfg(&self.conditions);
        let len: usize = self.pieces.iter().map(String::len).sum();
        let paths = rest.len();
        quote_spanned! {Span::mixed_site()=>
            #cfg
            __autotest::record! {
                #name [#len + #paths * ::core::module_path!().len()]
                #first #(, ::core::module_path!(), #rest)*
            }
        }
    }
}

/// Adds the line of a test or a case, and the lines of its conditional phases.
fn add_lines(test: &Test, case: Option<&Case>, records: &mut Vec<Record>) {
    let (before, head) = head(test, case);
    let is_sure = |step: &Step| step.conditions.is_empty();
    let mut json = head.clone();
    whole(test, case, &mut json);
    phases(test, is_sure, &mut json);
    records[0].add(before.clone(), json.0 + "}\n");
    for step in test.steps().iter().filter(|step| !is_sure(step)) {
        let mut json = head.clone();
        phases(test, |other| std::ptr::eq(other, step), &mut json);
        let conditions = test
            .conditions
            .iter()
            .chain(&step.conditions)
            .cloned()
            .collect();
        let mut record = Record {
            conditions,
            ..Record::default()
        };
        record.add(before.clone(), json.0 + "}\n");
        records.push(record);
    }
}

/// The members that identify a test, before and after the module's path.
fn head(test: &Test, case: Option<&Case>) -> (String, Json) {
    head_of("test", test, case)
}

fn head_of(kind: &str, test: &Test, case: Option<&Case>) -> (String, Json) {
    head_named(kind, &fields::name(test), case)
}

fn head_named(kind: &str, name: &str, case: Option<&Case>) -> (String, Json) {
    let mut before = Json("{\"v\":1".to_owned());
    if kind != "test" {
        before.text("kind", kind);
    }
    before.text("name", name);
    before.key("module");
    before.0.push('"');
    let mut after = Json("\"".to_owned());
    if let Some(case) = case {
        after.text("case", &case.name);
    }
    (before.0, after)
}

fn place_and_doc(test: &Test, json: &mut Json) {
    json.text("file", &super::file(&test.name));
    json.raw("line", super::line(&test.name));
    if !test.doc.is_empty() {
        json.text("doc", &test.doc);
    }
}

fn whole(test: &Test, case: Option<&Case>, json: &mut Json) {
    place_and_doc(test, json);
    if let Some(case) = case {
        let mut args = Json::default();
        case.args
            .iter()
            .for_each(|arg| args.text(&arg.param, &readable(&arg.value)));
        json.raw(
            "args",
            format_args!("{{{}}}", args.0.trim_start_matches(',')),
        );
    }
    for (name, value) in test.options.iter() {
        json.option(name, value);
    }
}

/// Adds the phases that `is_wanted` accepts, and their parameters.
fn phases(test: &Test, is_wanted: impl Fn(&Step) -> bool, json: &mut Json) {
    if let Shape::Phases { .. } = test.shape {
        let mut steps = test.steps().iter().filter(|step| is_wanted(step));
        json.texts("phases", &names(&mut steps));
    }
    params(test, is_wanted, json);
}

fn names(steps: &mut dyn Iterator<Item = &Step>) -> Vec<String> {
    steps.map(|step| step.phase.name().to_owned()).collect()
}

/// Adds the parameters of the phases that `is_wanted` accepts.
fn params(test: &Test, is_wanted: impl Fn(&Step) -> bool, json: &mut Json) {
    let steps = || test.steps().iter().filter(|step| is_wanted(step));
    let with_rest = names(&mut steps().filter(|step| fields::takes_rest(step)));
    if !with_rest.is_empty() {
        json.texts("catch_all", &with_rest);
    }
    let is_joined = test.steps().iter().any(|step| !step.conditions.is_empty());
    let params = test.params.iter().enumerate().filter_map(|(at, param)| {
        let places = param.places.iter();
        let places = places.filter(|place| steps().any(|step| is_of(place, step)));
        let names: Vec<String> = places.map(|place| place.phase.name().to_owned()).collect();
        (!names.is_empty()).then(|| self::param(param, &names, is_joined.then_some(at)))
    });
    let params: Vec<String> = params.collect();
    if !params.is_empty() {
        json.raw("params", format_args!("[{}]", params.join(",")));
    }
}

/// Whether a parameter is declared by this step, and not by one with another condition.
fn is_of(place: &Place, step: &Step) -> bool {
    let text = |conditions: &[TokenStream]| -> Vec<String> {
        conditions.iter().map(ToString::to_string).collect()
    };
    place.phase == step.phase && text(&place.conditions) == text(&step.conditions)
}

fn param(param: &Param, phases: &[String], at: Option<usize>) -> String {
    let mut json = Json::default();
    json.text("name", &param.name);
    json.text("type", &readable(&param.ty));
    json.raw("required", param.is_required());
    for name in ["default", "range", "with"] {
        if let Some(text) = param.shown(name) {
            json.text(name, &text);
        }
    }
    if param.is_secret() {
        json.raw("secret", true);
    }
    let (choices, doc) = (param.choices(), param.doc());
    if !choices.is_empty() {
        json.texts("choices", &choices);
    }
    if !doc.is_empty() {
        json.text("doc", &doc);
    }
    json.texts("phases", phases);
    if let Some(at) = at {
        json.raw("at", at);
    }
    format!("{{{}}}", json.0.trim_start_matches(','))
}

/// Members of a JSON object, each preceded by a comma.
#[derive(Clone, Default)]
struct Json(String);

impl Json {
    fn key(&mut self, key: &str) {
        let _ = write!(self.0, ",{}:", quoted(key));
    }

    fn raw(&mut self, key: &str, value: impl std::fmt::Display) {
        self.key(key);
        let _ = write!(self.0, "{value}");
    }

    fn text(&mut self, key: &str, text: &str) {
        self.raw(key, quoted(text));
    }

    fn texts(&mut self, key: &str, texts: &[String]) {
        let quoted: Vec<String> = texts.iter().map(|text| self::quoted(text)).collect();
        self.raw(key, format_args!("[{}]", quoted.join(",")));
    }

    fn option(&mut self, name: &str, value: &Value) {
        match value {
            Value::Name(_) => self.raw("verbatim", true),
            Value::Text(text) | Value::Version(Version::Text(text)) => self.text(name, text),
            Value::Texts(texts) => self.texts(name, texts),
            Value::Flag(flag) => self.raw(name, flag),
            Value::Count(count) => self.raw(name, count),
            Value::Version(Version::Int(int)) => self.raw(name, int),
            Value::Version(Version::Float(float)) => self.raw(name, format_args!("{float:?}")),
            Value::Timeout(timeout) => self.raw(name, timeout.as_secs_f64()),
            Value::ExpectFail => self.text(name, "fail"),
            Value::Path(_) => {}
        }
    }
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

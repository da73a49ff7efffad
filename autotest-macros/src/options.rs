//! The options of `#[autotest(…)]` and `#[suite(…)]`: one table, one reader a kind.
//!
//! This module must not know what an option does; each becomes the field of its name.

use std::collections::BTreeMap;
use std::time::Duration;

use autotest_core::{Constraint, duration, nearest};
use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Lit, LitBool, LitInt, LitStr, Token, parenthesized, token};

use crate::errors::Errors;
use crate::split::past_comma;

/// An option that there is.
struct Row {
    name: &'static str,
    kind: Kind,
    example: &'static str,
    /// Whether a suite can give it to its tests.
    is_for_suites: bool,
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Texts,
    Flag,
    Count,
    Version,
    Time,
    Timeout,
    Constraints,
    Ignore,
    Expect,
    Path,
}

const fn row(name: &'static str, kind: Kind, example: &'static str, is_for_suites: bool) -> Row {
    Row { name, kind, example, is_for_suites }
}

const ROWS: &[Row] = &[
    row("name", Kind::Text, r#"name = "net.ping""#, false),
    row("author", Kind::Text, r#"author = "who to ask""#, true),
    row("version", Kind::Version, "version = 1", true),
    row("suites", Kind::Texts, r#"suites("bvt", "perf")"#, true),
    row("attributes", Kind::Texts, r#"attributes("disk")"#, true),
    row("time", Kind::Time, r#"time = "SHORT""#, true),
    row("test_class", Kind::Text, r#"test_class = "kernel""#, true),
    row("test_category", Kind::Text, r#"test_category = "stress""#, true),
    row("dependencies", Kind::Texts, r#"dependencies("wifi")"#, true),
    row("retries", Kind::Count, "retries = 2", true),
    row("timeout", Kind::Timeout, r#"timeout = "2m""#, true),
    row("iterations", Kind::Count, "iterations = 3", true),
    row("constraints", Kind::Constraints, r#"constraints("throughput > 50")"#, true),
    row("profilers", Kind::Texts, r#"profilers("vmstat")"#, true),
    row("data", Kind::Texts, r#"data("blobs/small.bin")"#, true),
    row("network_destabilizing", Kind::Flag, "network_destabilizing", true),
    row("preserve_srcdir", Kind::Flag, "preserve_srcdir", true),
    row("postprocess_profiled_run", Kind::Flag, "postprocess_profiled_run", true),
    row("ignore", Kind::Ignore, r#"ignore = "reason""#, true),
    row("expect", Kind::Expect, r#"expect = "fail""#, false),
    row("block_on", Kind::Path, "block_on = path::to::function", true),
    row("crate", Kind::Path, "crate = path::to::autotest", true),
];

/// The classes of length that a test may give itself.
const TIMES: &[&str] = &["FAST", "SHORT", "MEDIUM", "LONG", "LENGTHY"];

/// What an option was given.
#[derive(Clone)]
pub(crate) enum Value {
    Text(String),
    Texts(Vec<String>),
    Flag(bool),
    Count(u32),
    Version(Version),
    Timeout(Duration),
    Path(TokenStream),
    ExpectFail,
}

#[derive(Clone)]
pub(crate) enum Version {
    Int(i64),
    Float(f64),
    Text(String),
}

/// The options that were given, by name.
#[derive(Clone, Default)]
pub(crate) struct Options(BTreeMap<&'static str, (Span, Value)>);

/// Whose options they are.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Owner {
    Test,
    Suite,
}

impl Options {
    /// Reads a whole attribute; what can not be read is an error and left out.
    pub(crate) fn parse(tokens: TokenStream, owner: Owner, errors: &mut Errors) -> Options {
        let mut options = Options::default();
        let entries = |input: ParseStream<'_>| {
            while !input.is_empty() {
                match options.entry(input, owner) {
                    Ok(()) => input.parse::<Option<Token![,]>>().map(drop)?,
                    Err(error) => {
                        errors.push(error);
                        past_comma(input)?;
                    }
                }
            }
            Ok(())
        };
        let whole = entries.parse2(tokens);
        errors.take(whole);
        options
    }

    fn entry(&mut self, input: ParseStream<'_>, owner: Owner) -> syn::Result<()> {
        let name = input.call(Ident::parse_any)?;
        let row = find(&name, owner)?;
        let value = row.kind.value(input).map_err(|error| explain(error, &name, row))?;
        if !(input.is_empty() || input.peek(Token![,])) {
            return Err(input.error(format!("expected `,` after option `{name}`")));
        }
        match self.0.insert(row.name, (name.span(), value)) {
            Some(_) => Err(syn::Error::new(name.span(), format!("option `{name}` is given twice"))),
            None => Ok(()),
        }
    }

    /// These options where given, a suite's where not; lists are joined.
    pub(crate) fn or(mut self, suite: &Options) -> Options {
        for (name, (span, value)) in &suite.0 {
            match (self.0.get_mut(name), value) {
                (Some((_, Value::Texts(own))), Value::Texts(joined)) => {
                    let added = joined.iter().filter(|text| !own.contains(text)).cloned();
                    let added: Vec<_> = added.collect();
                    own.splice(0..0, added);
                }
                (Some(_), _) => {}
                (None, value) => {
                    self.0.insert(name, (*span, value.clone()));
                }
            }
        }
        self
    }

    /// What was given for `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).map(|(_, value)| value)
    }

    /// Where `name` was given.
    pub(crate) fn span(&self, name: &str) -> Option<Span> {
        self.0.get(name).map(|(span, _)| *span)
    }

    /// The path that was given for `name`.
    pub(crate) fn path(&self, name: &str) -> Option<&TokenStream> {
        match self.get(name)? {
            Value::Path(path) => Some(path),
            _ => None,
        }
    }

    /// All of them, sorted by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().map(|(name, (_, value))| (*name, value))
    }
}

fn find(name: &Ident, owner: Owner) -> syn::Result<&'static Row> {
    let is_here = |row: &&Row| owner == Owner::Test || row.is_for_suites;
    let text = name.to_string();
    let Some(row) = ROWS.iter().find(|row| row.name == text) else {
        let candidates = ROWS.iter().filter(is_here).map(|row| row.name);
        return Err(syn::Error::new(name.span(), unknown("option", &text, candidates)));
    };
    if is_here(&row) {
        return Ok(row);
    }
    let message = format!("option `{name}` is one test's own: give it to the test");
    Err(syn::Error::new(name.span(), message))
}

/// The message for a name that is none of `candidates`.
pub(crate) fn unknown<'a>(
    what: &str,
    name: &str,
    candidates: impl Iterator<Item = &'a str> + Clone,
) -> String {
    match nearest(name, candidates.clone()) {
        Some(nearest) => format!("unknown {what} `{name}`: did you mean `{nearest}`?"),
        None => {
            let all: Vec<_> = candidates.map(|name| format!("`{name}`")).collect();
            format!("unknown {what} `{name}`: there are {}", all.join(", "))
        }
    }
}

/// A reader that failed at a token gives the option's example, unless it said something itself.
fn explain(error: syn::Error, name: &Ident, row: &Row) -> syn::Error {
    let text = error.to_string();
    if text.contains('`') && !text.starts_with("expected `") {
        return error;
    }
    let is_at_end = text.starts_with("unexpected end");
    let span = if is_at_end { name.span() } else { error.span() };
    syn::Error::new(span, format!("option `{name}` is written `{}`", row.example))
}

impl Kind {
    fn value(self, input: ParseStream<'_>) -> syn::Result<Value> {
        match self {
            Kind::Text => text(input).map(|text| Value::Text(text.value())),
            Kind::Texts => texts(input, |_| Ok(())).map(Value::Texts),
            Kind::Flag => flag(input).map(Value::Flag),
            Kind::Count => count(input).map(Value::Count),
            Kind::Version => version(input).map(Value::Version),
            Kind::Time => time(input).map(Value::Text),
            Kind::Timeout => timeout(input).map(Value::Timeout),
            Kind::Constraints => texts(input, constraint).map(Value::Texts),
            Kind::Ignore => ignore(input).map(Value::Text),
            Kind::Expect => expect(input),
            Kind::Path => path(input).map(Value::Path),
        }
    }
}

fn text(input: ParseStream<'_>) -> syn::Result<LitStr> {
    input.parse::<Token![=]>()?;
    input.parse()
}

fn texts(
    input: ParseStream<'_>,
    check: fn(&LitStr) -> syn::Result<()>,
) -> syn::Result<Vec<String>> {
    if !input.peek(token::Paren) {
        return Err(input.error("expected parentheses"));
    }
    let content;
    parenthesized!(content in input);
    let mut texts = Vec::new();
    while !content.is_empty() {
        let text: LitStr = content.parse()?;
        check(&text)?;
        texts.push(text.value());
        if !content.is_empty() {
            content.parse::<Token![,]>()?;
        }
    }
    Ok(texts)
}

fn flag(input: ParseStream<'_>) -> syn::Result<bool> {
    match input.parse::<Option<Token![=]>>()? {
        Some(_) => input.parse::<LitBool>().map(|value| value.value()),
        None => Ok(true),
    }
}

fn count(input: ParseStream<'_>) -> syn::Result<u32> {
    input.parse::<Token![=]>()?;
    input.parse::<LitInt>()?.base10_parse()
}

fn version(input: ParseStream<'_>) -> syn::Result<Version> {
    input.parse::<Token![=]>()?;
    match input.parse::<Lit>()? {
        Lit::Int(int) => int.base10_parse().map(Version::Int),
        Lit::Float(float) => float.base10_parse().map(Version::Float),
        Lit::Str(text) => Ok(Version::Text(text.value())),
        other => Err(syn::Error::new(other.span(), "expected a number or a text")),
    }
}

fn time(input: ParseStream<'_>) -> syn::Result<String> {
    let text = text(input)?;
    let time = text.value().to_uppercase();
    if TIMES.contains(&time.as_str()) {
        return Ok(time);
    }
    Err(syn::Error::new(text.span(), unknown("time", &text.value(), TIMES.iter().copied())))
}

fn timeout(input: ParseStream<'_>) -> syn::Result<Duration> {
    let text = text(input)?;
    let refuse = |cause| syn::Error::new(text.span(), format!("`{}`: {cause}", text.value()));
    duration(&text.value()).map_err(refuse)
}

fn constraint(text: &LitStr) -> syn::Result<()> {
    let source = text.value();
    let Err(error) = Constraint::parse(&source) else { return Ok(()) };
    let place = source.get(..error.offset()).map_or(0, |before| before.chars().count()) + 1;
    let message = format!("constraint `{source}` does not parse at character {place}: {error}");
    Err(syn::Error::new(text.span(), message))
}

fn ignore(input: ParseStream<'_>) -> syn::Result<String> {
    match input.parse::<Option<Token![=]>>()? {
        Some(_) => input.parse::<LitStr>().map(|reason| reason.value()),
        None => Ok(String::new()),
    }
}

fn expect(input: ParseStream<'_>) -> syn::Result<Value> {
    let text = text(input)?;
    match text.value().as_str() {
        "fail" => Ok(Value::ExpectFail),
        _ => Err(syn::Error::new(text.span(), "expected \"fail\"")),
    }
}

fn path(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    input.parse::<Token![=]>()?;
    let mut path = TokenStream::new();
    let colons: Option<Token![::]> = input.parse()?;
    quote::ToTokens::to_tokens(&colons, &mut path);
    loop {
        let name = input.call(Ident::parse_any)?;
        quote::ToTokens::to_tokens(&name, &mut path);
        match input.parse::<Option<Token![::]>>()? {
            Some(colons) => quote::ToTokens::to_tokens(&colons, &mut path),
            None => return Ok(path),
        }
    }
}

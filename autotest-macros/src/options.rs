//! The options of `#[autotest(…)]` and `#[suite(…)]`.
//!
//! [`table`] lists the options, [`form`] parses their syntax, and [`check`] checks their values. This module
//! must not know what an option does.

mod check;
mod form;
mod table;

use std::collections::BTreeMap;
use std::time::Duration;

use autotest_core::{any_of, nearest_few};
use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{LitStr, Token};

use crate::errors::Errors;
use crate::split::past_comma;
use check::CheckError;
use table::{ROWS, Row};

/// The given options, by name.
#[derive(Clone, Default)]
pub(crate) struct Options(BTreeMap<&'static str, (Span, Value)>);

/// The value of an option.
#[derive(Clone)]
pub(crate) enum Value {
    /// A whole id.
    Name(LitStr),
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

/// What the options belong to.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Owner {
    Test,
    Suite,
    Control,
    Hook,
    Profiler,
}

impl Owner {
    /// Whether it may have the option of this row.
    fn may_have(self, row: &Row) -> bool {
        const OF_CONTROLS: &[&str] = &[
            "name",
            "author",
            "suites",
            "attributes",
            "time",
            "test_class",
            "test_category",
            "dependencies",
            "timeout",
            "crate",
        ];
        const OF_PROFILERS: &[&str] = &[
            "name",
            "author",
            "version",
            "timeout",
            "preserve_srcdir",
            "crate",
        ];
        match self {
            Owner::Test => true,
            Owner::Suite => row.is_for_suites,
            Owner::Control => OF_CONTROLS.contains(&row.name),
            Owner::Hook => ["name", "crate"].contains(&row.name),
            Owner::Profiler => OF_PROFILERS.contains(&row.name),
        }
    }

    /// Why another option is refused.
    fn refusal(self, name: &Ident) -> String {
        match self {
            Owner::Test | Owner::Suite => {
                format!("option `{name}` is only for a test: give it to the test, not to the suite")
            }
            Owner::Control => format!(
                "option `{name}` is only for a test: a control function gives it to each run, such as \
                 `job.run_test(…).timeout(…)`"
            ),
            Owner::Hook => {
                format!("option `{name}` is only for a test: a hook takes `name` and `crate`")
            }
            Owner::Profiler => format!(
                "option `{name}` is only for a test: the documentation of `#[profiler]` lists a profiler's"
            ),
        }
    }

    /// Where to find a list of all options, for error messages.
    fn list(self) -> &'static str {
        match self {
            Owner::Test => "the documentation of `#[autotest]` lists all options",
            Owner::Suite => {
                "the documentation of `#[autotest]` lists all options; a suite takes all but `name` \
                 and `expect`"
            }
            Owner::Control => "the documentation of `#[control]` lists all options",
            Owner::Hook => "a hook takes `name` and `crate`",
            Owner::Profiler => "the documentation of `#[profiler]` lists all options",
        }
    }
}

impl Options {
    /// Parses the arguments of an attribute. An invalid one is an error and is left out.
    pub(crate) fn parse(tokens: TokenStream, owner: Owner, errors: &mut Errors) -> Options {
        let mut options = Options::default();
        let entries = |input: ParseStream<'_>| {
            while !input.is_empty() {
                match options.entry(input, owner, errors) {
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

    /// Parses an option. Returns syntax errors, after which the rest cannot be trusted; adds other errors to
    /// `errors`.
    fn entry(
        &mut self,
        input: ParseStream<'_>,
        owner: Owner,
        errors: &mut Errors,
    ) -> syn::Result<()> {
        let name = input.call(Ident::parse_any)?;
        let row = find(&name, owner)?;
        let is_bare = input.is_empty() || input.peek(Token![,]);
        let given = row.form.read(input).map_err(|error| {
            let span = if is_bare { name.span() } else { error.span() };
            syn::Error::new(span, row.is_written())
        })?;
        match (row.check)(given) {
            Ok(_) if self.0.contains_key(row.name) => {
                errors.at(name.span(), format!("option `{name}` is given twice"));
            }
            Ok(value) => drop(self.0.insert(row.name, (name.span(), value))),
            Err(CheckError::Kind(span)) => errors.at(span, row.is_written()),
            Err(CheckError::Value(error)) => errors.push(error),
        }
        match input.is_empty() || input.peek(Token![,]) {
            true => Ok(()),
            false => Err(input.error(format!("expected `,` after option `{name}`"))),
        }
    }

    /// Adds the options of a suite. Those of `self` override them; lists are joined.
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

    /// Whether there are no options.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of the option `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).map(|(_, value)| value)
    }

    /// The span of the option `name`.
    pub(crate) fn span(&self, name: &str) -> Option<Span> {
        self.0.get(name).map(|(span, _)| *span)
    }

    /// The path that is the value of the option `name`.
    pub(crate) fn path(&self, name: &str) -> Option<&TokenStream> {
        match self.get(name)? {
            Value::Path(path) => Some(path),
            _ => None,
        }
    }

    /// All options, sorted by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().map(|(name, (_, value))| (*name, value))
    }
}

fn find(name: &Ident, owner: Owner) -> syn::Result<&'static Row> {
    let is_here = |row: &&Row| owner.may_have(row);
    let text = name.to_string();
    let Some(row) = ROWS.iter().find(|row| row.name == text) else {
        let candidates = ROWS.iter().filter(is_here).map(|row| row.name);
        return Err(syn::Error::new(
            name.span(),
            unknown("option", &text, candidates, owner.list()),
        ));
    };
    if is_here(&row) {
        return Ok(row);
    }
    Err(syn::Error::new(name.span(), owner.refusal(name)))
}

/// The message for a name that is not one of `candidates`. It suggests the nearest ones; if there are none,
/// all candidates if they are few, otherwise `list`, which says where to find them.
pub(crate) fn unknown<'a>(
    what: &str,
    name: &str,
    candidates: impl Iterator<Item = &'a str> + Clone,
    list: &str,
) -> String {
    const FEW: usize = 6;
    let near = nearest_few(name, candidates.clone());
    if !near.is_empty() {
        let near = any_of(&near);
        return format!("unknown {what} `{name}`: did you mean {near}?");
    }
    let all: Vec<_> = candidates.map(|name| format!("`{name}`")).collect();
    match all.len() <= FEW {
        true => format!("unknown {what} `{name}`: there are {}", all.join(", ")),
        false => format!("unknown {what} `{name}`: {list}"),
    }
}

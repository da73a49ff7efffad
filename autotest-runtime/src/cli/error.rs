//! Mistakes in a command line.

use autotest_core::attr::AttrError;
use autotest_core::{any_of, excerpt, excerpt_ends};

use crate::engine::EngineError;

/// A mistake in the command line or in an environment variable that stands for a flag.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UsageError {
    #[error("{}; see `--help`", excerpt_ends(&.0.to_string()))]
    Parser(#[from] lexopt::Error),
    #[error("unknown option `{}`{}; see `--help`", excerpt(.given), suggestion(.nearest))]
    Unknown {
        given: String,
        nearest: Vec<&'static str>,
    },
    #[error("`{source_name}` takes {expected}, not `{}`", excerpt(.given))]
    Value {
        /// The flag or the environment variable.
        source_name: String,
        expected: String,
        given: String,
    },
    #[error("attribute expression `{}` does not parse: {error}", excerpt(.text))]
    Attr { text: String, error: AttrError },
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("constraint `{}` does not parse: {error}", excerpt(.text))]
    Constraint {
        text: String,
        error: autotest_core::ParseError,
    },
    #[error(
        "`--format {0}` needs standard output to itself, but `{1}` puts the output of tests there; \
         leave one out"
    )]
    StdoutNotShared(&'static str, &'static str),
    /// The value of a flag or a variable, which may be secret.
    #[error("the value of `{0}` is not UTF-8")]
    NotText(String),
    #[error("`AUTOTEST_OPTIONS`: {0}")]
    Preset(Box<UsageError>),
    #[error("{0} (`AUTOTEST_OPTIONS` has flags, too)")]
    WithPreset(Box<UsageError>),
    #[error("its quotes are not closed, or it ends with a backslash")]
    Unquoted,
    #[error("its word {0} is neither a flag nor the value of one")]
    NoFlag(usize),
    #[error("`--{0}` and `--{1}` cannot be combined; give one")]
    Exclusive(&'static str, &'static str),
    #[error("`--{0}` has an effect only with `--{1}`; give both")]
    Requires(&'static str, &'static str),
    #[error("`{}` cannot be given with `--{flag}`: {why}", excerpt(.given))]
    NotAllowedWith {
        given: String,
        flag: &'static str,
        why: &'static str,
    },
}

fn suggestion(nearest: &[&'static str]) -> String {
    let flags: Vec<String> = nearest.iter().map(|long| format!("--{long}")).collect();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    match flags.is_empty() {
        true => String::new(),
        false => format!(", did you mean {}?", any_of(&flags)),
    }
}

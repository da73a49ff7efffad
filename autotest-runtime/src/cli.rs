//! The command line.
//!
//! It says what the user wants, nothing else: which tests that means is [`crate::plan`]'s business.

mod flags;
mod format;

use std::ffi::OsString;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use autotest_core::{Arg, Constraint};
use lexopt::Arg::{Long, Short, Value as Positional};
use lexopt::ValueExt;

use crate::exec::{ExecOptions, Isolation};
use crate::journal::Sync;
use crate::report::Style;
use flags::{Flag, FlagId, by_long, by_short};
pub(crate) use format::Format;

/// What the user wants.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) action: Action,
    pub(crate) filters: Vec<String>,
    pub(crate) skip: Vec<String>,
    pub(crate) exact: bool,
    pub(crate) ignored: Ignored,
    pub(crate) no_tests_fail: bool,
    pub(crate) params: Vec<(String, Arg)>,
    pub(crate) allow_unknown_params: bool,
    pub(crate) iterations: Option<i64>,
    pub(crate) test_length_s: Option<f64>,
    pub(crate) constraints: Vec<String>,
    pub(crate) profile_only: bool,
    pub(crate) fast: bool,
    pub(crate) retry: Option<u32>,
    pub(crate) no_cleanup: bool,
    pub(crate) tag: Option<String>,
    pub(crate) results: Option<PathBuf>,
    pub(crate) isolation: Isolation,
    /// When the journal is to be on the disk; `None` says that the surroundings decide.
    pub(crate) sync: Option<Sync>,
    /// The directory of the job that goes on.
    pub(crate) resume: Option<PathBuf>,
    /// How often a test may bring the job down.
    pub(crate) attempts: Option<NonZeroU32>,
    /// The flags, as they were given.
    pub(crate) given: Vec<&'static str>,
    pub(crate) exec: ExecOptions,
    pub(crate) show_output: bool,
    /// What goes to standard output; a list and the terminal's report have a style besides.
    pub(crate) format: Format,
    pub(crate) style: Style,
    pub(crate) files: ReportFiles,
    /// `cargo bench` runs the binary: all tests count as ignored.
    pub(crate) is_bench: bool,
}

impl Options {
    /// What variables say, which flags override.
    fn from_env() -> Options {
        let mut options = Options::default();
        options.exec.nocapture =
            std::env::var_os("RUST_TEST_NOCAPTURE").is_some_and(|value| value != "0");
        options.files.junit_at = std::env::var_os("XML_OUTPUT_FILE")
            .filter(|path| !path.is_empty())
            .and_then(|path| std::path::absolute(path).ok());
        let threads = std::env::var("RUST_TEST_THREADS").ok();
        if let Some(threads) = threads.and_then(|threads| threads.parse().ok()) {
            options.exec.slots = threads;
        }
        options
    }
}

/// Reports that are written beside those that always are.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReportFiles {
    pub(crate) junit: bool,
    /// Another place for the same document, as Bazel wants it.
    pub(crate) junit_at: Option<PathBuf>,
    pub(crate) tap: bool,
    pub(crate) logfile: Option<PathBuf>,
}

/// What to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Action {
    #[default]
    Run,
    List,
    Describe(String),
    Replay(PathBuf),
    Help,
}

/// What to do with ignored tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ignored {
    #[default]
    Skip,
    Only,
    Include,
}

/// A command line that can not be understood.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UsageError {
    #[error("{0}; see `--help`")]
    Parser(#[from] lexopt::Error),
    #[error("unknown option `{given}`{}; see `--help`", meant(.nearest))]
    Unknown {
        given: String,
        nearest: Option<&'static str>,
    },
    #[error("`--{flag}` takes {expected}, not `{given}`")]
    Value {
        flag: &'static str,
        expected: &'static str,
        given: String,
    },
    #[error("constraint `{text}` does not parse: {error}")]
    Constraint {
        text: String,
        error: autotest_core::ParseError,
    },
    #[error(
        "`--format {0}` owns the standard output, where `{1}` would put that of tests; leave one out"
    )]
    OutputTwice(&'static str, &'static str),
    #[error("`--ignored` and `--include-ignored` exclude each other; give one")]
    IgnoredTwice,
}

fn meant(nearest: &Option<&'static str>) -> String {
    nearest.map_or_else(String::new, |nearest| {
        format!(", did you mean `--{nearest}`?")
    })
}

/// Reads the arguments behind the program's name.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Options, UsageError> {
    let mut options = Options::from_env();
    let mut parser = lexopt::Parser::from_args(args);
    while let Some(arg) = parser.next()? {
        let flag = match arg {
            Positional(filter) => {
                options.filters.push(filter.string()?);
                continue;
            }
            Long(long) => by_long(long).ok_or_else(|| unknown(long))?,
            Short(short) => by_short(short).ok_or_else(|| UsageError::Unknown {
                given: format!("-{short}"),
                nearest: None,
            })?,
        };
        options.given.push(flag.long);
        apply(&mut options, flag, &mut parser)?;
    }
    format::check(&options)?;
    Ok(options)
}

fn unknown(long: &str) -> UsageError {
    let nearest = autotest_core::nearest(long, flags::FLAGS.iter().map(|flag| flag.long));
    UsageError::Unknown {
        given: format!("--{long}"),
        nearest,
    }
}

fn apply(
    options: &mut Options,
    flag: &'static Flag,
    parser: &mut lexopt::Parser,
) -> Result<(), UsageError> {
    let mut text = || -> Result<String, lexopt::Error> { parser.value()?.string() };
    match flag.id {
        FlagId::Help => options.action = Action::Help,
        FlagId::List => options.action = Action::List,
        FlagId::Describe => options.action = Action::Describe(text()?),
        FlagId::Exact => options.exact = true,
        FlagId::Skip => options.skip.push(text()?),
        FlagId::Ignored => ignored(options, Ignored::Only)?,
        FlagId::IncludeIgnored => ignored(options, Ignored::Include)?,
        FlagId::Param => options.params.push(param(flag, &text()?)?),
        FlagId::AllowUnknownParams => options.allow_unknown_params = true,
        FlagId::Tag => options.tag = Some(tag(flag, text()?)?),
        FlagId::Iterations => options.iterations = Some(iterations(flag, &text()?)?),
        FlagId::TestLength => options.test_length_s = Some(length(flag, &text()?)?.as_secs_f64()),
        FlagId::Constraint => options.constraints.push(constraint(text()?)?),
        FlagId::ProfileOnly => options.profile_only = true,
        FlagId::Fast => options.fast = true,
        FlagId::Retry => options.retry = Some(number(flag, "a number from 0", &text()?)?),
        FlagId::NoCleanup => options.no_cleanup = true,
        FlagId::NoTests => options.no_tests_fail = only(flag, "`fail`", "fail", &text()?)?,
        FlagId::Isolation => options.isolation = isolation(flag, &text()?)?,
        FlagId::Sync => options.sync = Some(sync(flag, &text()?)?),
        FlagId::Resume => options.resume = Some(PathBuf::from(parser.value()?)),
        FlagId::Replay => options.action = Action::Replay(PathBuf::from(parser.value()?)),
        FlagId::Attempts => {
            options.attempts = Some(number(flag, "a number from 1", &text()?)?);
        }
        FlagId::NoCapture => options.exec.nocapture = true,
        FlagId::ShowOutput => options.show_output = true,
        FlagId::Timeout => options.exec.timeout = Some(length(flag, &text()?)?),
        FlagId::FailFast => options.exec.fail_fast = true,
        FlagId::TestThreads => options.exec.slots = threads(flag, &text()?)?,
        FlagId::Format => format::set(options, flag, &text()?)?,
        FlagId::Quiet => options.style = Style::Terse,
        FlagId::Logfile => options.files.logfile = Some(PathBuf::from(parser.value()?)),
        FlagId::Junit => options.files.junit = true,
        FlagId::Tap => options.files.tap = true,
        FlagId::Bench => options.is_bench = true,
        FlagId::WithoutEffect => {
            if flag.value.is_some() {
                text()?;
            }
        }
        FlagId::Results => options.results = Some(PathBuf::from(parser.value()?)),
    }
    Ok(())
}

fn ignored(options: &mut Options, ignored: Ignored) -> Result<(), UsageError> {
    if !matches!(options.ignored, Ignored::Skip) && options.ignored != ignored {
        return Err(UsageError::IgnoredTwice);
    }
    options.ignored = ignored;
    Ok(())
}

fn param(flag: &Flag, text: &str) -> Result<(String, Arg), UsageError> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => {
            Ok((name.to_owned(), Arg::Text(value.to_owned())))
        }
        _ => Err(refused(flag, "NAME=VALUE", text)),
    }
}

/// A tag becomes part of a directory's name.
fn tag(flag: &Flag, tag: String) -> Result<String, UsageError> {
    if autotest_core::is_legal_tag(&tag) {
        Ok(tag)
    } else {
        Err(refused(
            flag,
            "a text without `/` and control characters",
            &tag,
        ))
    }
}

fn number<T: std::str::FromStr>(
    flag: &Flag,
    expected: &'static str,
    text: &str,
) -> Result<T, UsageError> {
    text.parse().map_err(|_| refused(flag, expected, text))
}

fn length(flag: &Flag, text: &str) -> Result<Duration, UsageError> {
    let expected = "a length of time such as `90`, `1.5s`, `2m` or `1h`";
    autotest_core::duration(text).map_err(|_| refused(flag, expected, text))
}

fn iterations(flag: &Flag, text: &str) -> Result<i64, UsageError> {
    number::<NonZeroU32>(flag, "a number from 1", text).map(|count| i64::from(count.get()))
}

fn threads(flag: &Flag, text: &str) -> Result<NonZeroUsize, UsageError> {
    number(flag, "a number from 1", text)
}

fn isolation(flag: &Flag, text: &str) -> Result<Isolation, UsageError> {
    match text {
        "fork" => Ok(Isolation::Fork),
        "exec" => Ok(Isolation::Exec),
        "none" => Ok(Isolation::None),
        _ => Err(refused(flag, "`fork`, `exec` or `none`", text)),
    }
}

fn sync(flag: &Flag, text: &str) -> Result<Sync, UsageError> {
    match text {
        "none" => Ok(Sync::None),
        "test" => Ok(Sync::Test),
        "event" => Ok(Sync::Event),
        _ => Err(refused(flag, "`none`, `test` or `event`", text)),
    }
}

fn constraint(text: String) -> Result<String, UsageError> {
    match Constraint::parse(&text) {
        Ok(_) => Ok(text),
        Err(error) => Err(UsageError::Constraint { text, error }),
    }
}

/// A flag that has one value so far.
fn only(flag: &Flag, expected: &'static str, value: &str, given: &str) -> Result<bool, UsageError> {
    if given == value {
        Ok(true)
    } else {
        Err(refused(flag, expected, given))
    }
}

fn refused(flag: &Flag, expected: &'static str, given: &str) -> UsageError {
    UsageError::Value {
        flag: flag.long,
        expected,
        given: given.to_owned(),
    }
}

/// The text of `--help`.
pub(crate) fn help(program: &str) -> String {
    format!(
        "Usage: {program} [OPTIONS] [FILTER]...\n\nRuns the tests whose name contains a FILTER; \
         all without one.\n{}\nExit code: 0 all passed, 101 a test failed, 2 wrong usage, \
         3 two tests collide,\n4 no test \
         was selected (with `--no-tests fail`), 5 results could not be written,\n130 or 143 interrupted by SIGINT or SIGTERM.\n",
        flags::help()
    )
}

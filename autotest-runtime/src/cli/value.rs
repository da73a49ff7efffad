//! Parsers for the values of flags. Errors say what to write instead.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[cfg(feature = "leaks")]
use autotest_core::LeakPolicy;
use autotest_core::attr::Expr;
use autotest_core::{Arg, Constraint, HookOrder, any_of};

use super::completions::Shell;
use super::flags::Flag;
use super::{Color, Options, UsageError};
use crate::exec::Isolation;
use crate::journal::Sync;
use crate::plan::{Ignored, Shard};

/// The possible values of a flag, by name. The table of flags must list the same names.
pub(super) type Choices<T> = &'static [(&'static str, T)];

pub(super) const ISOLATIONS: Choices<Isolation> = &[
    ("fork", Isolation::Fork),
    ("exec", Isolation::Exec),
    ("none", Isolation::None),
];

pub(super) const ORDERS: Choices<HookOrder> = &[
    ("lifo", HookOrder::LastInFirstOut),
    ("fifo", HookOrder::FirstInFirstOut),
];

#[cfg(feature = "leaks")]
pub(super) const LEAKS: Choices<LeakPolicy> = &[
    ("off", LeakPolicy::Off),
    ("warn", LeakPolicy::Warn),
    ("fail", LeakPolicy::Fail),
];

pub(super) const SYNCS: Choices<Sync> = &[
    ("none", Sync::None),
    ("test", Sync::Test),
    ("event", Sync::Event),
];

pub(super) const COLORS: Choices<Color> = &[
    ("auto", Color::Auto),
    ("always", Color::Always),
    ("never", Color::Never),
];

pub(super) const SHELLS: Choices<Shell> = &[
    ("bash", Shell::Bash),
    ("zsh", Shell::Zsh),
    ("fish", Shell::Fish),
];

/// `--no-tests` has one value.
pub(super) const NO_TESTS: Choices<bool> = &[("fail", true)];

pub(super) fn one_of<T: Copy>(
    flag: &Flag,
    choices: Choices<T>,
    text: &str,
) -> Result<T, UsageError> {
    let chosen = choices.iter().find(|(name, _)| *name == text);
    chosen.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
        refused(flag, any_of(&names), text)
    })
}

pub(super) fn param(flag: &Flag, text: &str) -> Result<(String, Arg), UsageError> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => {
            Ok((name.to_owned(), Arg::Text(value.to_owned())))
        }
        _ => Err(refused(flag, "NAME=VALUE", &name_in(text))),
    }
}

/// The part of a text that may be a name. The rest may be secret.
fn name_in(text: &str) -> String {
    let is_of_name = |c: char| c.is_alphanumeric() || c == '_';
    let end = text.find(|c| !is_of_name(c)).unwrap_or(text.len());
    let dots = if end < text.len() { "…" } else { "" };
    format!("{}{dots}", &text[..end])
}

/// Parses a tag, which becomes part of a directory's name.
pub(super) fn tag(flag: &Flag, tag: String) -> Result<String, UsageError> {
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

pub(super) fn number<T: std::str::FromStr>(
    flag: &Flag,
    expected: &'static str,
    text: &str,
) -> Result<T, UsageError> {
    text.parse().map_err(|_| refused(flag, expected, text))
}

pub(super) fn length(flag: &Flag, text: &str) -> Result<Duration, UsageError> {
    let expected = "a length of time such as `90`, `1.5s`, `2m` or `1h`";
    autotest_core::duration(text).map_err(|_| refused(flag, expected, text))
}

/// Parses a timeout. Zero is refused: nothing could be run, and tests would be blamed for being too slow.
pub(super) fn timeout(flag: &Flag, text: &str) -> Result<Duration, UsageError> {
    match length(flag, text)? {
        Duration::ZERO => Err(refused(flag, "a length of time above 0", text)),
        time => Ok(time),
    }
}

pub(super) fn iterations(flag: &Flag, text: &str) -> Result<i64, UsageError> {
    number::<NonZeroU32>(flag, "a number from 1", text).map(|count| i64::from(count.get()))
}

pub(super) fn threads(flag: &Flag, text: &str) -> Result<NonZeroUsize, UsageError> {
    number(flag, "a number from 1", text)
}

pub(super) fn constraint(text: String) -> Result<String, UsageError> {
    match Constraint::parse(&text) {
        Ok(_) => Ok(text),
        Err(error) => Err(UsageError::Constraint { text, error }),
    }
}

pub(super) fn attr(text: String) -> Result<Expr, UsageError> {
    match Expr::parse(&text) {
        Ok(expr) => Ok(expr),
        Err(error) => Err(UsageError::Attr { text, error }),
    }
}

pub(super) fn shard(flag: &Flag, text: &str) -> Result<Shard, UsageError> {
    let expected = "a part and the number of parts, as in `2/3`";
    number(flag, expected, text)
}

pub(super) fn refused(flag: &Flag, expected: impl Into<String>, given: &str) -> UsageError {
    UsageError::Value {
        source_name: format!("--{}", flag.long),
        expected: expected.into(),
        given: given.to_owned(),
    }
}

/// Parses a profiler with its arguments.
#[cfg(feature = "profilers")]
pub(super) fn profiler(flag: &Flag, text: &str) -> Result<autotest_core::ProfilerUse, UsageError> {
    autotest_core::ProfilerUse::parse(text).map_err(|error| {
        let expected = format!("a profiler ({error})");
        refused(flag, expected, text)
    })
}

/// Sets whether ignored tests are run.
pub(super) fn ignored(options: &mut Options, ignored: Ignored) -> Result<(), UsageError> {
    if !matches!(options.plan.selection.ignored, Ignored::Skip)
        && options.plan.selection.ignored != ignored
    {
        return Err(UsageError::Exclusive("ignored", "include-ignored"));
    }
    options.plan.selection.ignored = ignored;
    Ok(())
}

/// Adds a package to be run, or a repository.
#[cfg(feature = "packages")]
pub(super) fn package(
    options: &mut super::Options,
    flag: &Flag,
    text: String,
) -> Result<(), UsageError> {
    use crate::packages::{self, Repository};
    let not = |error: String| {
        let expected = format!("a package, a directory or a URL ({error})");
        refused(flag, expected, &text)
    };
    match packages::is_package(&text) {
        true => {
            let repository = Repository::of_package(&text).map(|(repository, _)| repository);
            repository.transpose().map_err(not)?;
            options.plan.selection.packages.push(text);
        }
        false => {
            let repository = Repository::parse(&text).map_err(not)?;
            let repository = repository.existing().map_err(not)?;
            options.plan.settings.repositories.push(repository);
        }
    }
    Ok(())
}

/// A seed for the order of tests, if none is given.
pub(super) fn seed_of_now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |since| since.as_nanos() as u64)
}

#[cfg(test)]
mod tests {
    use super::super::flags::{Completes, FLAGS};
    use super::super::parse;
    use crate::engine::Variables;

    /// The error for a flag, given together with the flag that it requires.
    fn error(flag: &str, value: &str) -> Option<String> {
        let mut args = vec![format!("--{flag}"), value.to_owned()];
        if flag == "rerun-only" {
            args.extend(["--rerun", "earlier"].map(str::to_owned));
        }
        let args = args.into_iter().map(Into::into).collect();
        let parsed = Variables::these(&[], |none| parse(args, none));
        parsed.err().map(|error| error.to_string())
    }

    #[test]
    fn what_is_completed_is_what_is_read() {
        for flag in FLAGS {
            if let Completes::OneOf(values) = flag.completes {
                for value in values {
                    assert_eq!(error(flag.long, value), None);
                }
                let refused = error(flag.long, "none of them").unwrap_or_default();
                let told: Vec<_> = refused.split('`').skip(1).step_by(2).collect();
                let flag = format!("--{}", flag.long);
                let expected = [&[flag.as_str()], values, &["none of them"][..]].concat();
                assert_eq!(told, expected, "{refused}");
            }
        }
    }

    #[test]
    fn only_values_are_completed() {
        let mut flags = FLAGS.iter().filter(|flag| flag.value.is_none());
        assert!(flags.all(|flag| flag.completes == Completes::Nothing));
    }
}

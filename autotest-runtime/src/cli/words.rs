//! Filters the words of a command line.

use std::ffi::{OsStr, OsString};

use lexopt::Arg::{Long, Short, Value as Positional};

use super::UsageError;
use super::flags::{Flag, Group, by_long, by_short};

/// The flags of a command line that `keep` accepts, normalised: each in its long form, joined with its value. Filters
/// are omitted.
///
/// # Errors
/// If the command line does not parse.
pub(crate) fn flags_of(
    line: &[OsString],
    keep: &dyn Fn(&'static str, IsSelection) -> bool,
) -> Result<Vec<OsString>, UsageError> {
    let mut words = Vec::new();
    let mut parser = lexopt::Parser::from_args(line);
    while let Some(arg) = parser.next()? {
        let flag = match arg {
            Positional(_) => continue,
            Long(long) => by_long(long),
            Short(short) => by_short(short),
        };
        let Some(flag) = flag else {
            continue;
        };
        let word = word(flag, &mut parser)?;
        if keep(flag.long, IsSelection(flag.group == Group::Select)) {
            words.push(word);
        }
    }
    Ok(words)
}

/// `true` if a flag selects tests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IsSelection(pub(crate) bool);

/// The filters of a command line.
///
/// # Errors
/// If the command line does not parse.
pub(crate) fn filters_of(line: &[OsString]) -> Result<Vec<OsString>, UsageError> {
    let mut filters = Vec::new();
    let mut parser = lexopt::Parser::from_args(line);
    while let Some(arg) = parser.next()? {
        let flag = match arg {
            Positional(filter) => {
                filters.push(filter);
                continue;
            }
            Long(long) => by_long(long),
            Short(short) => by_short(short),
        };
        if flag.is_some_and(|flag| flag.value.is_some()) {
            parser.value()?;
        }
    }
    Ok(filters)
}

fn word(flag: &Flag, parser: &mut lexopt::Parser) -> Result<OsString, UsageError> {
    let mut word = OsString::from("--");
    word.push(flag.long);
    if flag.value.is_some() {
        word.push(OsStr::new("="));
        word.push(parser.value()?);
    }
    Ok(word)
}

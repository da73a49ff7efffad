//! `AUTOTEST_OPTIONS`: flags for cases in which none can be given, such as below `cargo nextest run`.
//!
//! The variable is split like a line in a POSIX shell, without expansions. It is ignored for `--resume` and `--rerun`,
//! since the job has recorded it, and for actions that neither run nor list tests.

use std::ffi::OsString;

use super::{Options, UsageError, read as read_line};
use crate::engine::Variables;
use crate::registry::OPTIONS_VARIABLE;

/// The words of the variable.
///
/// # Errors
/// If it is not UTF-8 or its quotes are not closed.
pub(super) fn words(variables: Variables<'_>) -> Result<Vec<OsString>, UsageError> {
    let Some(text) = variables.get(OPTIONS_VARIABLE) else {
        return Ok(Vec::new());
    };
    let text = text
        .into_string()
        .map_err(|_| UsageError::NotText(OPTIONS_VARIABLE.to_owned()))?;
    let words = shlex::split(&text)
        .ok_or(UsageError::Unquoted)
        .map_err(of_variable)?;
    Ok(words.into_iter().map(OsString::from).collect())
}

/// Parses the words.
///
/// # Errors
/// If they are not flags.
pub(super) fn read(words: Vec<OsString>) -> Result<Options, UsageError> {
    let mut options = Options::default();
    read_line(&mut options, &words).map_err(of_variable)?;
    if let Some(filter) = options.plan.selection.filters.first() {
        // The word itself may be part of a secret.
        let position = words.iter().position(|word| word == filter.as_str());
        let number = position.map_or(words.len(), |position| position + 1);
        return Err(of_variable(UsageError::NoFlag(number)));
    }
    options.preset = words;
    Ok(options)
}

fn of_variable(error: UsageError) -> UsageError {
    UsageError::Preset(Box::new(error))
}

//! `--format`: the report on standard output.

use autotest_core::any_of;
use autotest_report::{Style, TapVersion};

use super::flags::Flag;
use super::value::refused;
use super::{Options, UsageError};
use crate::exec::Isolation;

/// The report on standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    /// The report for a person, in one of two styles.
    #[default]
    Terminal,
    /// libtest's JSON lines.
    Json,
    Junit,
    Tap(TapVersion),
    Ktap,
    Lava,
    /// The journal's records.
    JsonEvents,
}

/// Each name, its format and style, and who may write to standard output. The output of a test between the
/// lines of a report could break the report or be read as a result. libtest's own JSON format allows it all
/// the same, and its readers expect it.
const FORMATS: &[(&str, Format, Option<Style>, Stdout)] = &[
    (
        "pretty",
        Format::Terminal,
        Some(Style::Pretty),
        Stdout::Shared,
    ),
    (
        "terse",
        Format::Terminal,
        Some(Style::Terse),
        Stdout::Shared,
    ),
    ("json", Format::Json, None, Stdout::Shared),
    ("junit", Format::Junit, None, Stdout::Owned),
    ("tap", Format::Tap(TapVersion::V13), None, Stdout::Owned),
    ("tap14", Format::Tap(TapVersion::V14), None, Stdout::Owned),
    ("ktap", Format::Ktap, None, Stdout::Owned),
    ("lava", Format::Lava, None, Stdout::Owned),
    ("json-events", Format::JsonEvents, None, Stdout::Owned),
];

/// Who may write to standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stdout {
    /// The report, and tests under `--nocapture`.
    Shared,
    /// The report alone.
    Owned,
}

/// Applies `--format`.
pub(super) fn set(options: &mut Options, flag: &Flag, name: &str) -> Result<(), UsageError> {
    let Some((_, format, style, _)) = FORMATS.iter().find(|(known, ..)| *known == name) else {
        let names: Vec<_> = FORMATS.iter().map(|(name, ..)| *name).collect();
        return Err(refused(flag, any_of(&names), name));
    };
    options.format = *format;
    options.style = style.unwrap_or(options.style);
    Ok(())
}

/// Refuses options that would put a test's output between the lines of a report that owns standard output.
pub(super) fn check(options: &Options) -> Result<(), UsageError> {
    let owner = FORMATS
        .iter()
        .find(|(_, format, _, stdout)| *format == options.format && *stdout == Stdout::Owned);
    let intruder = match options.isolation {
        _ if options.exec.nocapture => Some("--nocapture"),
        Isolation::None => Some("--isolation none"),
        Isolation::Fork | Isolation::Exec => None,
    };
    match (owner, intruder) {
        (Some((name, ..)), Some(intruder)) => Err(UsageError::StdoutNotShared(name, intruder)),
        _ => Ok(()),
    }
}

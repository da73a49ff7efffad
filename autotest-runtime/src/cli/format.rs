//! `--format`: the report on standard output.

use autotest_core::any_of;
use autotest_report::{FORMATS, Format};

use super::flags::Flag;
use super::value::refused;
use super::{Options, UsageError};
use crate::exec::Isolation;

/// Applies `--format`.
pub(super) fn set(options: &mut Options, flag: &Flag, name: &str) -> Result<(), UsageError> {
    let Some((_, format, style)) = FORMATS.iter().find(|(known, ..)| *known == name) else {
        let names: Vec<_> = FORMATS.iter().map(|(name, ..)| *name).collect();
        return Err(refused(flag, any_of(&names), name));
    };
    options.format = *format;
    options.style = style.unwrap_or(options.style);
    Ok(())
}

/// Refuses options that would mix the output of tests into a report that needs standard output to itself.
pub(super) fn check(options: &Options) -> Result<(), UsageError> {
    let owner = FORMATS
        .iter()
        .find(|(_, format, _)| *format == options.format && owns_stdout(*format));
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

/// `true` if nothing else may write to standard output: the output of a test between the lines of a report could break
/// it, or be read as a result. libtest's own JSON format allows it all the same, and its readers expect it.
fn owns_stdout(format: Format) -> bool {
    match format {
        Format::Terminal | Format::Json => false,
        Format::Junit | Format::Tap(_) | Format::Ktap | Format::Lava | Format::JsonEvents => true,
    }
}

//! Combinations of flags in which one would have no effect.

use super::flags::{Group, by_long};
use super::{Action, Options, UsageError};
use crate::exec::Isolation;

/// # Errors
/// If a flag would silently have no effect. `--help` works with any other flag.
pub(super) fn check(options: &Options) -> Result<(), UsageError> {
    check_together(options)?;
    check_control(options)
}

fn check_together(options: &Options) -> Result<(), UsageError> {
    let given = options.given.iter().copied();
    let is_job = |long: &&str| {
        *long == "resume" || by_long(long).is_some_and(|flag| flag.group == Group::Instead)
    };
    let mut jobs = given.filter(is_job);
    match (jobs.next(), jobs.next_back()) {
        _ if options.action == Action::Help => Ok(()),
        (Some(one), Some(other)) if one != other => Err(UsageError::Exclusive(one, other)),
        _ if options.attempts.is_some() && options.resume.is_none() => {
            Err(UsageError::Requires("attempts", "resume"))
        }
        _ => Ok(()),
    }
}

/// Refuses what would have no effect where a control function or a job file says which tests run.
fn check_control(options: &Options) -> Result<(), UsageError> {
    const WITHOUT_EFFECT: &[&str] = &["shuffle", "shuffle-seed"];
    let (flag, why) = match (&options.control, &options.job) {
        (None, None) => return Ok(()),
        (Some(_), Some(_)) => return Err(UsageError::Exclusive("control", "job")),
        (Some(_), None) => ("control", "the control function says which tests run"),
        (None, Some(_)) => ("job", "the job file says which tests run"),
    };
    if options.isolation == Isolation::None {
        return Err(UsageError::Exclusive(flag, "isolation none"));
    }
    if options.action == Action::DryRun && options.control.is_some() {
        return Err(UsageError::NotAllowedWith {
            given: "--dry-run".to_owned(),
            flag,
            why: "what a control function requests is known only while it runs",
        });
    }
    let is_selection = |long: &&&str| {
        let of_selection = by_long(long).is_some_and(|flag| flag.group == Group::Select);
        WITHOUT_EFFECT.contains(long) || of_selection && **long != flag
    };
    let given = options.given.iter().find(is_selection);
    let given = given.map(|long| format!("--{long}"));
    match given.or_else(|| options.plan.selection.filters.first().cloned()) {
        Some(given) => Err(UsageError::NotAllowedWith { given, flag, why }),
        None => Ok(()),
    }
}

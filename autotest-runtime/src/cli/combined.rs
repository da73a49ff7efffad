//! Refuses combinations of flags in which one would have no effect.

use super::flags::{Group, by_long};
use super::{Action, Options, UsageError};
use crate::exec::Isolation;

/// The flags that only refine `--follow`.
const OF_FOLLOW: &[&str] = &["from", "files"];

/// # Errors
/// If a flag would silently have no effect. `--help` works with any other flag.
pub(super) fn check(options: &Options) -> Result<(), UsageError> {
    check_together(options)?;
    check_rerun(options)?;
    check_control(options)
}

fn check_together(options: &Options) -> Result<(), UsageError> {
    let given = options.given.iter().copied();
    let is_job = |long: &&str| {
        let is_instead = by_long(long).is_some_and(|flag| flag.group == Group::Instead);
        ["resume", "rerun"].contains(long) || is_instead && !OF_FOLLOW.contains(long)
    };
    let mut jobs = given.filter(is_job);
    match (jobs.next(), jobs.next_back()) {
        _ if options.action == Action::Help => Ok(()),
        (Some(one), Some(other)) if one != other => Err(UsageError::Exclusive(one, other)),
        _ if options.existing.is_continued && options.results.is_none() => {
            Err(UsageError::Requires("continue", "results"))
        }
        _ if options.existing.rerun_only.is_some() && options.existing.rerun.is_none() => {
            Err(UsageError::Requires("rerun-only", "rerun"))
        }
        _ if options.attempts.is_some()
            && options.resume.is_none()
            && !options.existing.is_continued =>
        {
            Err(UsageError::Requires("attempts", "resume"))
        }
        _ if matches!(options.action, Action::Follow(_)) => Ok(()),
        _ => match OF_FOLLOW.iter().find(|long| options.given.contains(long)) {
            Some(long) => Err(UsageError::Requires(long, "follow")),
            None => Ok(()),
        },
    }
}

/// Refuses another choice of tests beside `--rerun`.
fn check_rerun(options: &Options) -> Result<(), UsageError> {
    if options.existing.rerun.is_none() || options.action == Action::Help {
        return Ok(());
    }
    if options.existing.is_continued {
        return Err(UsageError::Exclusive("rerun", "continue"));
    }
    let others = ["control", "job"];
    let given = options.given.iter().find(|given| others.contains(given));
    let given = given.map(|given| format!("--{given}"));
    #[cfg(feature = "packages")]
    let given = given.or_else(|| {
        let package = options.plan.selection.packages.first();
        package.map(|package| format!("--package {package}"))
    });
    match given {
        Some(given) => Err(UsageError::NotAllowedWith {
            given,
            flag: "rerun",
            why: "the earlier job says which tests run",
        }),
        None => Ok(()),
    }
}

/// Refuses flags that have no effect if a control function or a job file chooses the tests.
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
    #[cfg(feature = "packages")]
    if let Some(package) = options.plan.selection.packages.first() {
        let given = format!("--package {package}");
        return Err(UsageError::NotAllowedWith { given, flag, why });
    }
    let is_selection = |long: &&&str| {
        let of_selection = by_long(long).is_some_and(|flag| flag.group == Group::Select);
        WITHOUT_EFFECT.contains(long) || of_selection && **long != flag
    };
    let given = options.given.iter().find(is_selection);
    let given = given.map(|long| format!("--{long}"));
    let shard = options
        .plan
        .selection
        .shard
        .map(|_| "AUTOTEST_SHARD".to_owned());
    let given = given.or(shard);
    match given.or_else(|| options.plan.selection.filters.first().cloned()) {
        Some(given) => Err(UsageError::NotAllowedWith { given, flag, why }),
        None => Ok(()),
    }
}

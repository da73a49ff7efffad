//! Flags that concern an existing job: following it, repeating some of its tests, continuing it.

use std::path::PathBuf;

use lexopt::ValueExt;

use super::flags::{Flag, FlagId};
use super::value::{Choices, number, one_of};
use super::{Action, Options, UsageError};

/// What to do with an existing job, besides resuming it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Existing {
    pub(crate) follow: FollowOptions,
    /// The directory of the job whose tests are run again.
    pub(crate) rerun: Option<PathBuf>,
    pub(crate) rerun_only: Option<RerunOnly>,
    /// `true` to continue a job in the results directory.
    pub(crate) is_continued: bool,
}

/// The output of `--follow`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FollowOptions {
    /// The number of the first record.
    pub(crate) from: u64,
    /// `true` to send result files as well.
    pub(crate) files: bool,
}

/// The tests that `--rerun` repeats, if not both kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RerunOnly {
    /// Tests that failed.
    Failed,
    /// Tests that have no verdict.
    Unfinished,
}

/// The values of `--rerun-only`.
const RERUN_ONLY: Choices<RerunOnly> = &[
    ("failed", RerunOnly::Failed),
    ("unfinished", RerunOnly::Unfinished),
];

/// Applies one of these flags.
pub(super) fn apply(
    options: &mut Options,
    flag: &'static Flag,
    parser: &mut lexopt::Parser,
) -> Result<(), UsageError> {
    match flag.id {
        FlagId::Follow => options.action = Action::Follow(PathBuf::from(parser.value()?)),
        FlagId::From => {
            let text = parser.value()?.string()?;
            options.existing.follow.from = number(flag, "a number from 0", &text)?;
        }
        FlagId::Rerun => options.existing.rerun = Some(PathBuf::from(parser.value()?)),
        FlagId::RerunOnly => {
            let text = parser.value()?.string()?;
            options.existing.rerun_only = Some(one_of(flag, RERUN_ONLY, &text)?);
        }
        FlagId::Continue => options.existing.is_continued = true,
        _ => options.existing.follow.files = true,
    }
    Ok(())
}

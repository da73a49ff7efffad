//! `--since`: earlier jobs in a directory, or in a database.

use std::path::Path;

use autotest_report::Digest;

use super::merged::Merged;
use super::places::Layout;
use super::since::{self, Before, Changes};
use super::{ReportError, load};
use crate::{cli, db};

/// The earlier jobs to compare with.
pub(super) enum Earlier {
    Jobs { merged: Merged, since: String },
    Database(cli::Place),
}

impl Earlier {
    /// Finds the jobs that the user named. Adds messages about problems in their results to `problems`.
    ///
    /// # Errors
    /// If a directory has no results, or they cannot be read.
    pub(super) fn of(since: &Path, problems: &mut Vec<String>) -> Result<Earlier, ReportError> {
        let is_url = since.to_str().is_some_and(|text| text.contains("://"));
        if is_url || since.is_file() {
            return Ok(Earlier::Database(cli::Place::named(since)));
        }
        let loaded = load(&[since.to_owned()], false)?;
        problems.extend(loaded.problems);
        Ok(Earlier::Jobs {
            merged: loaded.merged,
            since: since.display().to_string(),
        })
    }

    /// The changes since then; `None` if the database has no earlier job of the suites on the targets.
    ///
    /// # Errors
    /// If a journal or the database cannot be read.
    pub(super) fn changes(
        &self,
        now: &[Digest],
        layout: &Layout,
    ) -> Result<Option<Changes>, ReportError> {
        match self {
            Earlier::Jobs { merged, since } => {
                let before = merged.digests(layout)?;
                let before = Before::Jobs(&before);
                Ok(Some(since::changes(since.clone(), &before, now)))
            }
            Earlier::Database(place) => {
                let earlier = db::earlier(place, &since::beginnings(now))?;
                let is_known = !earlier.runs.is_empty();
                let before = Before::Database(&earlier);
                Ok(is_known.then(|| since::changes(earlier.name.clone(), &before, now)))
            }
        }
    }
}

//! `--replay DIR`: the reports of a job, made again from its journal.

use std::path::Path;

use super::{MainError, reports};
use crate::cli::Options;
use crate::exit::Exit;
use crate::journal::Journal;
use crate::replay::Replay;
use crate::report::Tree;
use crate::results::Place;
use crate::screen::Stream;

/// Runs nothing. A job that was cut off is told as such, in a tree that is whole.
pub(super) fn run(dir: &Path, options: &Options) -> Result<Exit, MainError> {
    // Nobody must be writing it.
    let journal = Journal::reopen(dir)?;
    let out = Stream::stdout()?;
    let tree = match &options.results {
        None => Tree::staged(dir)?,
        Some(_) => Tree::open(&Place::from_env(options.results.clone()).create()?.jobdir)?,
    };
    let journal = journal.file()?;
    let mut reports = reports::in_files(&tree, &journal, options)?;
    reports.push(reports::shown(out.clone(), dir, &journal, options)?);
    reports.extend(reports::logfile(options)?);
    let mut failures = reports::tell_all(Replay::new(journal.try_clone()?)?, reports);
    let settled = tree.settle();
    failures.extend(
        settled
            .err()
            .map(|e| format!("failed to put reports in place: {e}")),
    );
    out.drain();
    Ok(match super::tell_failures(&failures) {
        true => Exit::Results,
        false => Exit::Passed,
    })
}

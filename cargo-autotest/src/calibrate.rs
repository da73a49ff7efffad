//! `calibrate`: measures how often the verdicts on perf values are wrong, by simulation and in real jobs of the same
//! build. Its tables are in `docs/perf-verdicts.md`.

mod real;
mod recorded;
mod simulated;
mod simulated_jobs;
mod source;
mod table;

use std::path::PathBuf;

use crate::cli;
use crate::journals::FindError;

/// An error of `calibrate`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CalibrateError {
    #[error(
        "no two jobs below {0} have the same host, build, test and metric; name directories with repeated jobs of a \
         test that records perf values"
    )]
    NoJobs(String),
    #[error(transparent)]
    Find(#[from] FindError),
    #[error(transparent)]
    Journal(#[from] autotest_report::JournalError),
    #[error("failed to read `{path}`: {1}", path = .0.display())]
    Unreadable(PathBuf, std::io::Error),
}

/// Measures, and returns the tables in Markdown.
///
/// # Errors
/// If there is nothing to compare, or a job cannot be read.
pub(crate) fn run(args: &cli::Calibrate) -> Result<String, CalibrateError> {
    match args.dirs.is_empty() {
        true => Ok(simulated::table(args.comparisons, args.seed)),
        false => real::table(&args.dirs, args.comparisons, args.seed),
    }
}

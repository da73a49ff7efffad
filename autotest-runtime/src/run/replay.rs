//! `--replay DIR`: makes the reports of a job again from its journal.

use std::path::Path;

use autotest_report::{JobResult, JournalError, Replay, Reports, Tree, journal};

use super::{MainError, reports};
use crate::cli::Options;
use crate::exit::Exit;
use crate::results::{self, Place};
use crate::screen::Stream;

/// The flags that are allowed with `--replay`.
const ALLOWED: &[&str] = &[
    "replay",
    "results",
    #[cfg(feature = "html")]
    "html",
    "junit",
    "tap",
    "logfile",
    "format",
    "quiet",
    "color",
    "show-output",
];

/// Makes the reports; runs nothing. The exit code is that of the job, so that a CI step on copied results fails if the
/// job failed. An interrupted job is reported as interrupted, in a complete tree, and counts as failed.
pub(super) fn run(dir: &Path, options: &Options) -> Result<Exit, MainError> {
    options.check_only(ALLOWED, "replay", "it runs nothing")?;
    let dir = &results::of_job(dir);
    let journal = journal::read(dir)?;
    let records = Replay::new(journal.try_clone()?)?;
    if !records.has_job() {
        return Err(JournalError::NoJob(dir.clone()).into());
    }
    let out = Stream::stdout()?;
    let logfile = reports::logfile(options)?;
    let tree = match &options.results {
        None => Tree::staged(dir)?,
        Some(_) => Tree::open(&Place::from_env(options.results.clone()).create()?.jobdir)?,
    };
    let mut reports = reports::in_files(&tree, dir, &journal, options)?;
    reports.push(reports::on_stdout(out.clone(), dir, &journal, options)?);
    reports.extend(logfile);
    let mut result = JobResult::default();
    let records = records.inspect(|record| result.record(record));
    out.hold();
    let mut failures = Reports::new(reports).update_all(records);
    let committed = tree.commit();
    failures.extend(
        committed
            .err()
            .map(|e| format!("failed to put reports in place: {e}")),
    );
    out.drain();
    Ok(match super::print_failures(&failures) {
        true => Exit::Results,
        false if result.has_failed() => Exit::Failed,
        false => Exit::Passed,
    })
}

//! The end of a run: completes its results, and shows the report.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use autotest_report::{Format, Replay, Reports, journal};

use super::copy::has_records;
use super::live::{results_line, shown};
use super::session::Outcome;
use super::state::{Progress, RunState};
use super::watch::{Outcomes, STOPPED};
use super::{RunError, TargetError};
use crate::cli::Watch;
use crate::exit::Exit;
use crate::report;
use crate::safe::safe;

/// Completes the results, and shows what has not been shown yet.
///
/// # Errors
/// If something cannot be written.
pub(super) fn finish(
    state: &RunState,
    dir: &Path,
    outcomes: Outcomes,
    watch: &Watch,
) -> Result<Exit, RunError> {
    let mut exit = Exit::Done;
    let (mut is_left, mut incomplete) = (false, None);
    for (index, outcome) in outcomes.into_iter().enumerate() {
        let target = &state.jobs[index].target;
        match outcome {
            Some(Ok(Outcome::LeftRunning)) => is_left = true,
            Some(Ok(Outcome::Nothing(said))) => println!("{}", safe(&said)),
            Some(Ok(Outcome::NotBegun(exited))) => {
                eprintln!(
                    "error: {target}: {}",
                    safe(&TargetError::not_begun(&exited))
                );
                exit = exit.worse(Exit::of_suite(exited.code));
            }
            Some(Ok(Outcome::Stopped)) => {
                incomplete = complete(&state.jobdir(dir, index)).err().or(incomplete);
                exit = exit.worse(Exit::of_suite(STOPPED));
            }
            Some(Ok(Outcome::Ended(code))) => exit = exit.worse(Exit::of_suite(code)),
            Some(Err(error)) => {
                incomplete = complete(&state.jobdir(dir, index)).err().or(incomplete);
                // If others ran its tests, no results are missing.
                if state.is_taken_over(index) {
                    let error = safe(&error.to_string());
                    eprintln!("note: {target}: {error}; others ran its tests");
                } else {
                    eprintln!("error: {target}: {}", safe(&error.to_string()));
                    exit = exit.worse(Exit::Failed);
                }
            }
            None => {
                if let Progress::Ended { code } = state.jobs[index].progress {
                    exit = exit.worse(Exit::of_suite(code));
                }
            }
        }
    }
    if is_left {
        let shown = dir.display();
        let _ = writeln!(
            io::stderr(),
            "the job goes on; take it up with: cargo autotest attach {shown}"
        );
        return Ok(exit);
    }
    if let Some(error) = incomplete {
        return Err(error);
    }
    match state.jobs.as_slice() {
        [_] => show_one(dir, watch)?,
        _ => show_many(state, dir, watch)?,
    }
    Ok(exit)
}

/// Makes the reports of a job that has not ended, of which only the journal and some files were received.
fn complete(dir: &Path) -> Result<(), RunError> {
    if has_records(dir) {
        report::tree::update_reports(dir)?;
    }
    Ok(())
}

fn show_one(dir: &Path, watch: &Watch) -> Result<(), RunError> {
    let (format, options) = shown(watch, false);
    if format != Format::Terminal && has_records(dir) {
        let journal = File::open(dir.join(journal::NAME))?;
        let report = format.report(io::BufWriter::new(io::stdout()), dir, &journal, options)?;
        let failures = Reports::new(vec![report]).update_all(Replay::new(journal)?);
        for failure in failures {
            eprintln!("error: {failure}");
        }
    }
    // The report for a person has been shown already, and names the results.
    Ok(())
}

/// Merges the results of all targets, and shows the report of all.
fn show_many(state: &RunState, dir: &Path, watch: &Watch) -> Result<(), RunError> {
    let jobs: Vec<(PathBuf, String)> = (0..state.jobs.len())
        .map(|index| {
            (
                state.jobdir(dir, index),
                state.target_of_tests(index).to_owned(),
            )
        })
        .filter(|(dir, _)| has_records(dir))
        .collect();
    if jobs.is_empty() {
        return Ok(());
    }
    report::merge_into(&jobs, dir, shown(watch, false))?;
    let _ = write!(io::stdout(), "{}", results_line(dir));
    Ok(())
}

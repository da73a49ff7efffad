//! `check`: tells whether a binary would accept a job file, without running the binary.

use std::io;
use std::path::PathBuf;

use autotest::described::{Checked, Described, Mistaken, check_job_file};

use crate::cli;
use crate::inspect::{self, Binary, InspectError};

/// An error of `check`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckError {
    #[error("failed to read the job file `{0}`: {1}")]
    Unreadable(PathBuf, io::Error),
    #[error(transparent)]
    Inspect(#[from] InspectError),
    #[error("{0}")]
    Mistaken(String),
}

/// Returns the runs of the job, as `BINARY --job FILE --dry-run` prints them. Values that only the binary can check are
/// noted on standard error. Without a binary, one of the workspace's test binaries or configured suites must accept the
/// file.
///
/// # Errors
/// If the file or the tests cannot be read, or there are mistakes.
pub(crate) fn run(args: &cli::Check) -> Result<String, CheckError> {
    let path = &args.job_file;
    let text = std::fs::read_to_string(path)
        .map_err(|error| CheckError::Unreadable(path.clone(), error))?;
    let name = path.display().to_string();
    let binaries = inspect::read_with_suites(args.from.file.as_deref())?;
    let mut refused: Option<(&Binary, Mistaken)> = None;
    for binary in &binaries {
        match check_job_file(&name, &text, described(binary)) {
            Ok(checked) => return Ok(accepted(binary, &checked)),
            Err(mistaken) => {
                let count = |mistaken: &Mistaken| mistaken.to_string().lines().count();
                let is_best = |best: &(&Binary, Mistaken)| count(&best.1) <= count(&mistaken);
                if !refused.as_ref().is_some_and(is_best) {
                    refused = Some((binary, mistaken));
                }
            }
        }
    }
    let mistakes = refused.map(|(binary, mistaken)| match binaries.len() {
        1 => mistaken.to_string(),
        count => format!(
            "none of the {count} test binaries and suites of the workspace accepts the job file; for `{}`:\n{mistaken}",
            binary.name
        ),
    });
    Err(CheckError::Mistaken(mistakes.unwrap_or_default()))
}

fn described(binary: &Binary) -> Described<'_> {
    Described {
        tests: &binary.suite.tests,
        controls: &binary.suite.controls,
        hooks: &binary.suite.hooks,
        profilers: &binary.suite.profilers,
    }
}

fn accepted(binary: &Binary, checked: &Checked) -> String {
    for unchecked in &checked.unchecked {
        eprintln!("note: only the binary can check the value of {unchecked}");
    }
    if !binary.name.is_empty() {
        eprintln!("accepted by `{}`", binary.name);
    }
    checked.runs.clone()
}

//! Makes the requests of a job file.

use autotest_core::{RunRequest, TestError};

use super::Entry;
use super::read::runs;
use crate::control::{Job, JobResult};

/// Requests what the file says, in order; branches at the same time.
///
/// # Errors
/// If a request is refused, or the file is not the one that was checked.
pub(crate) fn execute(job: &mut Job, text: &str) -> JobResult {
    let runs = runs(text).map_err(|mistakes| TestError::error(mistakes.of_file("job file")))?;
    request(job, &runs)
}

fn request(job: &mut Job, entries: &[Entry]) -> JobResult {
    for entry in entries {
        match entry {
            Entry::Run(request) => run(job, request)?,
            Entry::Group(name, entries) => {
                job.group(name.clone(), |job| request(job, entries))?;
            }
            Entry::Parallel(branches) => job.parallel(|side| {
                for (name, entries) in branches {
                    side.branch(name.clone(), |job: &mut Job| request(job, entries));
                }
            })?,
            Entry::Reboot => job.reboot()?,
        }
    }
    Ok(())
}

/// A run that does not pass does not end the job.
fn run(job: &mut Job, request: &RunRequest) -> Result<(), TestError> {
    job.run_request(request.clone()).map(drop)
}

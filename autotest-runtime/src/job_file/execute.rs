//! Makes the requests of a job file.

use autotest_core::{RunRequest, TestError};

use super::Entry;
use crate::control::{Job, JobResult};

/// Requests what the entries say, in order; branches at the same time.
///
/// # Errors
/// If a request is refused.
pub(crate) fn execute(job: &mut Job, entries: &[Entry]) -> JobResult {
    for entry in entries {
        match entry {
            Entry::Run(request) => run(job, request)?,
            Entry::Group(name, entries) => {
                job.group(name.clone(), |job| execute(job, entries))?;
            }
            Entry::Parallel(branches) => job.parallel(|side| {
                for (name, entries) in branches {
                    side.branch(name.clone(), |job: &mut Job| execute(job, entries));
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

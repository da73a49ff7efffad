//! Runs a job: from its options to its exit code.

use std::ffi::OsString;

use super::{MainError, new_job, resume};
use crate::cli::Options;
use crate::exec::Streams;
use crate::exit::Exit;
use crate::logging;
use crate::registry::Registry;
use crate::results;
use crate::screen::Stream;

/// Runs a new job, or resumes one.
pub(super) fn run(
    registry: &'static Registry,
    options: Options,
    args: &[OsString],
) -> Result<Exit, MainError> {
    logging::install();
    let streams = Streams {
        stdout: Stream::stdout()?,
        stderr: Stream::stderr()?,
    };
    let engine = options.engine.clone();
    let open = || match options.resume.clone() {
        Some(dir) => resume::open(registry, options, args, &results::of_job(&dir), streams),
        None => new_job::open(registry, options, args, streams),
    };
    let exit = open().and_then(|opened| opened.execute(registry));
    engine.remove_exit_file();
    exit
}

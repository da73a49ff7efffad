//! Runs a job, from its options to its exit code.

use std::ffi::OsString;

use super::continued::{self, Found};
use super::opened::Opened;
use super::{MainError, new_job, rerun, resume};
use crate::cli::{self, Options};
use crate::engine::Variables;
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
    if options.engine.ends_with_parent {
        // Without this, tests would outlive the engine's time limit.
        let _ =
            rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::TERM));
    }
    let streams = Streams {
        stdout: Stream::stdout()?,
        stderr: Stream::stderr()?,
    };
    let engine = options.engine.clone();
    let exit = match open(registry, options, args, streams) {
        Ok(Begun::Job(opened)) => opened.execute(registry),
        Ok(Begun::Nothing(exit)) => Ok(exit),
        Err(error) => Err(error),
    };
    engine.remove_exit_file();
    exit
}

/// What a command line leads to.
enum Begun {
    Job(Box<Opened>),
    /// There is nothing to execute.
    Nothing(Exit),
}

impl Begun {
    fn of(opened: Opened) -> Begun {
        Begun::Job(Box::new(opened))
    }
}

fn open(
    registry: &'static Registry,
    options: Options,
    args: &[OsString],
    streams: Streams,
) -> Result<Begun, MainError> {
    if let Some(dir) = options.resume.clone() {
        let dir = results::of_job(&dir);
        return resume::open(registry, options, args, &dir, streams).map(Begun::of);
    }
    if let Some(dir) = options.existing.rerun.clone() {
        let opened = rerun::open(registry, options, args, &dir, streams)?;
        return Ok(opened.map_or(Begun::Nothing(Exit::Passed), Begun::of));
    }
    let is_continued = options.existing.is_continued || options.engine.restarted_by.is_some();
    let dir = options.results.clone().filter(|_| is_continued);
    let found = dir
        .as_ref()
        .map(|dir| continued::find(registry, &options, args, dir));
    match found.transpose()? {
        None | Some(Found::New) => new_job::open(registry, options, args, streams).map(Begun::of),
        Some(Found::Ended(exit)) => Ok(Begun::Nothing(exit)),
        Some(Found::Unfinished { dir, secrets }) => {
            let given = cli::parse_recorded(
                Vec::new(),
                std::slice::from_ref(&secrets),
                Variables::of_process(),
            )?;
            resume::open(registry, given, &secrets, &dir, streams).map(Begun::of)
        }
    }
}

//! The `main` of a test binary: from the command line to the exit code.

mod control;
mod describe;
mod job;
mod list;
mod new_job;
mod notes;
mod opened;
mod params;
mod replay;
mod reports;
mod resume;

use std::ffi::OsString;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use autotest_core::excerpt;
use autotest_report::JournalError;

use crate::cli::{self, Action, UsageError};
use crate::engine::Variables;
use crate::exec;
use crate::exit::Exit;
use crate::logging;
use crate::plan::PlanError;
use crate::registry::{RegistrationError, Registry};
use crate::results::ResultsError;
use resume::ResumeError;

/// The buffer size for long texts.
const PIECE_BYTES: usize = 16 << 10;

/// The `main` of a test binary. [`main!`](crate::main) calls it with the path of the module that it is in.
pub fn main_of(module_path: &str) -> ExitCode {
    let main_crate = module_path.split("::").next().unwrap_or(module_path);
    match run(main_crate, std::env::args_os()) {
        Ok(exit) => exit.into(),
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            error.exit().into()
        }
    }
}

/// Errors that end the binary, most of them before the first run.
#[derive(Debug, thiserror::Error)]
enum MainError {
    #[error(transparent)]
    Usage(#[from] UsageError),
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error("{0}")]
    NoSuchTest(String),
    #[error("{0}")]
    NoSuchHook(String),
    #[error("{0}")]
    JobFile(String),
    #[error("failed to reboot the target: {0}")]
    NotRebooted(String),
    #[error("no test is selected; see `--list`")]
    NoTests,
    #[error(transparent)]
    Results(#[from] ResultsError),
    #[error(transparent)]
    Registration(#[from] RegistrationError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Resume(#[from] ResumeError),
    #[error("failed to create the log file `{0}`: {1}; name another with `--logfile`")]
    Logfile(PathBuf, io::Error),
    #[error("{0}")]
    Supervised(io::Error),
    #[error("failed to write results or output: {0}")]
    Output(#[from] io::Error),
}

impl MainError {
    fn exit(&self) -> Exit {
        match self {
            MainError::Usage(_)
            | MainError::Plan(_)
            | MainError::NoSuchTest(_)
            | MainError::NoSuchHook(_)
            | MainError::JobFile(_)
            | MainError::Results(_)
            | MainError::Logfile(..)
            | MainError::Journal(_)
            | MainError::Resume(_)
            | MainError::Supervised(_) => Exit::Usage,
            MainError::Registration(_) => Exit::Registration,
            MainError::NoTests => Exit::NoTests,
            MainError::NotRebooted(_) => Exit::Failed,
            MainError::Output(_) => Exit::Results,
        }
    }
}

fn run(main_crate: &str, args: impl IntoIterator<Item = OsString>) -> Result<Exit, MainError> {
    let mut args = args.into_iter();
    let program = args.next().unwrap_or_default();
    let args: Vec<OsString> = args.collect();
    let registry = || Registry::collect(main_crate).map(Registry::into_static);
    if exec::is_supervised(&args) {
        logging::install();
        let ended = exec::run_supervised(registry()?);
        std::process::exit(ended.map_err(MainError::Supervised)?);
    }
    let mut options = cli::parse(args.clone(), Variables::of_process())?;
    let registry: &'static Registry = registry()?;
    match options.action.clone() {
        Action::Help => print(&cli::help(&program.to_string_lossy()))?,
        Action::Completions(shell) => print(&cli::completions(shell, &program))?,
        Action::List => write_stdout(|out| list::list(registry, &options, out))?,
        Action::DryRun => {
            params::complete(registry, &mut options, Variables::of_process())?;
            print(&control::dry_run(registry, &mut options)?)?;
        }
        Action::ListControls => {
            let controls = registry.controls()?;
            write_stdout(|out| list::controls(controls, out))?;
        }
        Action::Describe(name) => print(&describe(registry, &name)?)?,
        Action::Replay(dir) => return replay::run(&dir, &options),
        Action::Run => return job::run(registry, options, &args),
    }
    Ok(Exit::Passed)
}

fn print(text: &str) -> Result<(), MainError> {
    write_stdout(|out| out.write_all(text.as_bytes()))
}

/// Calls `write` with buffered standard output. A reader that has gone away (`--list | head`) is not an
/// error.
fn write_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), MainError> {
    let mut out = BufWriter::with_capacity(PIECE_BYTES, io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn describe(registry: &Registry, name: &str) -> Result<String, MainError> {
    if let Some(test) = registry.get(name) {
        return Ok(describe::describe(test));
    }
    match registry.controls()?.get(name) {
        Some(function) => Ok(describe::control(function)),
        None => Err(MainError::NoSuchTest(no_such_test(registry, name))),
    }
}

fn no_such_test(registry: &Registry, name: &str) -> String {
    let nearest = registry.nearest(name);
    let name = excerpt(name);
    match nearest {
        Some(nearest) => format!("no test is called `{name}`; did you mean `{nearest}`?"),
        None => format!("no test is called `{name}`; see `--list`"),
    }
}

/// Prints what could not be written. Returns whether there was anything.
fn print_failures(failures: &[String]) -> bool {
    for failure in failures {
        let _ = writeln!(io::stderr(), "error: {failure}");
    }
    !failures.is_empty()
}

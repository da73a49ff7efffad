//! The `main` of a test binary: from the command line to the exit code.

mod continued;
mod control;
mod describe;
mod follow;
mod init;
mod job;
mod list;
mod new_job;
mod notes;
mod opened;
mod params;
mod replay;
mod reports;
mod rerun;
mod resume;
mod suite;

use std::ffi::OsString;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use autotest_core::excerpt;
use autotest_report::JournalError;

use crate::__private::Main;
use crate::cli::{self, Action, UsageError};
use crate::engine::Variables;
use crate::exec;
use crate::exit::Exit;
use crate::linkage;
use crate::logging;
use crate::plan::PlanError;
use crate::registry::{RegistrationError, Registry};
use crate::results::ResultsError;
use continued::ContinueError;
use rerun::RerunError;
use resume::ResumeError;

/// The buffer size for long texts.
const PIECE_BYTES: usize = 16 << 10;

/// The `main` of a test binary that has its own `main` function, which passes `module_path!()`; others use
/// [`main!`](crate::main).
pub fn main_of(module_path: &'static str) -> ExitCode {
    main_of_suite(&Main::of(module_path))
}

/// Called by [`main!`](crate::main).
pub fn main_of_suite(main: &Main) -> ExitCode {
    let exit = run(main, std::env::args_os()).unwrap_or_else(|error| {
        let _ = writeln!(io::stderr(), "error: {error}");
        error.exit()
    });
    init::stay_if_first(exit);
    exit.into()
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
    #[cfg(feature = "profilers")]
    #[error("{0}")]
    NoSuchProfiler(String),
    #[error("{0}")]
    JobFile(String),
    #[error("{0}")]
    MissingData(String),
    #[cfg(feature = "packages")]
    #[error("{0}")]
    Package(String),
    #[error("failed to reboot the target: {0}")]
    NotRebooted(String),
    #[error("the command of `--end-command` failed: {0}")]
    EndCommand(String),
    #[error("no test is selected; see `--list`")]
    NoTests,
    #[error(transparent)]
    Results(#[from] ResultsError),
    #[error(transparent)]
    Registration(#[from] RegistrationError),
    #[error("{0}")]
    Linkage(String),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Resume(#[from] ResumeError),
    #[error(transparent)]
    Rerun(#[from] RerunError),
    #[error(transparent)]
    Continue(#[from] ContinueError),
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
            | MainError::MissingData(_)
            | MainError::Results(_)
            | MainError::Logfile(..)
            | MainError::Journal(_)
            | MainError::Resume(_)
            | MainError::Rerun(_)
            | MainError::Continue(_)
            | MainError::Supervised(_) => Exit::Usage,
            #[cfg(feature = "packages")]
            MainError::Package(_) => Exit::Usage,
            #[cfg(feature = "profilers")]
            MainError::NoSuchProfiler(_) => Exit::Usage,
            MainError::Registration(_) | MainError::Linkage(_) => Exit::Registration,
            MainError::NoTests => Exit::NoTests,
            MainError::NotRebooted(_) | MainError::EndCommand(_) => Exit::Failed,
            MainError::Output(_) => Exit::Results,
        }
    }
}

fn run(main: &Main, args: impl IntoIterator<Item = OsString>) -> Result<Exit, MainError> {
    let mut args = args.into_iter();
    let program = args.next().unwrap_or_default();
    let args: Vec<OsString> = args.collect();
    let registry = || suite::registry(main).map(Registry::into_static);
    #[cfg(feature = "crash-handler")]
    if exec::is_crash_handler(&args) {
        std::process::exit(exec::handle_core_dump(&args));
    }
    if exec::is_supervised(&args) {
        logging::install();
        let ended = exec::run_supervised(registry()?);
        std::process::exit(ended.map_err(MainError::Supervised)?);
    }
    #[cfg(feature = "sysinfo")]
    if exec::is_collector(&args) {
        exec::serve().map_err(MainError::Supervised)?;
        return Ok(Exit::Passed);
    }
    let mut options = cli::parse(args.clone(), Variables::of_process())?;
    linkage::check(main).map_err(MainError::Linkage)?;
    let registry: &'static Registry = registry()?;
    match options.action.clone() {
        Action::Help => print(&cli::help(&program.to_string_lossy()))?,
        Action::Completions(shell) => print(&cli::completions(shell, &program))?,
        Action::List => write_stdout(|out| list::list(registry, &options, out))?,
        Action::DryRun => {
            params::complete(registry, &mut options, Variables::of_process())?;
            #[cfg(feature = "profilers")]
            new_job::check_profilers_of_job(&options)?;
            print(&control::dry_run(registry, &mut options)?)?;
        }
        Action::ListControls => {
            let controls = registry.controls()?;
            write_stdout(|out| list::controls(controls, out))?;
        }
        #[cfg(feature = "profilers")]
        Action::ListProfilers => write_stdout(list::profilers)?,
        Action::Describe(name) => print(&describe::describe(registry, &name, options.format)?)?,
        Action::Follow(dir) => return follow::run(&dir, options.existing.follow, &options),
        Action::Replay(dir) => return replay::run(&dir, &options),
        Action::Run => return job::run(registry, options, &args),
    }
    Ok(Exit::Passed)
}

fn print(text: &str) -> Result<(), MainError> {
    write_stdout(|out| out.write_all(text.as_bytes()))
}

/// Calls `write` with buffered standard output. It is not an error if the reader is gone (`--list | head`).
fn write_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), MainError> {
    let mut out = BufWriter::with_capacity(PIECE_BYTES, io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
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

/// Prints what could not be written. Returns `true` if there was anything.
fn print_failures(failures: &[String]) -> bool {
    for failure in failures {
        let _ = writeln!(io::stderr(), "error: {failure}");
    }
    !failures.is_empty()
}

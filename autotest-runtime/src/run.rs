//! A test binary from its command line to its exit code.

mod describe;

use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;
use std::rc::Rc;

use autotest_core::{Event, JobStart, Status};

use crate::cli::{self, Action, Options, UsageError};
use crate::exec::{Executor, InPlace};
use crate::exit::Exit;
use crate::hub::{Hub, Report};
use crate::identity;
use crate::logging;
use crate::plan::{Plan, PlanError, is_run, matches, select};
use crate::registry::{RegistrationError, Registry};
use crate::report::{Counts, JobFiles, Journal, KeyvalFiles, PerfFiles, StatusLog, Terminal};
use crate::results::{Place, ResultsError, ResultsTree};

/// The `main` of a test binary; [`main!`](crate::main) calls it with the path of its module.
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

/// What ends a binary before its first run.
#[derive(Debug, thiserror::Error)]
enum MainError {
    #[error(transparent)]
    Usage(#[from] UsageError),
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error("{0}")]
    NoSuchTest(String),
    #[error("no test is selected; see `--list`")]
    NoTests,
    #[error(transparent)]
    Results(#[from] ResultsError),
    #[error(transparent)]
    Registration(#[from] RegistrationError),
    #[error("failed to write results or output: {0}")]
    Output(#[from] io::Error),
}

impl MainError {
    fn exit(&self) -> Exit {
        match self {
            MainError::Usage(_)
            | MainError::Plan(_)
            | MainError::NoSuchTest(_)
            | MainError::Results(_) => Exit::Usage,
            MainError::Registration(_) => Exit::Registration,
            MainError::NoTests => Exit::NoTests,
            MainError::Output(_) => Exit::Results,
        }
    }
}

fn run(main_crate: &str, args: impl IntoIterator<Item = OsString>) -> Result<Exit, MainError> {
    let mut args = args.into_iter();
    let program = args.next().unwrap_or_default();
    let args: Vec<OsString> = args.collect();
    let options = cli::parse(args.iter().cloned())?;
    let registry = Registry::collect(main_crate)?;
    match &options.action {
        Action::Help => print(&cli::help(&program.to_string_lossy()))?,
        Action::List => print(&list(&registry, &options))?,
        Action::Describe(name) => print(&describe(&registry, name)?)?,
        Action::Run => return run_job(registry, &options, &args),
    }
    Ok(Exit::Passed)
}

/// A reader that went away (`--list | head`) is no error.
fn print(text: &str) -> Result<(), MainError> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn list(registry: &Registry, options: &Options) -> String {
    let mut tests = select(registry, options);
    tests.retain(|test| options.ignored != cli::Ignored::Only || is_run(test, options));
    let lines = tests.iter().map(|test| format!("{}: test\n", test.id));
    let mut text: String = lines.collect();
    let (count, s) = (tests.len(), if tests.len() == 1 { "" } else { "s" });
    text.push_str(&format!("\n{count} test{s}, 0 benchmarks\n"));
    text
}

fn describe(registry: &Registry, name: &str) -> Result<String, MainError> {
    match registry.get(name) {
        Some(test) => Ok(describe::describe(test)),
        None => Err(MainError::NoSuchTest(no_such_test(registry, name))),
    }
}

fn no_such_test(registry: &Registry, name: &str) -> String {
    match registry.nearest(name) {
        Some(nearest) => format!("no test is called `{name}`; did you mean `{nearest}`?"),
        None => format!("no test is called `{name}`; see `--list`"),
    }
}

fn run_job(registry: Registry, options: &Options, args: &[OsString]) -> Result<Exit, MainError> {
    logging::install();
    let registry = Rc::new(registry);
    let plan = Plan::new(&registry, options)?;
    if plan.runs.is_empty() && options.no_tests_fail {
        return Err(MainError::NoTests);
    }
    tell_of_idle_filters(&registry, options);
    let place = Place::from_env(options.results.clone());
    let results = place.create()?;
    let hub = Rc::new(RefCell::new(Hub::new(reports(&results, &plan)?)));
    hub.borrow_mut()
        .send(0, Event::JobStart(job_start(&plan, &place, args)));
    let (settings, results) = (plan.settings.clone(), results.clone());
    let mut executor = InPlace::new(Rc::clone(&registry), settings, results, Rc::clone(&hub));
    let exit = run_plan(&plan, &mut executor, &hub);
    let failures = hub.borrow_mut().finish();
    for failure in &failures {
        let _ = writeln!(io::stderr(), "error: {failure}");
    }
    Ok(if failures.is_empty() {
        exit
    } else {
        Exit::Results
    })
}

/// A filter that matches nothing is probably a slip of the finger.
fn tell_of_idle_filters(registry: &Registry, options: &Options) {
    for filter in &options.filters {
        let is_idle = |test| !matches(test, filter, options.exact);
        if registry.tests().iter().all(is_idle) {
            let _ = writeln!(io::stderr(), "note: {}", no_such_test(registry, filter));
        }
    }
}

/// Runs the tests until one ends the job.
fn run_plan(plan: &Plan<'_>, executor: &mut impl Executor, hub: &RefCell<Hub>) -> Exit {
    let mut exit = Exit::Passed;
    let (mut status, mut reason) = (Status::Good, String::new());
    for run in &plan.runs {
        let ended = executor.execute(run);
        if ended.is_failure() {
            exit = Exit::Failed;
        }
        if ended == Status::Abort {
            status = Status::Abort;
            reason = format!("{} ended the job", run.name.test);
            break;
        }
    }
    hub.borrow_mut().send(0, Event::JobEnd { status, reason });
    exit
}

fn reports(results: &ResultsTree, plan: &Plan<'_>) -> Result<Vec<Box<dyn Report>>, MainError> {
    let jobdir = &results.jobdir;
    let counts = Counts::new(plan.ignored.len(), plan.filtered_out);
    Ok(vec![
        Box::new(Journal::create(jobdir)?),
        Box::new(StatusLog::create(jobdir)?),
        Box::new(KeyvalFiles::new(jobdir.clone())),
        Box::new(PerfFiles::new(jobdir.clone())),
        Box::new(JobFiles::new(jobdir)),
        Box::new(Terminal::new(io::stdout(), jobdir, counts)),
    ])
}

fn job_start(plan: &Plan<'_>, place: &Place, args: &[OsString]) -> JobStart {
    JobStart {
        label: place.binary(),
        argv: args
            .iter()
            .map(|arg| arg.to_string_lossy().into_owned())
            .collect(),
        user: identity::user(),
        hostname: identity::hostname(),
        plan: plan.runs.iter().map(|run| run.name.test.clone()).collect(),
    }
}

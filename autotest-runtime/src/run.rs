//! A test binary from its command line to its exit code.

mod describe;

use std::cell::RefCell;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use autotest_core::{Event, JobStart, PlannedTest};

use crate::cli::{self, Action, Format, Isolation, Options, UsageError};
use crate::exec::{Executor, Forking, InPlace, Job};
use crate::exit::Exit;
use crate::hub::{Hub, Report};
use crate::identity;
use crate::journal::{Journal, JournalError, Sync};
use crate::logging;
use crate::plan::{Plan, PlanError, is_run, matches, select};
use crate::registry::{RegistrationError, Registry};
use crate::report::{
    JobFiles, JsonEvents, Junit, JunitPlace, KeyvalFiles, Ktap, Lava, LibtestJson, Logfile,
    PerfFiles, ShowOptions, StatusLog, Style, Tap, TapFiles, Terminal, Tree,
};
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
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("failed to create the log file `{0}`: {1}; name another with `--logfile`")]
    Logfile(PathBuf, io::Error),
    #[error("failed to write results or output: {0}")]
    Output(#[from] io::Error),
}

impl MainError {
    fn exit(&self) -> Exit {
        match self {
            MainError::Usage(_)
            | MainError::Plan(_)
            | MainError::NoSuchTest(_)
            | MainError::Results(_)
            | MainError::Logfile(..)
            | MainError::Journal(_) => Exit::Usage,
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
    // Borrowed by all that follows, to the end of the process.
    let registry: &'static Registry = Box::leak(Box::new(Registry::collect(main_crate)?));
    match &options.action {
        Action::Help => print(&cli::help(&program.to_string_lossy()))?,
        Action::List => print(&list(registry, &options))?,
        Action::Describe(name) => print(&describe(registry, name)?)?,
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

fn list(registry: &'static Registry, options: &Options) -> String {
    let mut tests = select(registry, options);
    tests.retain(|test| options.ignored != cli::Ignored::Only || is_run(test, options));
    let lines = tests.iter().map(|test| format!("{}: test\n", test.id));
    let mut text: String = lines.collect();
    if options.style == Style::Terse {
        return text;
    }
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

fn run_job(
    registry: &'static Registry,
    options: &Options,
    args: &[OsString],
) -> Result<Exit, MainError> {
    logging::install();
    let plan = Plan::new(registry, options)?;
    if plan.runs.is_empty() && options.no_tests_fail {
        return Err(MainError::NoTests);
    }
    tell_of_idle_filters(registry, options);
    let place = Place::from_env(options.results.clone());
    let logfile = logfile(options)?;
    let results = place.create()?;
    let journal = Journal::create(&results.jobdir, Sync::None)?;
    let mut reports = reports(&results, &journal, options)?;
    reports.extend(logfile);
    let hub = Rc::new(RefCell::new(Hub::new(journal, 0, reports)));
    hub.borrow_mut()
        .send(0, Event::JobStart(job_start(&plan, &place, options, args)));
    let settings = plan.settings.clone();
    let job = Job::new(registry, settings, options.exec, results, Rc::clone(&hub));
    let conclusion = match options.isolation {
        Isolation::None => InPlace::new(job).execute(&plan.runs),
        Isolation::Fork => Forking::new(job)?.execute(&plan.runs),
    };
    hub.borrow_mut().send(0, conclusion.job_end());
    let hub = Rc::into_inner(hub).expect("the executor is gone");
    let (_, failures) = hub.into_inner().finish();
    for failure in &failures {
        let _ = writeln!(io::stderr(), "error: {failure}");
    }
    Ok(conclusion.exit(failures.is_empty()))
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

/// Opened before the results directory is made: a path that can not be written runs nothing.
fn logfile(options: &Options) -> Result<Option<Box<dyn Report>>, MainError> {
    let Some(path) = &options.files.logfile else {
        return Ok(None);
    };
    match File::create(path) {
        Ok(file) => Ok(Some(Box::new(Logfile::new(file)))),
        Err(error) => Err(MainError::Logfile(path.clone(), error)),
    }
}

fn reports(
    results: &ResultsTree,
    journal: &Journal,
    options: &Options,
) -> io::Result<Vec<Box<dyn Report>>> {
    let mut reports = file_reports(&Tree::open(&results.jobdir)?, journal, options)?;
    reports.push(stdout_report(&results.jobdir, journal, options)?);
    Ok(reports)
}

/// The report on standard output.
fn stdout_report(
    jobdir: &Path,
    journal: &Journal,
    options: &Options,
) -> io::Result<Box<dyn Report>> {
    let shown = ShowOptions {
        style: options.style,
        output: options.show_output,
    };
    let out = terminal_output()?;
    Ok(match options.format {
        Format::Terminal => Box::new(Terminal::new(out, jobdir, shown)),
        Format::Json => Box::new(LibtestJson::new(out, jobdir, options.show_output)),
        Format::Junit => {
            let place = JunitPlace::Stream(Box::new(out));
            Box::new(Junit::new(journal.file()?, jobdir, place))
        }
        Format::Tap => Box::new(Tap::new(out, Some(jobdir))),
        Format::Ktap => Box::new(Ktap::new(out, Some(jobdir))),
        Format::Lava => Box::new(Lava::new(out)),
        Format::JsonEvents => Box::new(JsonEvents::new(out)),
    })
}

/// The reports that are files; those of the results tree are below `tree`.
fn file_reports(
    tree: &Tree,
    journal: &Journal,
    options: &Options,
) -> io::Result<Vec<Box<dyn Report>>> {
    let mut reports: Vec<Box<dyn Report>> = vec![
        Box::new(StatusLog::new(tree)),
        Box::new(KeyvalFiles::new(tree)),
        Box::new(PerfFiles::new(tree)),
        Box::new(JobFiles::new(tree)),
    ];
    let files = &options.files;
    if files.tap {
        reports.push(Box::new(Tap::new(tree.append_to("tap"), None)));
        reports.push(Box::new(TapFiles::new(tree, journal.file()?)));
    }
    let in_tree = files.junit.then(|| JunitPlace::Tree(tree.clone()));
    let elsewhere = files.junit_at.clone().map(JunitPlace::File);
    for place in in_tree.into_iter().chain(elsewhere) {
        let junit = Junit::new(journal.file()?, &tree.jobdir(), place);
        reports.push(Box::new(junit));
    }
    Ok(reports)
}

/// The terminal past std's buffer, which a fork would inherit with what a reader did not take.
fn terminal_output() -> io::Result<BufWriter<File>> {
    Ok(BufWriter::new(File::from(
        io::stdout().as_fd().try_clone_to_owned()?,
    )))
}

fn job_start(plan: &Plan, place: &Place, options: &Options, args: &[OsString]) -> JobStart {
    let planned = plan.runs.iter().map(|run| PlannedTest {
        test: run.name.test.clone(),
        operation: run.name.tagged_testname.clone(),
        args: run.args.clone(),
    });
    let ignored = plan.ignored.iter();
    let ignored = ignored.map(|test| (test.id.clone(), test.def.ignore.unwrap_or("").to_owned()));
    JobStart {
        id: identity::job_id(),
        label: place.binary(),
        argv: args
            .iter()
            .map(|arg| arg.to_string_lossy().into_owned())
            .collect(),
        user: identity::user(),
        hostname: identity::hostname(),
        pid: std::process::id(),
        build_id: identity::build_id(),
        boot_id: identity::boot_id(),
        plan: planned.collect(),
        ignored: ignored.collect(),
        filtered_out: plan.filtered_out,
        shuffle_seed: None,
        shard: None,
        is_parallel: options.exec.slots.get() > 1,
    }
}

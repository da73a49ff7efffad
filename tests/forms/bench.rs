//! Runs a registered test in memory: no directories, no files, no clock.
//!
//! This module must not look at what a test does, only at its verdict.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use autotest::__private::registered;
use autotest_core::{
    Arg, Args, Clock, Directories, Event, Host, JobHooks, Outcome, PanicReport, ProfilerStep, Run,
    RunName, RunResult, Settings, Sink, Subtest, TestDef, TestError, TestResult, Version, run_test,
};

/// How a run should end.
pub(crate) type Expected = Result<(), String>;

pub(crate) fn passes() -> Expected {
    Ok(())
}

pub(crate) fn fails(reason: &str) -> Expected {
    Err(reason.to_owned())
}

/// Every registered test.
pub(crate) fn defs() -> impl Iterator<Item = &'static TestDef> {
    registered().flatten()
}

/// The test `name`, or `name::case`.
#[track_caller]
pub(crate) fn def(name: &str) -> &'static TestDef {
    let full = |def: &TestDef| match def.case {
        Some(case) => format!("{}::{}", def.name, case.name),
        None => def.name.to_owned(),
    };
    let mut found = defs().filter(|def| full(def) == name);
    let first = found.next().expect("no test has this name");
    assert!(found.next().is_none(), "two tests are called {name}");
    first
}

/// Runs the test `name` once and compares how it ends.
#[track_caller]
pub(crate) fn check(name: &str, args: &[(&str, &str)], expected: Expected) {
    let args = args
        .iter()
        .map(|(name, text)| ((*name).to_owned(), Arg::Text((*text).to_owned())));
    assert_eq!(run(def(name), args.collect()), expected);
}

/// Whether the verdict of the test `name` says in which line of its source it was given.
pub(crate) fn has_line(name: &str) -> bool {
    let verdict = outcome(def(name), Args::new()).verdict;
    verdict.expect("it fails").location.is_some()
}

fn run(def: &'static TestDef, args: Args) -> Result<(), String> {
    outcome(def, args)
        .verdict
        .map_or(Ok(()), |verdict| Err(verdict.reason))
}

fn outcome(def: &'static TestDef, args: Args) -> Outcome {
    run_test(Run {
        def,
        name: RunName {
            test: def.name.to_owned(),
            ..RunName::default()
        },
        args,
        settings: Settings::default(),
        hooks: JobHooks::default(),
        deadline: None,
        host: Box::new(Nowhere),
        clock: Box::new(Nowhere),
        sink: Box::new(Nowhere),
    })
}

/// A world in which everything succeeds and nothing happens.
struct Nowhere;

impl Clock for Nowhere {
    fn now(&mut self) -> Duration {
        Duration::ZERO
    }
}

impl Sink for Nowhere {
    fn accept(&mut self, _: Event) {}
}

impl Host for Nowhere {
    fn create_directories(&mut self) -> TestResult<Directories> {
        Ok(Directories {
            tmpdir: PathBuf::from("/tmp"),
            ..Directories::default()
        })
    }
    fn remove_tmpdir(&mut self) {}
    fn enter_outputdir(&mut self) -> TestResult {
        Ok(())
    }
    fn leave_outputdir(&mut self) {}
    fn open_to_others(&mut self) -> TestResult {
        Ok(())
    }
    fn tee_logs(&mut self) -> TestResult {
        Ok(())
    }
    fn restore_logs(&mut self) {}
    fn has_srcdir(&mut self) -> bool {
        false
    }
    fn lock_setup(&mut self) -> TestResult {
        Ok(())
    }
    fn unlock_setup(&mut self) {}
    fn is_installed(&mut self, _: Version) -> TestResult<bool> {
        Ok(false)
    }
    fn remove_srcdir(&mut self) -> TestResult {
        Ok(())
    }
    fn record_installed(&mut self, _: Version) -> TestResult {
        Ok(())
    }
    fn drop_caches(&mut self) {}
    fn take_panic(&mut self) -> Option<PanicReport> {
        None
    }
    fn has_profilers(&mut self) -> bool {
        false
    }
    fn are_profilers_active(&mut self) -> bool {
        false
    }
    fn profile(&mut self, _: ProfilerStep, _: u64) -> TestResult {
        Ok(())
    }
    fn read_file(&mut self, _: &Path) -> io::Result<String> {
        Ok(String::new())
    }
    fn write_file(&mut self, _: &Path, _: &str) -> io::Result<()> {
        Ok(())
    }
    fn run_subtest(&mut self, _: Subtest) -> Result<RunResult, TestError> {
        Err(TestError::error("no subtests here"))
    }
}

//! What all executors share: where a job's runs have their places, and how one is run.

use std::cell::{Cell, RefCell};
use std::fs;
use std::io::{self, ErrorKind};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use autotest_core::{
    Clock, Directories, Event, JobHooks, Kind, Phase, Recovery, Run, Settings, Sink, Status,
    Subtest, TestError, Verdict, is_legal_tag, recover, run_test,
};

use super::verdict::signal_name;
use crate::exit::Exit;
use crate::host::{Places, TargetHost};
use crate::hub::Hub;
use crate::panics;
use crate::plan::PlannedRun;
use crate::registry::Registry;
use crate::results::ResultsTree;

/// A job, as its executor needs it.
pub(crate) struct Job {
    pub(crate) registry: &'static Registry,
    pub(crate) settings: Settings,
    pub(crate) options: ExecOptions,
    results: ResultsTree,
    hub: Rc<RefCell<Hub>>,
    /// Where temporary directories are made; absolute, since tests change the current directory.
    tmp: PathBuf,
    /// The origin of the clock.
    start: Instant,
    /// Whether a run of this job, above the one that is on, holds the lock of setups.
    pub(crate) is_setup_locked: Rc<Cell<bool>>,
}

/// What is particular to one execution of a run.
#[derive(Debug, Default)]
pub(crate) struct Life<'a> {
    /// The run's directories, if they are made already.
    pub(crate) directories: Option<&'a Directories>,
    /// How long it may take.
    pub(crate) timeout: Option<Duration>,
    /// What is known of the run that this one cleans up after.
    pub(crate) recovery: Option<Recovery>,
}

/// What the command line says of execution alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExecOptions {
    /// How many runs may be on at once.
    pub(crate) slots: NonZeroUsize,
    /// Whether the first failure ends the job.
    pub(crate) fail_fast: bool,
    /// Show what tests print as it comes.
    pub(crate) nocapture: bool,
    /// The timeout of tests that have none of their own.
    pub(crate) timeout: Option<Duration>,
}

impl Default for ExecOptions {
    /// One at a time: tests on a target disturb each other.
    fn default() -> ExecOptions {
        ExecOptions {
            slots: NonZeroUsize::MIN,
            fail_fast: false,
            nocapture: false,
            timeout: None,
        }
    }
}

/// How the runs of a job ended.
#[derive(Debug, Default)]
pub(crate) struct Conclusion {
    /// Whether a test failed.
    pub(crate) has_failures: bool,
    /// The test that ended the job.
    pub(crate) aborted_by: Option<String>,
    /// The signal that ended the job.
    pub(crate) interrupted: Option<i32>,
    /// Whether the first failure ends it.
    pub(crate) fail_fast: bool,
}

impl Conclusion {
    pub(crate) fn add(&mut self, test: &str, status: Status) {
        self.has_failures |= status.is_failure();
        if status == Status::Abort {
            self.aborted_by.get_or_insert_with(|| test.to_owned());
        }
    }

    /// The last event of the job.
    pub(crate) fn job_end(&self) -> Event {
        let reason = match (self.interrupted, &self.aborted_by) {
            (Some(signal), _) => format!("interrupted by {}", signal_name(signal)),
            (None, Some(test)) => format!("{test} ended the job"),
            (None, None) if self.is_over() => "a test failed".to_owned(),
            (None, None) => String::new(),
        };
        let status = if reason.is_empty() {
            Status::Good
        } else {
            Status::Abort
        };
        Event::JobEnd { status, reason }
    }

    /// How the process ends.
    pub(crate) fn exit(&self, is_written: bool) -> Exit {
        match self.interrupted {
            Some(signal) => Exit::Interrupted(signal),
            None if !is_written => Exit::Results,
            None if self.has_failures => Exit::Failed,
            None => Exit::Passed,
        }
    }

    /// Whether no further test is to start.
    pub(crate) fn is_over(&self) -> bool {
        let has_failed = self.fail_fast && self.has_failures;
        has_failed || self.aborted_by.is_some() || self.interrupted.is_some()
    }
}

impl Job {
    pub(crate) fn new(
        registry: &'static Registry,
        settings: Settings,
        options: ExecOptions,
        results: ResultsTree,
        hub: Rc<RefCell<Hub>>,
    ) -> Job {
        let tmp = std::env::temp_dir();
        Job {
            registry,
            settings,
            options,
            results,
            hub,
            tmp: std::path::absolute(&tmp).unwrap_or(tmp),
            start: Instant::now(),
            is_setup_locked: Rc::default(),
        }
    }

    pub(crate) fn send(&self, run: u32, event: Event) {
        self.hub.borrow_mut().send(run, event);
    }

    pub(crate) fn places(&self, run: &PlannedRun) -> Places {
        let ResultsTree { jobdir, installed } = &self.results;
        Places {
            jobdir: jobdir.clone(),
            outputdir: jobdir.join(&run.name.subdir),
            tmp: self.tmp.clone(),
            bindir: installed.join(run.test.directory()),
            setup_lock: installed.join(".testlock"),
            is_setup_locked: Rc::clone(&self.is_setup_locked),
            tagged_testname: run.name.tagged_testname.clone(),
        }
    }
}

/// How a run is prepared and lived through.
impl Job {
    /// Makes the output directory; one that is there already belongs to another run.
    pub(crate) fn create_outputdir(&self, subdir: &str) -> Result<(), Verdict> {
        let path = self.results.jobdir.join(subdir);
        let reason = match fs::create_dir(&path) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                format!("{subdir} already exists; give each run of a test a tag of its own")
            }
            Err(error) => not_created(&path, &error),
        };
        Err(Verdict::new(Kind::Error, reason))
    }

    /// The run that a test asks for.
    ///
    /// # Errors
    /// If there is no such test, in words for the test that asked.
    pub(crate) fn plan_subtest(
        &self,
        parent: &str,
        subtest: Subtest,
    ) -> Result<PlannedRun, String> {
        let Subtest { name, tag, args } = subtest;
        if tag.as_deref().is_some_and(|tag| !is_legal_tag(tag)) {
            return Err(format!("{name}: illegal tag"));
        }
        let Some(test) = self.registry.get(&name) else {
            let nearest = self.registry.nearest(&name);
            let meant = nearest.map_or_else(String::new, |id| format!("; did you mean `{id}`?"));
            return Err(format!("{name}: test does not exist{meant}"));
        };
        Ok(PlannedRun::new(test, tag.as_deref(), parent, args))
    }

    /// How long a run may take.
    pub(crate) fn timeout(&self, run: &PlannedRun) -> Option<Duration> {
        run.test.def.timeout.or(self.options.timeout)
    }

    /// Whether `cleanup` is to run after an abnormal end.
    pub(crate) fn cleans_up(&self, run: &PlannedRun) -> bool {
        run.test.def.phases.contains(Phase::Cleanup)
            && autotest_core::lifecycle::runs_cleanup(&run.args, &self.settings)
    }

    /// The lifecycle of a run in this process, or what remains of it after an abnormal end.
    pub(crate) fn run(
        &self,
        run: &PlannedRun,
        life: Life<'_>,
        subtests: impl FnMut(Subtest) -> Result<Status, TestError> + 'static,
        sink: impl Sink + 'static,
    ) -> Option<Verdict> {
        let host = TargetHost::new(self.places(run), subtests);
        let host = match life.directories {
            Some(directories) => host.within(directories.clone()),
            None => host,
        };
        let run = Run {
            def: run.test.def,
            name: run.name.clone(),
            args: run.args.clone(),
            settings: self.settings.clone(),
            hooks: JobHooks::default(),
            deadline: life.timeout.map(|timeout| self.start.elapsed() + timeout),
            host: Box::new(host),
            clock: Box::new(MonotonicClock(self.start)),
            sink: Box::new(sink),
        };
        let outcome = panics::watched(|| match life.recovery {
            None => run_test(run),
            Some(recovery) => recover(run, recovery),
        });
        outcome.map_or_else(
            |panic| Some(panic.classify(false)),
            |outcome| outcome.verdict,
        )
    }
}

fn not_created(path: &Path, error: &io::Error) -> String {
    format!("failed to create `{}`: {error}", path.display())
}

/// CLOCK_MONOTONIC, from the start of the job.
struct MonotonicClock(Instant);

impl Clock for MonotonicClock {
    fn now(&mut self) -> Duration {
        self.0.elapsed()
    }
}

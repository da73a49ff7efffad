//! Runs in this process and on this thread (`--isolation=none`): for debuggers.
//!
//! A test that exits or crashes takes the job with it; nothing here can prevent that.

use std::cell::{Cell, RefCell};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use autotest_core::{
    Clock, Event, JobHooks, Kind, Run, Settings, Sink, Status, Subtest, TestError, TestStart,
    Verdict, run_test,
};

use super::Executor;
use crate::host::{Places, TargetHost};
use crate::hub::{Hub, RunSink};
use crate::panics;
use crate::plan::PlannedRun;
use crate::registry::Registry;
use crate::results::ResultsTree;

/// How deep subtests may nest.
const MAX_DEPTH: u32 = 8;

/// Executes runs in this process.
#[derive(Clone)]
pub(crate) struct InPlace {
    job: Rc<Job>,
}

struct Job {
    registry: Rc<Registry>,
    settings: Settings,
    results: ResultsTree,
    hub: Rc<RefCell<Hub>>,
    /// Where temporary directories are made; absolute, since tests change the current directory.
    tmp: PathBuf,
    /// The origin of the clock.
    start: Instant,
    runs: Cell<u32>,
    /// How many tests are on: one, and its subtests.
    depth: Cell<u32>,
    /// When the test that is on must end.
    deadline: Cell<Option<Duration>>,
    is_setup_locked: Rc<Cell<bool>>,
}

impl InPlace {
    pub(crate) fn new(
        registry: Rc<Registry>,
        settings: Settings,
        results: ResultsTree,
        hub: Rc<RefCell<Hub>>,
    ) -> InPlace {
        let tmp = std::env::temp_dir();
        InPlace {
            job: Rc::new(Job {
                registry,
                settings,
                results,
                hub,
                tmp: std::path::absolute(&tmp).unwrap_or(tmp),
                start: Instant::now(),
                runs: Cell::new(0),
                depth: Cell::new(0),
                deadline: Cell::new(None),
                is_setup_locked: Rc::default(),
            }),
        }
    }

    fn places(&self, run: &PlannedRun<'_>) -> Places {
        let ResultsTree { jobdir, installed } = &self.job.results;
        Places {
            jobdir: jobdir.clone(),
            outputdir: jobdir.join(&run.name.subdir),
            tmp: self.job.tmp.clone(),
            bindir: installed.join(run.test.directory()),
            setup_lock: installed.join(".testlock"),
            is_setup_locked: Rc::clone(&self.job.is_setup_locked),
            tagged_testname: run.name.tagged_testname.clone(),
        }
    }

    /// The verdict of a run whose output directory exists.
    fn run(&self, run: &PlannedRun<'_>, sink: RunSink) -> Option<Verdict> {
        let subtests = self.clone();
        let parent = run.name.subdir.clone();
        let subtests = move |subtest| subtests.run_subtest(&parent, subtest);
        let outer = self.job.deadline.get();
        let deadline = self.deadline_within(outer, run.test.def.timeout);
        self.job.deadline.set(deadline);
        let run = Run {
            def: run.test.def,
            name: run.name.clone(),
            args: run.args.clone(),
            settings: self.job.settings.clone(),
            hooks: JobHooks::default(),
            deadline,
            host: Box::new(TargetHost::new(self.places(run), subtests)),
            clock: Box::new(MonotonicClock(self.job.start)),
            sink: Box::new(sink),
        };
        let outcome = panics::watched(|| run_test(run));
        self.job.deadline.set(outer);
        outcome.map_or_else(
            |panic| Some(panic.classify(false)),
            |outcome| outcome.verdict,
        )
    }

    /// A subtest ends no later than its parent.
    fn deadline_within(
        &self,
        outer: Option<Duration>,
        timeout: Option<Duration>,
    ) -> Option<Duration> {
        let own = timeout.map(|timeout| self.job.start.elapsed() + timeout);
        [outer, own].into_iter().flatten().min()
    }

    /// A run below the output directory of another.
    fn run_subtest(&self, parent: &str, subtest: Subtest) -> Result<Status, TestError> {
        let Subtest { name, tag, args } = subtest;
        let registry = Rc::clone(&self.job.registry);
        let Some(test) = registry.get(&name) else {
            let nearest = registry.nearest(&name);
            let meant = nearest.map_or_else(String::new, |id| format!("; did you mean `{id}`?"));
            return Err(TestError::error(format!(
                "{name}: test does not exist{meant}"
            )));
        };
        if self.job.depth.get() == MAX_DEPTH {
            return Err(TestError::error(format!(
                "{name}: subtests are nested too deep"
            )));
        }
        self.job.depth.set(self.job.depth.get() + 1);
        let status = self
            .clone()
            .execute(&PlannedRun::new(test, tag.as_deref(), parent, args));
        self.job.depth.set(self.job.depth.get() - 1);
        match status {
            Status::Abort => Err(TestError::abort_job(format!("{name} ended the job"))),
            status => Ok(status),
        }
    }
}

impl Executor for InPlace {
    fn execute(&mut self, run: &PlannedRun<'_>) -> Status {
        let number = self.job.runs.get() + 1;
        self.job.runs.set(number);
        let mut sink = RunSink::new(&self.job.hub, number);
        let start = Instant::now();
        let outputdir = self.create_outputdir(&run.name.subdir);
        let subdir = if outputdir.is_ok() {
            run.name.subdir.clone()
        } else {
            String::new()
        };
        sink.accept(Event::TestStart(TestStart {
            test: run.name.test.clone(),
            subdir,
            operation: run.name.tagged_testname.clone(),
            args: run.args.clone(),
            timeout_s: run.test.def.timeout.map(|timeout| timeout.as_secs_f64()),
        }));
        let verdict = match outputdir {
            Ok(()) => self.run(run, sink.clone()),
            Err(verdict) => Some(verdict),
        };
        let status = verdict
            .as_ref()
            .map_or(Status::Good, |verdict| verdict.kind.status());
        let elapsed_s = start.elapsed().as_secs_f64();
        sink.accept(Event::TestEnd {
            status,
            verdict,
            elapsed_s,
        });
        status
    }
}

impl InPlace {
    /// Makes the output directory; one that is there already belongs to another run.
    fn create_outputdir(&self, subdir: &str) -> Result<(), Verdict> {
        let path = self.job.results.jobdir.join(subdir);
        match fs::create_dir(&path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(Verdict::new(
                Kind::Error,
                format!("{subdir} already exists; give each run of a test a tag of its own"),
            )),
            Err(error) => Err(not_created(&path, &error)),
        }
    }
}

fn not_created(path: &Path, error: &std::io::Error) -> Verdict {
    Verdict::new(
        Kind::Error,
        format!("failed to create `{}`: {error}", path.display()),
    )
}

/// CLOCK_MONOTONIC, from the start of the job.
struct MonotonicClock(Instant);

impl Clock for MonotonicClock {
    fn now(&mut self) -> Duration {
        self.0.elapsed()
    }
}

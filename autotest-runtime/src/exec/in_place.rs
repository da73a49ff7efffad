//! Runs in this process and on this thread (`--isolation=none`): for debuggers.
//!
//! A test that exits or crashes takes the job with it; nothing here can prevent that.

use std::cell::{Cell, RefCell};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use autotest_core::{
    Clock, Event, JobHooks, Kind, Outcome, Run, Settings, Sink, Status, Subtest, TestError,
    TestStart, Verdict, run_test,
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
    runs: Cell<u32>,
    depth: Cell<u32>,
}

impl InPlace {
    pub(crate) fn new(
        registry: Rc<Registry>,
        settings: Settings,
        results: ResultsTree,
        hub: Rc<RefCell<Hub>>,
    ) -> InPlace {
        panics::watch();
        let (runs, depth) = (Cell::new(0), Cell::new(0));
        InPlace {
            job: Rc::new(Job {
                registry,
                settings,
                results,
                hub,
                runs,
                depth,
            }),
        }
    }

    fn places(&self, run: &PlannedRun<'_>) -> Places {
        let ResultsTree { jobdir, installed } = &self.job.results;
        Places {
            jobdir: jobdir.clone(),
            outputdir: jobdir.join(&run.name.subdir),
            tmp: std::env::temp_dir(),
            bindir: installed.join(run.test.directory()),
            setup_lock: installed.join(".testlock"),
            tagged_testname: run.name.tagged_testname.clone(),
        }
    }

    fn run(&self, run: &PlannedRun<'_>, sink: RunSink) -> Outcome {
        let subtests = self.clone();
        let parent = run.name.subdir.clone();
        let subtests = move |subtest| subtests.run_subtest(&parent, subtest);
        run_test(Run {
            def: run.test.def,
            name: run.name.clone(),
            args: run.args.clone(),
            settings: self.job.settings.clone(),
            hooks: JobHooks::default(),
            deadline: run.test.def.timeout,
            host: Box::new(TargetHost::new(self.places(run), subtests)),
            clock: Box::new(MonotonicClock(Instant::now())),
            sink: Box::new(sink),
        })
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
            Ok(()) => self.run(run, sink.clone()).verdict,
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

/// CLOCK_MONOTONIC, from the start of the run.
struct MonotonicClock(Instant);

impl Clock for MonotonicClock {
    fn now(&mut self) -> Duration {
        self.0.elapsed()
    }
}

//! Executes runs in this process and on this thread (`--isolation none`), for debuggers.
//!
//! A test that exits or crashes takes the job with it, and a timeout is recorded but not enforced.

#[cfg(feature = "sysinfo")]
mod collecting;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use autotest_core::{Event, RunResult, Sink, Status, Subtest, TestError};

use super::conclusion::{Conclusion, StopReason};
use super::job::Job;
#[cfg(feature = "packages")]
use super::nested::{Above, NestedRuns};
use super::source::{Request, Requester};
use super::{Deadline, Executor, MAX_DEPTH, Work};
use crate::plan::PlannedRun;

/// Executes runs in this process.
#[derive(Clone)]
pub(crate) struct InPlace(Rc<State>);

struct State {
    job: Job,
    runs: Cell<u32>,
    /// The runs in progress, each with its deadline: a test, then the subtests that it waits for.
    running: RefCell<Vec<(u32, Option<Instant>)>>,
    #[cfg(feature = "sysinfo")]
    collector: RefCell<super::sysinfo::Collector>,
}

impl InPlace {
    pub(crate) fn new(job: Job) -> InPlace {
        let (runs, running) = (Cell::new(0), RefCell::default());
        InPlace(Rc::new(State {
            job,
            runs,
            running,
            #[cfg(feature = "sysinfo")]
            collector: RefCell::default(),
        }))
    }

    fn run(&self, Request { run, requester }: &Request) -> RunResult {
        let State {
            job, runs, running, ..
        } = &*self.0;
        runs.set(runs.get() + 1);
        let number = runs.get();
        job.tell_caches(run);
        let start = Instant::now();
        let outer = running.borrow().last().copied();
        let timeout = timeout_within(job.timeout(run), outer.and_then(|(_, end)| end));
        let created = job.create_outputdir(&run.name.subdir);
        let begun = job.test_start(run, *requester, created.is_ok());
        job.send(number, Event::TestStart(begun));
        let verdict = match created.and_then(|()| job.check_needs(run)) {
            Err(verdict) => Some(verdict),
            Ok(()) => {
                let end = timeout.and_then(|timeout| start.checked_add(timeout));
                running.borrow_mut().push((number, end));
                let verdict = self.execute_run(run, number, timeout);
                running.borrow_mut().pop();
                verdict
            }
        };
        let result = RunResult::new(verdict, &run.name.subdir);
        #[cfg(feature = "sysinfo")]
        self.end_collecting(number, result.status.fails(job.options.is_strict));
        let elapsed_s = start.elapsed().as_secs_f64();
        job.send(
            number,
            Event::TestEnd {
                status: result.status,
                verdict: result.verdict.clone(),
                elapsed_s,
            },
        );
        result
    }

    fn execute_run(
        &self,
        run: &PlannedRun,
        number: u32,
        timeout: Option<Duration>,
    ) -> Option<autotest_core::Verdict> {
        let executor = self.clone();
        let parent = run.name.subdir.clone();
        let subtests = move |subtest| {
            let requester = Requester::Test {
                run: number,
                in_setup: executor.0.job.is_setup_locked.get(),
            };
            executor.run_subtest(&parent, requester, subtest)
        };
        let sink = JobSink {
            executor: self.clone(),
            number,
            #[cfg(feature = "packages")]
            subdir: run.name.subdir.clone(),
            #[cfg(feature = "packages")]
            nested: NestedRuns::default(),
        };
        let mut spec = self.0.job.run_spec(run, number);
        spec.timeout = timeout;
        #[cfg(feature = "sysinfo")]
        {
            spec.collect = Some(self.collecting(run, number));
        }
        spec.execute(
            run.test.def,
            subtests,
            #[cfg(feature = "profilers")]
            None,
            sink,
        )
    }

    /// Runs a subtest below the output directory of its parent.
    fn run_subtest(
        &self,
        parent: &str,
        requester: Requester,
        subtest: Subtest,
    ) -> Result<RunResult, TestError> {
        let name = subtest.name.clone();
        let planned = if self.0.running.borrow().len() > MAX_DEPTH {
            Err(format!("{name}: subtests are nested too deeply"))
        } else {
            self.0.job.plan_subtest(parent, subtest)
        };
        let run = planned.map_err(TestError::error)?;
        let result = self.run(&Request { run, requester });
        match result.status {
            Status::Abort => Err(TestError::abort_job(format!("{name} ended the job"))),
            _ => Ok(result),
        }
    }
}

impl Executor for InPlace {
    fn execute(&mut self, work: Work) -> Conclusion {
        let State { job, runs, .. } = &*self.0;
        runs.set(work.runs_before);
        let mut conclusion = Conclusion::new(&job.options, work.has_failures);
        let deadline = Deadline::of(job.options.job_timeout);
        // Without isolation, nothing is cleaned up after a crash.
        for unfinished in work.unfinished {
            job.tell_changed_files(unfinished.number, &unfinished.recovery.changed_files);
            conclusion.end_unfinished(job, unfinished);
        }
        #[cfg(feature = "sysinfo")]
        if job.settings.sysinfo.is_some() {
            self.start_collector();
        }
        let mut source = work.source;
        loop {
            if !job.is_durable() {
                conclusion.stop(StopReason::NotDurable);
            }
            if let Some(deadline) = deadline.filter(Deadline::is_over) {
                conclusion.stop(StopReason::OutOfTime(deadline.time));
            }
            let next = if conclusion.is_stopped() {
                None
            } else {
                source.next()
            };
            let Some(request) = next else {
                #[cfg(feature = "sysinfo")]
                self.finish_collecting();
                return conclusion;
            };
            let result = self.run(&request);
            conclusion.add(&request.run.name.test, result.status);
            source.ended(request.requester, result);
        }
    }
}

/// The timeout of a run; that of a subtest ends no later than its parent's.
fn timeout_within(own: Option<Duration>, outer: Option<Instant>) -> Option<Duration> {
    let left = outer.map(|end| end.saturating_duration_since(Instant::now()));
    own.into_iter().chain(left).min()
}

/// Sends the events of one run to the hub.
struct JobSink {
    executor: InPlace,
    number: u32,
    #[cfg(feature = "packages")]
    subdir: String,
    /// If the test is a package, the runs of its job.
    #[cfg(feature = "packages")]
    nested: NestedRuns,
}

impl Sink for JobSink {
    fn accept(&mut self, event: Event) {
        #[cfg(feature = "packages")]
        if let Event::Nested { run, event } = event {
            return self.accept_nested(run, *event);
        }
        self.executor.0.job.send(self.number, event);
    }
}

#[cfg(feature = "packages")]
impl JobSink {
    /// Sends an event of a run in the job of this package.
    fn accept_nested(&mut self, run: u32, event: Event) {
        let State { job, runs, .. } = &*self.executor.0;
        let above = Above {
            number: self.number,
            subdir: &self.subdir,
        };
        if let Some((number, event)) = self.nested.translate(run, event, above, runs.get() + 1) {
            runs.set(runs.get().max(number));
            job.send(number, event);
        }
    }
}

/// Ends the runs of a package's job that the job itself did not end.
#[cfg(feature = "packages")]
impl Drop for JobSink {
    fn drop(&mut self) {
        for (number, event) in self.nested.missing_ends() {
            self.executor.0.job.send(number, event);
        }
    }
}

//! Executes runs in this process and on this thread (`--isolation none`), for debuggers.
//!
//! A test that exits or crashes takes the job with it, and a timeout is recorded but not enforced.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use autotest_core::{Event, RunResult, Sink, Status, Subtest, TestError, TestStart};

use super::conclusion::{Conclusion, StopReason};
use super::job::Job;
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
}

impl InPlace {
    pub(crate) fn new(job: Job) -> InPlace {
        let (runs, running) = (Cell::new(0), RefCell::default());
        InPlace(Rc::new(State { job, runs, running }))
    }

    fn run(&self, Request { run, requester }: &Request) -> RunResult {
        let State { job, runs, running } = &*self.0;
        runs.set(runs.get() + 1);
        let number = runs.get();
        let start = Instant::now();
        let outer = running.borrow().last().copied();
        let timeout = timeout_within(job.timeout(run), outer.and_then(|(_, end)| end));
        let created = job.create_outputdir(&run.name.subdir);
        let subdir = created.is_ok().then(|| run.name.subdir.clone());
        job.send(
            number,
            Event::TestStart(TestStart {
                test: run.name.test.clone(),
                subdir: subdir.unwrap_or_default(),
                operation: run.name.tagged_testname.clone(),
                args: run.args.without_secrets(),
                timeout_s: job.timeout(run).map(|timeout| timeout.as_secs_f64()),
                parent: requester.parent(),
                requested: run.requested.clone(),
            }),
        );
        let verdict = match created {
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
        };
        let mut spec = self.0.job.run_spec(run, number);
        spec.timeout = timeout;
        spec.execute(run.test.def, subtests, sink)
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
        // Without isolation there is no cleaning up after a crash.
        for unfinished in work.unfinished {
            job.tell_changed_files(unfinished.number, &unfinished.recovery.changed_files);
            conclusion.end_unfinished(job, unfinished);
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
}

impl Sink for JobSink {
    fn accept(&mut self, event: Event) {
        self.executor.0.job.send(self.number, event);
    }
}

//! The default `execute`: an iteration, retries, the profiled run, constraints.

use super::call::{Region, call, guarded, last, timed};
use super::execute_args::truth;
use super::repeat::iterations;
#[cfg(feature = "sysinfo")]
use super::sysinfo;
use super::{ExecuteArgs, Step};
use crate::context::{ParsedConstraint, TestContext};
use crate::def::Phases;
use crate::event::{Event, StatusRecord};
use crate::host::ProfilerStep;
use crate::outcome::{Failure, Kind, TestResult, Verdict};
use crate::params::Args;
use crate::phase::{Phase, PhaseSet};
use crate::settings::Settings;
use crate::status::{Code, Status};

/// Whether `cleanup` runs: the argument `run_cleanup` overrides the job's setting. Conformance: topic
/// `cleanup`.
pub fn runs_cleanup(args: &Args, settings: &Settings) -> bool {
    let given = args.arg("run_cleanup").and_then(truth);
    given.unwrap_or(settings.run_test_cleanup)
}

/// The settings of the loop of iterations.
pub(super) struct Loop {
    pub(super) phases: PhaseSet,
    /// Whether there are no retries, no caches to drop, nothing to collect, and not only profiled iterations.
    pub(super) is_plain: bool,
    profile_only: bool,
    postprocess_profiled_run: bool,
    pub(super) constraints: Vec<ParsedConstraint>,
    retries: u32,
}

impl Loop {
    fn new(cx: &TestContext, args: &ExecuteArgs) -> Loop {
        let declared = cx.def.meta.constraints.iter().copied();
        let constraints = declared.chain(args.constraints.iter().map(String::as_str));
        let retries = cx.settings.test_retry.or(cx.def.meta.retries).unwrap_or(0);
        let profile_only = args.profile_only;
        let profile_only = profile_only.unwrap_or(cx.settings.default_profile_only);
        let drops_caches = cx.settings.drop_caches_between_iterations;
        #[cfg(feature = "sysinfo")]
        let collects = sysinfo::is_around_iterations(cx);
        #[cfg(not(feature = "sysinfo"))]
        let collects = false;
        Loop {
            phases: cx.def.phases,
            is_plain: retries == 0 && !profile_only && !drops_caches && !collects,
            profile_only,
            postprocess_profiled_run: args
                .postprocess_profiled_run
                .unwrap_or(cx.def.meta.postprocess_profiled_run),
            constraints: constraints.map(ParsedConstraint::new).collect(),
            retries,
        }
    }
}

/// The default `execute`, for use in an author's `execute`.
impl TestContext {
    /// Runs the default `execute` from the test's own one, with the arguments of the run.
    ///
    /// # Errors
    /// The first failure of the loop.
    pub fn default_execute(&mut self, test: &mut dyn Phases) -> TestResult {
        let args = ExecuteArgs::of(self)?;
        self.default_execute_with(test, args)
    }

    /// Runs the default `execute` from the test's own one, with these arguments.
    ///
    /// ```no_run
    /// # use autotest_core::{ExecuteArgs, Phase, Phases, TestContext, TestResult};
    /// # struct Dbench; impl Phases for Dbench { fn call(&mut self, _: Phase, _: &mut TestContext) -> TestResult { Ok(()) } }
    /// # impl Dbench {
    /// fn execute(&mut self, cx: &mut TestContext) -> TestResult {
    ///     cx.default_execute_with(self, ExecuteArgs { iterations: Some(3), ..Default::default() })
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// The first failure of the loop.
    pub fn default_execute_with(&mut self, test: &mut dyn Phases, args: ExecuteArgs) -> TestResult {
        execute(self, test, &args).map_err(Failure::from_verdict)
    }
}

/// The default `execute`.
pub(super) fn execute(cx: &mut TestContext, test: &mut dyn Phases, args: &ExecuteArgs) -> Step {
    if cx.host.has_profilers() && cx.host.are_profilers_active() {
        profile(cx, ProfilerStep::Stop)?;
    }
    let body = Loop::new(cx, args);
    iterations(cx, test, &body, args)?;
    if !body.profile_only {
        cx.iteration += 1;
        profiled_run(cx, test, &body)?;
    }
    call(cx, test, Phase::Postprocess)?;
    warn_of_unchecked_constraints(cx, &body);
    cx.process_failed_constraints().map_err(|failed| Verdict {
        location: None,
        ..Failure::from(failed).classify(true)
    })
}

/// Records a warning if there are constraints but no measurements. As in the original such constraints pass,
/// but their author relies on them.
fn warn_of_unchecked_constraints(cx: &mut TestContext, body: &Loop) {
    if !body.constraints.is_empty() && cx.failed_constraints().is_empty() {
        let reason = "the constraints were never checked: no iteration wrote a perf keyval";
        cx.send(Event::Suppressed {
            verdict: Verdict::new(Kind::Warn, reason),
            origin: "constraints".to_owned(),
        });
    }
}

/// Runs an iteration, and again if it asks for a retry. Conformance: topic `retry`.
pub(super) fn iteration_with_retry(
    cx: &mut TestContext,
    test: &mut dyn Phases,
    body: &Loop,
) -> Step {
    if body.retries == 0 {
        return iteration(cx, test, body);
    }
    let mut run = 0;
    while let Err(verdict) = iteration(cx, test, body) {
        if verdict.kind != Kind::Retry || run == body.retries {
            return Err(verdict);
        }
        let message = format!("Run {run} failed with {}", verdict.reason);
        cx.send(Event::Status(StatusRecord::message(Code::Info, message)));
        run += 1;
    }
    if run > 0 {
        guarded(cx, Region::Body, |cx| {
            Ok(cx.write_test_keyval([("test_retries_before_success", run)])?)
        })?;
    }
    Ok(())
}

/// Runs one iteration with its hooks. Sysinfo is collected before and after all of it.
fn iteration(cx: &mut TestContext, test: &mut dyn Phases, body: &Loop) -> Step {
    #[cfg(feature = "sysinfo")]
    sysinfo::before_iteration(cx);
    let result = iteration_with_hooks(cx, test, body);
    #[cfg(feature = "sysinfo")]
    sysinfo::after_iteration(cx);
    result
}

fn iteration_with_hooks(cx: &mut TestContext, test: &mut dyn Phases, body: &Loop) -> Step {
    drop_caches(cx);
    if cx.hooks.has_before_iteration() && !cx.settings.fast {
        timed(cx, "before_iteration", |cx| {
            guarded(cx, Region::Body, TestContext::run_before_iteration_hooks)
        })?;
    }
    let result = iteration_without_hooks(cx, test, body);
    after_iteration(cx, result)
}

/// Runs the hooks that follow an iteration. Conformance: topics `hooks`, `fast`.
pub(super) fn after_iteration(cx: &mut TestContext, result: Step) -> Step {
    if !cx.hooks.has_after_iteration() || result.is_ok() && cx.settings.fast {
        return result;
    }
    let hooks = timed(cx, "after_iteration", |cx| {
        guarded(cx, Region::Body, TestContext::run_after_iteration_hooks)
    });
    last(cx, result, hooks, "before an after-iteration hook")
}

fn iteration_without_hooks(cx: &mut TestContext, test: &mut dyn Phases, body: &Loop) -> Step {
    if body.profile_only {
        if !cx.host.has_profilers() {
            let message =
                "No profilers have been added but profile_only is set - nothing will be run";
            let code = Code::Status(Status::Warn);
            cx.send(Event::Status(StatusRecord::message(code, message)));
        }
        profiled_run(cx, test, body)?;
    } else {
        call(cx, test, Phase::BeforeRunOnce)?;
        run_once(cx, test, body)?;
        call(cx, test, Phase::AfterRunOnce)?;
    }
    call(cx, test, Phase::PostprocessIteration)?;
    cx.analyze_perf_constraints(&body.constraints);
    Ok(())
}

fn run_once(cx: &mut TestContext, test: &mut dyn Phases, body: &Loop) -> Step {
    if body.phases.contains(Phase::RunOnce) {
        return call(cx, test, Phase::RunOnce);
    }
    guarded(cx, Region::Body, |_| {
        Err(Failure::foreign(
            "AttributeError",
            "the test has no `run_once`",
        ))
    })
}

/// Runs `run_once` under the profilers, if there are any. Conformance: topic `profiling`.
fn profiled_run(cx: &mut TestContext, test: &mut dyn Phases, body: &Loop) -> Step {
    if !cx.host.has_profilers() {
        return Ok(());
    }
    drop_caches(cx);
    profile(cx, ProfilerStep::BeforeStart)?;
    call(cx, test, Phase::BeforeRunOnce)?;
    profile(cx, ProfilerStep::Start)?;
    let mut result = run_once(cx, test, body);
    if body.postprocess_profiled_run {
        result = result.and_then(|()| call(cx, test, Phase::PostprocessIteration));
    }
    let stopped = profile(cx, ProfilerStep::Stop).and_then(|()| profile(cx, ProfilerStep::Report));
    last(cx, result, stopped, "before the profilers were stopped")?;
    call(cx, test, Phase::AfterRunOnce)
}

fn profile(cx: &mut TestContext, step: ProfilerStep) -> Step {
    guarded(cx, Region::Body, |cx| cx.host.profile(step, cx.iteration))
}

fn drop_caches(cx: &mut TestContext) {
    if cx.settings.drop_caches_between_iterations {
        cx.host.drop_caches();
    }
}

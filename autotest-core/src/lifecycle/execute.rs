//! The default `execute`: the loop of iterations, retries, the profiled run, constraints.

use super::call::{Region, call, guarded, last, timed};
use super::progress::Progress;
use super::{ExecuteArgs, Step};
use crate::context::{ParsedConstraint, TestContext};
use crate::def::Phases;
use crate::event::{Event, StatusRecord};
use crate::host::ProfilerStep;
use crate::outcome::{Failure, Kind, Verdict};
use crate::params::Args;
use crate::phase::{Phase, PhaseSet};
use crate::settings::Settings;
use crate::status::{Code, Status};

/// Whether `cleanup` is to run: the argument's word, else the job's. Conformance: topic `cleanup`.
pub fn runs_cleanup(args: &Args, settings: &Settings) -> bool {
    match args.arg("run_cleanup") {
        Some(arg) => arg.value().is_truthy(),
        None => settings.run_test_cleanup,
    }
}

/// What is the same in all iterations.
struct Loop {
    phases: PhaseSet,
    profile_only: bool,
    postprocess_profiled_run: bool,
    constraints: Vec<ParsedConstraint>,
    retries: u32,
}

impl Loop {
    fn new(cx: &TestContext, args: &ExecuteArgs) -> Loop {
        let declared = cx.def.meta.constraints.iter().copied();
        let constraints = declared.chain(args.constraints.iter().map(String::as_str));
        Loop {
            phases: cx.def.phases,
            profile_only: args
                .profile_only
                .unwrap_or(cx.settings.default_profile_only),
            postprocess_profiled_run: args
                .postprocess_profiled_run
                .unwrap_or(cx.def.meta.postprocess_profiled_run),
            constraints: constraints.map(ParsedConstraint::new).collect(),
            retries: cx.settings.test_retry.or(cx.def.meta.retries).unwrap_or(0),
        }
    }
}

/// The default `execute`.
pub(crate) fn execute(cx: &mut TestContext, test: &mut dyn Phases, args: &ExecuteArgs) -> Step {
    if cx.host.are_profilers_active() {
        profile(cx, ProfilerStep::Stop)?;
    }
    let body = Loop::new(cx, args);
    match args.test_length {
        Some(length) => timed_loop(cx, test, &body, length, args.iterations)?,
        None => counted_loop(cx, test, &body, args.iterations.unwrap_or(1))?,
    }
    if !body.profile_only {
        cx.iteration += 1;
        profiled_run(cx, test, &body)?;
    }
    call(cx, test, Phase::Postprocess)?;
    tell_of_unchecked(cx, &body);
    cx.process_failed_constraints().map_err(|failed| Verdict {
        location: None,
        ..Failure::from(failed).classify(true)
    })
}

/// Constraints that nothing was measured for hold, as in the original; but somebody relies on them.
fn tell_of_unchecked(cx: &mut TestContext, body: &Loop) {
    if !body.constraints.is_empty() && cx.failed_constraints().is_empty() {
        let reason = "the constraints were never checked: no iteration wrote a perf keyval";
        cx.send(Event::Suppressed {
            verdict: Verdict::new(Kind::Warn, reason),
            origin: "constraints".to_owned(),
        });
    }
}

fn counted_loop(cx: &mut TestContext, test: &mut dyn Phases, body: &Loop, count: i64) -> Step {
    let count = u64::try_from(count).unwrap_or(0);
    let mut progress = Progress::new(cx, Some(count));
    for iteration in 1..=count {
        cx.iteration = iteration;
        iteration_with_retry(cx, test, body)?;
        progress.tick(cx);
    }
    Ok(())
}

/// Iterates until `length` seconds have passed. A clock that goes backwards stands still.
fn timed_loop(
    cx: &mut TestContext,
    test: &mut dyn Phases,
    body: &Loop,
    length: f64,
    iterations: Option<i64>,
) -> Step {
    if iterations.is_some_and(|count| count != 0) {
        log::debug!("Iterations parameter ignored (timed execution)");
    }
    let mut progress = Progress::new(cx, None);
    let start = cx.clock.now();
    let mut elapsed = 0.0_f64;
    while elapsed < length {
        cx.iteration += 1;
        iteration_with_retry(cx, test, body)?;
        elapsed = elapsed.max(cx.clock.now().saturating_sub(start).as_secs_f64());
        progress.tick(cx);
    }
    Ok(())
}

/// An iteration, tried again when it says so. Conformance: topic `retry`.
fn iteration_with_retry(cx: &mut TestContext, test: &mut dyn Phases, body: &Loop) -> Step {
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

/// One iteration with its hooks. Conformance: topics `hooks`, `fast`.
fn iteration(cx: &mut TestContext, test: &mut dyn Phases, body: &Loop) -> Step {
    drop_caches(cx);
    if cx.hooks.has_before_iteration() && !cx.settings.fast {
        timed(cx, "before_iteration", |cx| {
            guarded(cx, Region::Body, TestContext::run_before_iteration_hooks)
        })?;
    }
    let result = inside_hooks(cx, test, body);
    if !cx.hooks.has_after_iteration() || result.is_ok() && cx.settings.fast {
        return result;
    }
    let hooks = timed(cx, "after_iteration", |cx| {
        guarded(cx, Region::Body, TestContext::run_after_iteration_hooks)
    });
    last(cx, result, hooks, "before an after-iteration hook")
}

fn inside_hooks(cx: &mut TestContext, test: &mut dyn Phases, body: &Loop) -> Step {
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

/// A `run_once` under the profilers, if there are any. Conformance: topic `profiling`.
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

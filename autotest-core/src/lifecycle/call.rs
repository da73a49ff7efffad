//! The only place that calls an author's code: it binds parameters, catches panics and classifies errors.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::Step;
use crate::context::TestContext;
use crate::def::{Binding, Call, Phases};
use crate::event::Event;
use crate::host::PanicReport;
use crate::outcome::{TestResult, Verdict};
use crate::params::{pick, pick_execute};
use crate::phase::Phase;
use crate::settings::Hook;

/// Where code is called from, which determines whether a foreign error is FAIL or ERROR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Region {
    /// In `warmup`, `execute` and everything inside it: FAIL.
    Body,
    /// Elsewhere: ERROR.
    Around,
}

/// Calls a phase, if the test has it. Binds its parameters before the first call.
#[inline]
pub(super) fn call(cx: &mut TestContext, test: &mut dyn Phases, phase: Phase) -> Step {
    if !cx.def.phases.contains(phase) {
        return Ok(());
    }
    let region = if phase.is_test_body() {
        Region::Body
    } else {
        Region::Around
    };
    guarded(cx, region, |cx| {
        if !cx.bound_phases.contains(phase) {
            bind(cx, phase)?;
        }
        test.call(phase, cx)
    })
}

/// Computes the values of a phase's parameters, once per run.
fn bind(cx: &mut TestContext, phase: Phase) -> TestResult {
    let args = match phase {
        Phase::Execute => pick_execute(cx.def, &cx.args),
        _ => pick(cx.def, phase, &cx.args),
    };
    if let Some(bind) = cx.def.bind {
        cx.bound[phase as usize] = bind(&mut Binding {
            phase,
            args,
            case_index: cx.def.case.map_or(0, |case| case.index),
            context: Some(cx),
        })?;
    }
    cx.bound_phases = cx.bound_phases.with(phase);
    Ok(())
}

/// Calls code that may fail or panic. Checks that failed in it decide, too.
#[inline]
pub(super) fn guarded<T>(
    cx: &mut TestContext,
    region: Region,
    f: impl FnOnce(&mut TestContext) -> TestResult<T>,
) -> Step<T> {
    let checks_before = cx.checks.len();
    let result = match catch_unwind(AssertUnwindSafe(|| f(cx))) {
        Ok(result) => result,
        Err(payload) => {
            let failure = PanicReport::failure(cx.host.take_panic(), &*payload);
            discard(payload);
            Err(failure)
        }
    };
    let result = result.map_err(|failure| failure.classify(region == Region::Body));
    match cx.checks.len() == checks_before {
        true => result,
        false => Err(with_failed_checks(cx, region, checks_before, result.err())),
    }
}

/// The verdict of code in which checks failed, the first after `before` others. `ended_by` is the error that
/// it returned, or its panic.
#[cold]
fn with_failed_checks(
    cx: &mut TestContext,
    region: Region,
    before: usize,
    ended_by: Option<Verdict>,
) -> Verdict {
    let (failed, left_out) = cx.checks.take_after(before);
    let failed = failed
        .into_iter()
        .map(|failure| failure.classify(region == Region::Body));
    Verdict::of_several(failed.chain(ended_by).collect(), left_out)
}

/// Frees the payload of a panic if it is a text. The destructor of any other payload may panic, so it is
/// leaked.
fn discard(payload: Box<dyn Any + Send>) {
    if !payload.is::<&'static str>() && !payload.is::<String>() {
        std::mem::forget(payload);
    }
}

/// Creates the test: by its constructor, or from a free function.
pub(super) fn construct(cx: &mut TestContext) -> Step<Box<dyn Phases>> {
    match cx.def.call {
        Call::Phases(new) => guarded(cx, Region::Around, new),
        free @ (Call::Unit(_) | Call::UnitContext(_) | Call::Plain(_) | Call::Context(_)) => {
            Ok(Box::new(free))
        }
    }
}

/// A free function is a test whose only phase is `run_once`.
impl Phases for Call {
    fn call(&mut self, _phase: Phase, cx: &mut TestContext) -> TestResult {
        match *self {
            Call::Unit(f) => f(),
            Call::UnitContext(f) => f(cx),
            Call::Plain(f) => return f(),
            Call::Context(f) => return f(cx),
            Call::Phases(new) => drop(new(cx)?),
        }
        Ok(())
    }
}

/// Runs a hook of the job around the test, if there is one, and measures its time.
pub(super) fn run_job_hook(cx: &mut TestContext, hook: Option<&mut Hook>, name: &str) -> Step {
    let Some(hook) = hook else {
        return Ok(());
    };
    timed(cx, name, |cx| guarded(cx, Region::Around, |cx| hook(cx)))
}

/// Measures the time of a pass of hooks, even if it fails.
pub(super) fn timed(
    cx: &mut TestContext,
    hook: &str,
    f: impl FnOnce(&mut TestContext) -> Step,
) -> Step {
    let start = cx.clock.peek();
    let result = f(cx);
    let elapsed: Duration = cx.clock.peek().saturating_sub(start);
    cx.send(Event::HookTimer {
        hook: hook.to_owned(),
        elapsed_s: elapsed.as_secs_f64(),
    });
    result
}

/// Combines two results: the first error is the verdict, and the second is recorded as suppressed.
pub(super) fn first(cx: &mut TestContext, result: Step, later: Step, origin: &str) -> Step {
    match (result, later) {
        (Err(verdict), Err(suppressed)) => {
            cx.suppress(suppressed, origin);
            Err(verdict)
        }
        (Ok(()), later) => later,
        (result, Ok(())) => result,
    }
}

/// Combines two results: the last error is the verdict, and the first is recorded as suppressed.
pub(super) fn last(cx: &mut TestContext, result: Step, later: Step, origin: &str) -> Step {
    match (result, later) {
        (Err(replaced), Err(verdict)) => {
            cx.suppress(replaced, origin);
            Err(verdict)
        }
        (Ok(()), later) => later,
        (result, Ok(())) => result,
    }
}

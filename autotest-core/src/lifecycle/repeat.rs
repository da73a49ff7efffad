//! The loop of iterations, counted or timed, with a fast path for iterations that are only a call of
//! `run_once`.
//!
//! It must not know what an iteration does, except in the fast path.

use std::time::Duration;

use super::call::{Region, guarded};
use super::execute::{Loop, after_iteration, iteration_with_retry};
use super::progress::Progress;
use super::{ExecuteArgs, Step};
use crate::context::TestContext;
use crate::def::Phases;
use crate::phase::{Phase, PhaseSet};

/// Runs all iterations except the profiled one.
pub(super) fn iterations(
    cx: &mut TestContext,
    test: &mut dyn Phases,
    body: &Loop,
    args: &ExecuteArgs,
) -> Step {
    match args.test_length {
        Some(length) => timed(cx, test, body, length, args.iterations),
        None => counted(cx, test, body, args.iterations.unwrap_or(1)),
    }
}

fn counted(cx: &mut TestContext, test: &mut dyn Phases, body: &Loop, count: i64) -> Step {
    let Some(count) = u64::try_from(count).ok().filter(|count| *count > 0) else {
        return Ok(());
    };
    let progress = Progress::new(cx, Some(count));
    cx.iteration = 0;
    let mut done = 0;
    repeat(cx, test, body, progress, |_| {
        done += 1;
        done == count
    })
}

/// Iterates until `length` seconds have passed. A clock that goes backwards counts as standing still.
fn timed(
    cx: &mut TestContext,
    test: &mut dyn Phases,
    body: &Loop,
    length: f64,
    iterations: Option<i64>,
) -> Step {
    if iterations.is_some_and(|count| count != 0) {
        log::debug!("Iterations parameter ignored (timed execution)");
    }
    let progress = Progress::new(cx, None);
    let start = cx.clock.now();
    if length.is_nan() || length <= 0.0 {
        return Ok(());
    }
    let length = Duration::try_from_secs_f64(length).unwrap_or(Duration::MAX);
    let mut elapsed = Duration::ZERO;
    repeat(cx, test, body, progress, |cx| {
        elapsed = elapsed.max(cx.clock.now().saturating_sub(start));
        elapsed >= length
    })
}

/// Iterates until `is_over`, which is called after each iteration, returns `true`.
fn repeat(
    cx: &mut TestContext,
    test: &mut dyn Phases,
    body: &Loop,
    mut progress: Progress,
    mut is_over: impl FnMut(&mut TestContext) -> bool,
) -> Step {
    loop {
        let ended = if is_bare(cx, body) {
            bare_iterations(cx, test, body, &mut progress, &mut is_over)?
        } else {
            cx.iteration += 1;
            iteration_with_retry(cx, test, body)?;
            None
        };
        let is_over = ended.unwrap_or_else(|| {
            progress.count();
            is_over(cx)
        });
        progress.send_if_due(cx);
        if is_over {
            return Ok(());
        }
    }
}

/// Whether the next iteration only calls `run_once`, with parameters that are bound already.
fn is_bare(cx: &TestContext, body: &Loop) -> bool {
    const AROUND: PhaseSet = PhaseSet::of(&[
        Phase::BeforeRunOnce,
        Phase::AfterRunOnce,
        Phase::PostprocessIteration,
    ]);
    body.is_plain
        && !body.phases.intersects(AROUND)
        && cx.bound_phases.contains(Phase::RunOnce)
        && !cx.hooks.has_any()
}

/// The fast path: iterations that only call `run_once`, all inside one `catch_unwind`. Returns after an
/// iteration that leaves measurements to check or hooks to run (`None`), or when progress is due or the loop
/// is over (the result of `is_over`).
///
/// An empty iteration costs a fifth of what it costs on the general path.
fn bare_iterations(
    cx: &mut TestContext,
    test: &mut dyn Phases,
    body: &Loop,
    progress: &mut Progress,
    mut is_over: impl FnMut(&mut TestContext) -> bool,
) -> Step<Option<bool>> {
    let result = guarded(cx, Region::Body, |cx| {
        loop {
            cx.iteration += 1;
            test.call(Phase::RunOnce, cx)?;
            if cx.has_work_after_iteration() {
                return Ok(None);
            }
            let (is_due, is_over) = (progress.count(), is_over(cx));
            if is_due || is_over {
                return Ok(Some(is_over));
            }
        }
    });
    match result {
        Ok(Some(is_over)) => Ok(Some(is_over)),
        Ok(None) => {
            cx.analyze_perf_constraints(&body.constraints);
            after_iteration(cx, Ok(())).map(|()| None)
        }
        Err(verdict) => after_iteration(cx, Err(verdict)).map(|()| None),
    }
}

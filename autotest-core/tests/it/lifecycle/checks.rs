//! Checks that fail without ending their phase.

use autotest_core::{
    Args, Call, Failure, Kind, Metadata, Outcome, Phase, Phases, Settings, TestContext, TestError,
    TestResult,
};

use super::stage::{Ended, Stage, fail, panics};

fn run_once(step: fn(&mut TestContext) -> TestResult) -> Ended {
    Stage::with(&[Phase::RunOnce, Phase::Postprocess])
        .step(Phase::RunOnce, step)
        .run()
}

/// Compares the reason, with `@` for each place.
#[track_caller]
fn check_reason(ended: Ended, kind: Kind, expected: &str) {
    let verdict = ended.outcome().verdict.clone().unwrap();
    let lines = verdict
        .reason
        .lines()
        .map(|line| match line.split_once(": ") {
            Some((place, rest)) if place.contains(".rs:") => format!("@ {rest}"),
            _ => line.to_owned(),
        });
    let reason = lines.collect::<Vec<_>>().join("\n");
    assert_eq!((verdict.kind, reason.as_str()), (kind, expected));
}

#[test]
fn a_phase_goes_on_after_a_failed_check_and_fails_at_its_end() {
    let ended = run_once(|cx| {
        assert_eq!(cx.check(|_| fail("one")), None);
        assert_eq!(cx.check(|_| Ok(7)), Some(7));
        cx.check(|_| Ok(std::fs::read("/nonexistent")?));
        Ok(())
    })
    .expect_trace("tee keyval open enter run_once restore leave remove_tmp");
    let logged = ended.logged().iter();
    let logged = logged.filter(|line| line.starts_with("ERROR a check failed: "));
    assert_eq!(logged.count(), 2);
    check_reason(
        ended,
        Kind::Fail,
        "2 failures\n@ one\n@ Unhandled io::Error: No such file or directory (os error 2)",
    );
}

#[test]
fn a_single_failed_check_is_the_verdict() {
    let ended = run_once(|cx| {
        cx.check(|_| Err::<(), Failure>(TestError::warn("slow").into()));
        Ok(())
    });
    let verdict = ended.outcome().verdict.clone().unwrap();
    assert!(verdict.location.unwrap().contains(".rs:"));
    check_reason(ended, Kind::Warn, "slow");
}

#[test]
fn the_error_and_the_panic_that_end_a_phase_come_last() {
    let ended = run_once(|cx| {
        cx.check(|_| fail("one"));
        Err(TestError::error("no disk").into())
    });
    check_reason(ended, Kind::Error, "2 failures\n@ FAIL: one\n@ no disk");
    let ended = run_once(|cx| {
        cx.check(|_| fail("one"));
        cx.check(|_| panics("gone"));
        Ok(())
    });
    check_reason(
        ended,
        Kind::Fail,
        "2 failures\n@ one\nUnhandled panic: gone",
    );
}

#[test]
fn a_check_in_a_check_counts_once() {
    let ended = run_once(|cx| {
        cx.check(|cx| {
            cx.check(|_| fail("inner"));
            fail("outer")
        });
        Ok(())
    });
    check_reason(ended, Kind::Fail, "2 failures\n@ inner\n@ outer");
}

#[test]
fn a_foreign_error_in_a_check_is_error_around_the_test() {
    let ended = Stage::with(&[Phase::Initialize, Phase::RunOnce])
        .step(Phase::Initialize, |cx| {
            cx.check(|_| Ok(std::fs::read("/nonexistent")?));
            Ok(())
        })
        .run();
    let reason = "Unhandled io::Error: No such file or directory (os error 2)";
    check_reason(ended, Kind::Error, reason);
}

/// Also where many iterations are inside one call that catches panics.
#[test]
fn a_failed_check_ends_the_loop_at_its_iteration() {
    let ended = Stage::with(&[Phase::RunOnce])
        .args(Args::new().with("iterations", 1000))
        .step(Phase::RunOnce, |cx| {
            if cx.iteration() == 500 {
                cx.check(|_| fail("in the middle"));
            }
            Ok(())
        })
        .run();
    let runs = ended.trace().iter().filter(|note| *note == "run_once");
    assert_eq!(runs.count(), 500);
    ended.expect_verdict("FAIL: in the middle");
}

#[test]
fn an_iteration_is_tried_again_only_if_all_failed_checks_ask_for_it() {
    const TWICE: &Metadata = &Metadata {
        retries: Some(1),
        ..Metadata::DEFAULT
    };
    let stage = || {
        Stage::with(&[Phase::RunOnce])
            .meta(TWICE)
            .settings(Settings::default())
    };
    let runs = |ended: &Ended| {
        ended
            .trace()
            .iter()
            .filter(|note| *note == "run_once")
            .count()
    };
    let asks = |cx: &mut TestContext| cx.check(|_| Err::<(), _>(TestError::retry("flaky").into()));
    thread_local! {
        static ASKS: std::cell::Cell<fn(&mut TestContext) -> Option<()>> =
            const { std::cell::Cell::new(|_| None) };
    }
    ASKS.set(asks);
    let ended = stage()
        .step(Phase::RunOnce, |cx| {
            ASKS.get()(cx);
            Ok(())
        })
        .run();
    assert_eq!(runs(&ended), 2);
    let ended = stage()
        .step(Phase::RunOnce, |cx| {
            ASKS.get()(cx);
            cx.check(|_| fail("broken"));
            Ok(())
        })
        .run();
    assert_eq!(runs(&ended), 1);
}

#[test]
fn a_failed_check_in_a_hook_fails_the_hooks() {
    let ended = Stage::with(&[Phase::Warmup, Phase::RunOnce])
        .step(Phase::Warmup, |cx| {
            cx.register_before_iteration_hook(|cx| {
                cx.check(|_| fail("in a hook"));
                Ok(())
            });
            Ok(())
        })
        .run()
        .expect_trace("tee keyval open enter warmup restore leave remove_tmp");
    check_reason(ended, Kind::Fail, "in a hook");
}

/// Its `execute` has a failed check around the default one, whose `run_once` has another.
struct Nested;

impl Phases for Nested {
    fn call(&mut self, phase: Phase, cx: &mut TestContext) -> TestResult {
        if phase == Phase::RunOnce {
            cx.check(|_| fail("inner"));
            return Ok(());
        }
        cx.check(|_| fail("outer"));
        let inner = cx.default_execute(self);
        assert_eq!(inner.unwrap_err().reason(), "inner");
        Ok(())
    }
}

#[test]
fn a_phase_within_another_has_only_its_own_failed_checks() {
    let ended = Stage::with(&[Phase::Execute, Phase::RunOnce])
        .code(Call::Phases(|_| Ok(Box::new(Nested))))
        .run();
    check_reason(ended, Kind::Fail, "outer");
}

#[test]
fn a_hundred_failures_are_kept_and_the_others_are_counted() {
    let ended = run_once(|cx| {
        for number in 0..103 {
            cx.check(|_| fail(&format!("number {number}")));
        }
        Ok(())
    });
    let Outcome { verdict, .. } = ended.outcome();
    let reason = &verdict.as_ref().unwrap().reason;
    let lines: Vec<_> = reason.lines().collect();
    assert_eq!(lines.len(), 101);
    assert_eq!(lines[0], "103 failures, 100 of them listed");
    assert!(lines[100].ends_with(": number 99"), "{}", lines[100]);
}

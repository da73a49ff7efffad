//! The lifecycle against a world that only takes notes: each test declares steps and expects a trace.

mod arguments;
mod changed_files;
mod checks;
mod context;
mod loops;
#[cfg(feature = "profilers")]
mod profilers;
mod recording;
mod recovery;
mod rules;
pub(crate) mod stage;
#[cfg(feature = "sysinfo")]
mod sysinfo;
mod world;

use autotest_core::{Args, ExecuteArgs, Expect, Metadata, Phase, Settings, Subtest, TestError};
use stage::{Stage, fail, panics, tries};
use world::World;

#[test]
fn phases_run_in_the_order_of_the_seeds() {
    Stage::with(Phase::ALL.iter().filter(|phase| **phase != Phase::Execute))
        .run()
        .expect_trace(
            "tee keyval open initialize lock not_installed remove_src setup record unlock enter \
             warmup before_run_once run_once after_run_once postprocess_iteration postprocess \
             cleanup restore leave remove_tmp",
        )
        .expect_pass();
}

#[test]
fn a_free_test_is_nothing_but_run_once() {
    Stage::with(&[Phase::RunOnce])
        .run()
        .expect_trace("tee keyval open enter run_once restore leave remove_tmp")
        .expect_pass();
}

#[test]
fn cleanup_runs_after_failed_setup() {
    Stage::with(&[Phase::Setup, Phase::RunOnce, Phase::Cleanup])
        .step(Phase::Setup, |_| fail("make"))
        .run()
        .expect_trace(
            "tee keyval open lock not_installed remove_src setup unlock cleanup restore leave \
             remove_tmp",
        )
        .expect_verdict("FAIL: make");
}

#[test]
fn a_foreign_error_is_error_in_setup_and_fail_in_run_once() {
    let missing = |_: &mut _| Ok(std::fs::read("/nonexistent").map(drop)?);
    Stage::with(&[Phase::Setup])
        .step(Phase::Setup, missing)
        .run()
        .expect_verdict("ERROR: Unhandled io::Error: No such file or directory (os error 2)");
    Stage::with(&[Phase::RunOnce])
        .step(Phase::RunOnce, missing)
        .run()
        .expect_verdict("FAIL: Unhandled io::Error: No such file or directory (os error 2)");
}

#[test]
fn the_first_error_stays_and_that_of_cleanup_is_on_record() {
    Stage::with(&[Phase::RunOnce, Phase::Cleanup])
        .step(Phase::RunOnce, |_| fail("first"))
        .step(Phase::Cleanup, |_| fail("second"))
        .run()
        .expect_suppressed(&["cleanup: FAIL: second"])
        .expect_verdict("FAIL: first");
}

#[test]
fn an_after_iteration_hook_replaces_the_error_which_is_on_record() {
    Stage::with(&[Phase::Initialize, Phase::RunOnce])
        .step(Phase::Initialize, |cx| {
            cx.register_after_iteration_hook(|_| fail("hook"));
            Ok(())
        })
        .step(Phase::RunOnce, |_| fail("run"))
        .run()
        .expect_suppressed(&["before an after-iteration hook: FAIL: run"])
        .expect_verdict("FAIL: hook");
}

#[test]
fn a_failed_before_iteration_hook_skips_the_after_hooks() {
    Stage::with(&[Phase::Initialize, Phase::RunOnce])
        .step(Phase::Initialize, |cx| {
            cx.register_before_iteration_hook(|_| fail("before"));
            cx.register_after_iteration_hook(|_| fail("after"));
            Ok(())
        })
        .run()
        .expect_suppressed(&[])
        .expect_verdict("FAIL: before");
}

#[test]
fn a_failed_before_test_hook_runs_nothing_but_the_after_test_hook() {
    Stage::with(&[Phase::RunOnce])
        .before_test(|_| fail("before"))
        .after_test(|_| Ok(()))
        .run()
        .expect_trace("before_test leave after_test remove_tmp")
        .expect_verdict("FAIL: before");
}

#[test]
fn a_failed_after_test_hook_decides() {
    Stage::with(&[Phase::RunOnce])
        .step(Phase::RunOnce, |_| fail("run"))
        .after_test(|_| Ok(std::fs::read("/nonexistent").map(drop)?))
        .run()
        .expect_suppressed(&["before the after-test hook: FAIL: run"])
        .expect_verdict("ERROR: Unhandled io::Error: No such file or directory (os error 2)");
}

#[test]
fn hooks_of_each_kind_may_panic() {
    Stage::with(&[Phase::RunOnce])
        .before_test(|_| panics("before"))
        .run()
        .expect_verdict("ERROR: Unhandled panic: before");
    Stage::with(&[Phase::RunOnce])
        .after_test(|_| panics("after"))
        .run()
        .expect_verdict("ERROR: Unhandled panic: after");
    for register in [stage::register_before, stage::register_after] {
        Stage::with(&[Phase::Initialize, Phase::RunOnce])
            .step(Phase::Initialize, register)
            .run()
            .expect_verdict("FAIL: Unhandled panic: in a hook");
    }
}

#[test]
fn a_panic_with_any_payload_is_a_failure() {
    Stage::with(&[Phase::RunOnce])
        .step(Phase::RunOnce, |_| std::panic::panic_any(7))
        .run()
        .expect_verdict("FAIL: Unhandled panic: (a payload that is not a text)");
    Stage::with(&[Phase::Cleanup, Phase::RunOnce])
        .step(Phase::Cleanup, |_| panics("in cleanup"))
        .run()
        .expect_verdict("ERROR: Unhandled panic: in cleanup");
}

#[test]
fn a_panic_payload_whose_drop_panics_is_survived() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("the payload's own");
        }
    }
    Stage::with(&[Phase::RunOnce])
        .step(Phase::RunOnce, |_| std::panic::panic_any(Bomb))
        .run()
        .expect_verdict("FAIL: Unhandled panic: (a payload that is not a text)");
}

#[test]
fn a_clock_that_goes_backwards_stands_still() {
    Stage::with(&[Phase::RunOnce])
        .args(Args::new().with("test_length", 9))
        .clock(&[100, 104, 90, 103, 104, 109])
        .run()
        .expect_iterations(5)
        .expect_pass();
}

#[test]
fn a_timed_run_iterates_at_least_once() {
    Stage::with(&[Phase::RunOnce])
        .args(Args::new().with("test_length", 0.5))
        .clock(&[0, 1000])
        .run()
        .expect_iterations(1)
        .expect_pass();
}

#[test]
fn an_iteration_is_tried_again_only_when_it_asks() {
    let settings = || Settings {
        test_retry: Some(2),
        ..Settings::default()
    };
    Stage::with(&[Phase::RunOnce])
        .settings(settings())
        .step(Phase::RunOnce, |_| {
            tries(3, || Err(TestError::retry("flaky").into()))
        })
        .run()
        .expect_trace(
            "tee keyval open enter run_once record:Run_0_failed_with_flaky run_once \
             record:Run_1_failed_with_flaky run_once keyval restore leave remove_tmp",
        )
        .expect_pass();
    Stage::with(&[Phase::RunOnce])
        .settings(settings())
        .step(Phase::RunOnce, |_| fail("for good"))
        .run()
        .expect_verdict("FAIL: for good");
}

#[test]
fn a_known_failure_passes_and_a_pass_does_not() {
    const KNOWN: &Metadata = &Metadata {
        expect: Expect::Fail,
        ..Metadata::DEFAULT
    };
    Stage::with(&[Phase::RunOnce])
        .meta(KNOWN)
        .step(Phase::RunOnce, |_| fail("known"))
        .run()
        .expect_suppressed(&["a known failure: FAIL: known"])
        .expect_pass();
    Stage::with(&[Phase::RunOnce])
        .meta(KNOWN)
        .run()
        .expect_verdict("FAIL: passed, but is marked `expect = \"fail\"`");
}

#[test]
fn only_profilers_that_are_there_are_stopped_at_the_beginning() {
    let run = |has_profilers| {
        let world = World {
            has_profilers,
            profilers_active: true,
            ..World::default()
        };
        let ended = Stage::with(&[Phase::RunOnce]).world(world).run();
        ended.trace().contains(&"Stop".to_owned())
    };
    assert!(run(true));
    assert!(!run(false));
}

#[test]
fn a_subtest_is_not_told_where_its_parent_is() {
    Stage::with(&[Phase::RunOnce])
        .step(Phase::RunOnce, |cx| {
            let subtest = Subtest::new("net::ping").arg("master_testpath", "elsewhere");
            cx.run_subtest(subtest)?;
            Ok(())
        })
        .run()
        .expect_verdict(
            "FAIL: Unhandled ValueError: `master_testpath` is this test's directory, which a subtest knows: leave it out",
        );
}

#[test]
fn an_unknown_argument_runs_nothing() {
    Stage::with(&[Phase::Initialize, Phase::RunOnce, Phase::Cleanup])
        .args(Args::new().with("iteratoins", 3))
        .run()
        .expect_trace("tee keyval restore leave remove_tmp")
        .expect_verdict("ERROR: Unknown parameter: iteratoins");
}

#[test]
fn a_bad_key_writes_nothing_of_its_call() {
    Stage::with(&[Phase::RunOnce])
        .step(Phase::RunOnce, |cx| {
            Ok(cx.write_perf_keyval([("good", 1), ("not good", 2)])?)
        })
        .run()
        .expect_trace("tee keyval open enter run_once restore leave remove_tmp")
        .expect_verdict(
            "FAIL: Unhandled ValueError: Invalid key: not good{perf}; use only letters, digits, \
             `_`, `.` and `-`",
        );
}

#[test]
fn constraints_are_checked_after_each_iteration() {
    Stage::with(&[Phase::RunOnce])
        .args(
            Args::new()
                .with("iterations", 2)
                .with("constraints", vec!["speed > 1"]),
        )
        .step(Phase::RunOnce, |cx| {
            Ok(cx.write_perf_keyval([("speed", cx.iteration())])?)
        })
        .run()
        .expect_verdict("FAIL: iteration 0:speed > 1: constraint was not met  ");
}

#[test]
fn the_default_execute_can_be_called_from_an_own_one() {
    Stage::with(&[Phase::Execute, Phase::RunOnce])
        .execute_with(ExecuteArgs {
            iterations: Some(3),
            ..ExecuteArgs::default()
        })
        .run()
        .expect_trace(
            "tee keyval open enter execute run_once run_once run_once restore leave remove_tmp",
        )
        .expect_pass();
}

#[test]
fn an_iteration_without_hooks_sends_no_event() {
    Stage::with(&[Phase::RunOnce])
        .args(Args::new().with("iterations", 1000))
        .run()
        .expect_events(1)
        .expect_iterations(1000);
}

/// From the second on an iteration without anything around it is not as long a way.
#[test]
fn what_an_iteration_begins_comes_into_force_behind_it() {
    let five_times = || {
        Stage::with(&[Phase::RunOnce]).args(
            Args::new()
                .with("iterations", 5)
                .with("constraints", serde_json::json!(["size > 3"])),
        )
    };
    five_times()
        .step(Phase::RunOnce, |cx| {
            if cx.iteration() == 3 {
                cx.register_after_iteration_hook(|cx| match cx.iteration() {
                    5 => fail("hook behind 5"),
                    _ => Ok(()),
                });
            }
            Ok(())
        })
        .run()
        .expect_trace(
            "tee keyval open enter run_once run_once run_once run_once run_once restore leave \
             remove_tmp",
        )
        .expect_verdict("FAIL: hook behind 5");
    five_times()
        .step(Phase::RunOnce, |cx| match cx.iteration() {
            number @ (2 | 4) => Ok(cx.write_perf_keyval([("size", number as i64)])?),
            _ => Ok(()),
        })
        .run()
        .expect_verdict("FAIL: iteration 0:size > 3: constraint was not met  ");
    five_times()
        .step(Phase::RunOnce, |cx| match cx.iteration() {
            4 => panics("in the fourth"),
            _ => Ok(()),
        })
        .run()
        .expect_trace(
            "tee keyval open enter run_once run_once run_once run_once restore leave remove_tmp",
        )
        .expect_verdict("FAIL: Unhandled panic: in the fourth");
}

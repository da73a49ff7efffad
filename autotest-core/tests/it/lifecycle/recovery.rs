//! Cleaning up after a run whose process ended before its lifecycle did.

use std::collections::BTreeMap;

use autotest_core::{Args, Event, Phase, Recovery, Settings, TestError};

use super::stage::{Stage, fail};
use super::world::World;

fn crashed() -> Recovery {
    Recovery {
        failed_phase: Some(Phase::Warmup),
        saved: BTreeMap::from([("device".to_owned(), "/dev/loop3".into())]),
        ..Recovery::default()
    }
}

fn with_cleanup() -> Stage {
    Stage::with(&[Phase::Initialize, Phase::RunOnce, Phase::Cleanup])
}

#[test]
fn only_cleanup_runs_and_the_hook_after_the_test() {
    let ended = with_cleanup()
        .before_test(|_| Ok(()))
        .after_test(|_| Ok(()))
        .recover(crashed())
        .expect_trace("tee cleanup restore leave after_test remove_tmp");
    assert!(ended.events().contains(&Event::Phase(Phase::Cleanup)));
    ended.expect_pass();
}

/// Nothing of the test runs where no `cleanup` is due, not even its constructor.
#[track_caller]
fn check_not_due(stage: Stage, failed_phase: Option<Phase>) {
    let recovery = Recovery {
        failed_phase,
        ..crashed()
    };
    stage
        .after_test(|_| fail("hook"))
        .recover(recovery)
        .expect_trace("remove_tmp")
        .expect_events(0)
        .expect_pass();
}

#[test]
fn no_code_of_the_test_runs_where_no_cleanup_is_due() {
    check_not_due(Stage::with(&[Phase::RunOnce]), Some(Phase::RunOnce));
    check_not_due(with_cleanup(), Some(Phase::Cleanup));
    check_not_due(with_cleanup(), None);
    let args = Args::new().with("run_cleanup", false);
    check_not_due(with_cleanup().args(args), Some(Phase::RunOnce));
    let settings = Settings {
        run_test_cleanup: false,
        ..Settings::default()
    };
    check_not_due(with_cleanup().settings(settings), Some(Phase::RunOnce));
}

#[test]
fn cleanup_knows_what_happened_and_what_was_saved() {
    with_cleanup()
        .step(Phase::Cleanup, |cx| {
            assert!(cx.is_recovery());
            assert_eq!(cx.failed_phase(), Some(Phase::Warmup));
            assert_eq!(cx.saved::<String>("device")?.as_deref(), Some("/dev/loop3"));
            assert_eq!(cx.saved::<String>("other")?, None);
            Ok(())
        })
        .recover(crashed())
        .expect_pass();
    with_cleanup()
        .step(Phase::Cleanup, |cx| {
            assert!(!cx.is_recovery());
            assert_eq!(cx.failed_phase(), None);
            assert_eq!(cx.saved::<String>("device")?, None);
            Ok(())
        })
        .run()
        .expect_pass();
}

#[test]
fn what_the_target_refuses_does_not_keep_cleanup_from_running() {
    let world = World {
        failing: &["tee"],
        ..World::default()
    };
    with_cleanup()
        .world(world)
        .recover(crashed())
        .expect_trace("tee cleanup restore leave remove_tmp")
        .expect_suppressed(&["before cleanup: FAIL: tee failed"])
        .expect_pass();
}

#[test]
fn the_first_error_of_a_recovery_stays() {
    with_cleanup()
        .step(Phase::Cleanup, |_| fail("cleanup"))
        .after_test(|_| fail("hook"))
        .recover(crashed())
        .expect_suppressed(&["after-test hook: FAIL: hook"])
        .expect_verdict("FAIL: cleanup");
    with_cleanup()
        .after_test(|_| Err(TestError::error("hook").into()))
        .recover(crashed())
        .expect_suppressed(&[])
        .expect_verdict("ERROR: hook");
}

#[test]
fn nothing_is_cleaned_up_where_there_are_no_directories() {
    let world = World {
        failing: &["create"],
        ..World::default()
    };
    with_cleanup()
        .world(world)
        .recover(crashed())
        .expect_trace("")
        .expect_verdict("FAIL: create failed");
}

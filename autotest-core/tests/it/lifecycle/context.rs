//! What a test sees of its run, and what it may ask for.

use std::time::Duration;

use autotest_core::{Args, Event, Phase, Subtest, TestContext, TestResult};

use super::stage::{Ended, Stage};

/// Runs a `run_once` that fails unless what it looks at is as it should be.
fn run_once(step: fn(&mut TestContext) -> TestResult) -> Ended {
    Stage::with(&[Phase::RunOnce])
        .args(Args::new().with("iterations", 2))
        .deadline(60)
        .clock(&[10])
        .step(Phase::RunOnce, step)
        .run()
}

#[test]
fn a_test_knows_its_names_and_arguments() {
    run_once(|cx| {
        assert_eq!(cx.test_name(), "net::ping");
        assert_eq!(cx.tagged_testname(), "net.ping.v6");
        assert!(cx.args().arg("iterations").is_some());
        assert!(cx.args().arg("count").is_none());
        assert!((1..=2).contains(&cx.iteration()));
        Ok(())
    })
    .expect_pass();
}

#[test]
fn a_test_has_succeeded_only_behind_its_last_phase() {
    let stage = || {
        Stage::with(&[Phase::RunOnce, Phase::Cleanup]).step(Phase::Cleanup, |cx| {
            assert!(!cx.success());
            Ok(())
        })
    };
    stage()
        .after_test(|cx| {
            assert!(cx.success());
            Ok(())
        })
        .run()
        .expect_pass();
    stage()
        .step(Phase::RunOnce, |_| super::fail("broken"))
        .after_test(|cx| {
            assert!(!cx.success());
            Ok(())
        })
        .run()
        .expect_verdict("FAIL: broken");
}

#[test]
fn the_deadline_is_the_time_that_is_left() {
    run_once(|cx| {
        assert_eq!(cx.deadline(), Some(Duration::from_secs(50)));
        Ok(())
    })
    .expect_pass();
    Stage::with(&[Phase::RunOnce])
        .deadline(5)
        .clock(&[10])
        .step(Phase::RunOnce, |cx| {
            assert_eq!(cx.deadline(), Some(Duration::ZERO));
            Ok(())
        })
        .run()
        .expect_pass();
    Stage::with(&[Phase::RunOnce])
        .step(Phase::RunOnce, |cx| {
            assert_eq!(cx.deadline(), None);
            Ok(())
        })
        .run()
        .expect_pass();
}

#[test]
fn an_assertion_that_does_not_hold_is_an_error() {
    run_once(|cx| Ok(cx.assert_(true, "never shown")?)).expect_pass();
    run_once(|cx| Ok(cx.assert_(false, "no board")?)).expect_verdict("ERROR: no board");
    run_once(|cx| Ok(cx.assert_(false, "")?)).expect_verdict("ERROR: Assertion failed.");
}

#[test]
fn failed_constraints_are_known_to_postprocess() {
    Stage::with(&[Phase::RunOnce, Phase::Postprocess])
        .args(Args::new().with("constraints", vec!["speed > 1"]))
        .step(Phase::RunOnce, |cx| {
            Ok(cx.write_perf_keyval([("speed", 1)])?)
        })
        .step(Phase::Postprocess, |cx| {
            let failed = cx.failed_constraints();
            assert_eq!(failed.len(), 1);
            assert_eq!(failed[0].len(), 1);
            assert!(failed[0][0].contains("speed > 1"), "{failed:?}");
            Ok(())
        })
        .run()
        .expect_verdict("FAIL: iteration 0:speed > 1: constraint was not met  ");
}

#[test]
fn an_artifact_is_a_file_below_the_output_directory() {
    let ended = run_once(|cx| {
        let path = cx.artifact("logs/dmesg.txt")?;
        assert_eq!(path, cx.outputdir().join("logs/dmesg.txt"));
        Ok(())
    });
    let is_artifact =
        |event: &&Event| matches!(event, Event::Artifact { path } if path == "logs/dmesg.txt");
    assert_eq!(ended.events().iter().filter(is_artifact).count(), 2);
    for path in ["", "/etc/passwd", "../up", "a/../b"] {
        thread_local! {
            static PATH: std::cell::Cell<&'static str> = const { std::cell::Cell::new("") };
        }
        PATH.set(path);
        let ended = run_once(|cx| Ok(cx.artifact(PATH.get()).map(drop)?));
        let expected = format!(
            "FAIL: Unhandled ValueError: artifact `{path}` must be a path below the output directory"
        );
        ended.expect_verdict(&expected);
    }
}

#[test]
fn a_subtest_needs_a_name_and_a_tag_of_its_own() {
    run_once(|cx| {
        cx.run_subtest(Subtest::new("net::pong").tag("v6"))?;
        Ok(())
    })
    .expect_trace(
        "tee keyval open enter run_once net::pong run_once net::pong restore leave remove_tmp",
    )
    .expect_pass();
    run_once(|cx| {
        Ok(cx
            .run_subtest(Subtest::new("net::pong").tag("a/b"))
            .map(drop)?)
    })
    .expect_verdict(
        "FAIL: Unhandled ValueError: \"a/b\" is not a valid tag: use a text without `/` and control \
             characters",
    );
    let ended = run_once(|cx| Ok(cx.run_subtest(Subtest::new("junit").tag("xml")).map(drop)?));
    assert!(!ended.trace().contains(&"junit".to_owned()));
    ended.expect_verdict(
        "FAIL: Unhandled ValueError: junit cannot run as `junit.xml`: `junit.xml` is reserved in the results \
         tree (the job's JUnit report); give it another tag",
    );
}

//! Rules that decide a verdict, or what is on record for whoever cleans up.

use autotest_core::{
    Arg, Args, Call, Event, Expect, Metadata, Phase, Phases, Settings, TestContext, TestError,
    TestResult,
};

use super::stage::{Ended, Stage, fail, panics};
use super::world::World;

/// The phases that the run told of.
fn phases_told(ended: &Ended) -> Vec<Phase> {
    let phases = ended.events().iter().filter_map(|event| match event {
        Event::Phase(phase) => Some(*phase),
        _ => None,
    });
    phases.collect()
}

#[track_caller]
fn check_told(declared: &[Phase], expected: &[Phase]) {
    let ended = Stage::with(declared).run();
    assert_eq!(phases_told(&ended), expected);
}

/// A cleanup after an abnormal end must know how far the run had come.
#[test]
fn a_test_with_cleanup_tells_of_the_phases_that_it_has_not_itself() {
    use Phase::*;
    check_told(&[RunOnce], &[]);
    check_told(&[RunOnce, Cleanup], &[Initialize, Execute, Cleanup]);
    check_told(&[Initialize, RunOnce], &[Initialize]);
    check_told(&[Execute], &[Execute]);
    check_told(&[Warmup, RunOnce, Postprocess], &[Warmup]);
    check_told(&[Setup, RunOnce], &[Setup]);
    check_told(
        &[Initialize, Setup, Warmup, RunOnce, Cleanup],
        &[Initialize, Setup, Warmup, Execute, Cleanup],
    );
}

const KNOWN: &Metadata = &Metadata {
    expect: Expect::Fail,
    ..Metadata::DEFAULT
};

#[track_caller]
fn check_known(step: fn() -> TestResult, expected: Option<&str>) {
    thread_local! {
        static STEP: std::cell::Cell<fn() -> TestResult> = const { std::cell::Cell::new(|| Ok(())) };
    }
    STEP.set(step);
    let ended = Stage::with(&[Phase::RunOnce])
        .meta(KNOWN)
        .step(Phase::RunOnce, |_| STEP.get()())
        .run();
    let verdict = ended.outcome().verdict.as_ref().map(ToString::to_string);
    assert_eq!(verdict.as_deref(), expected);
}

#[test]
fn only_a_failure_is_a_known_failure() {
    check_known(|| fail("known"), None);
    check_known(|| panics("known"), None);
    check_known(|| Err(TestError::retry("known").into()), None);
    check_known(
        || Err(TestError::error("no board").into()),
        Some("ERROR: no board"),
    );
    check_known(|| Err(TestError::warn("slow").into()), Some("WARN: slow"));
    check_known(
        || Err(TestError::not_applicable("no such board").into()),
        Some("TEST_NA: no such board"),
    );
    check_known(
        || Err(TestError::abort_job("over").into()),
        Some("ABORT: over"),
    );
}

fn constrained(constraint: &str) -> Args {
    Args::new().with("constraints", vec![constraint])
}

#[test]
fn failed_constraints_have_no_place_in_the_source() {
    let ended = Stage::with(&[Phase::RunOnce])
        .args(constrained("speed > 1"))
        .step(Phase::RunOnce, |cx| {
            Ok(cx.write_perf_keyval([("speed", 1)])?)
        })
        .run();
    let verdict = ended.outcome().verdict.as_ref().unwrap();
    assert_eq!(verdict.location, None);
    assert_eq!(ended.outcome().failed_constraints.len(), 1);
}

#[test]
fn constraints_that_were_never_checked_are_told() {
    const NEVER: &str = "constraints: WARN: the constraints were never checked: no iteration wrote a \
                         perf keyval";
    Stage::with(&[Phase::RunOnce])
        .args(constrained("speed > 1"))
        .run()
        .expect_suppressed(&[NEVER])
        .expect_pass();
    Stage::with(&[Phase::RunOnce])
        .run()
        .expect_suppressed(&[])
        .expect_pass();
    Stage::with(&[Phase::RunOnce])
        .args(constrained("speed > 1"))
        .step(Phase::RunOnce, |cx| {
            Ok(cx.write_perf_keyval([("speed", 2)])?)
        })
        .run()
        .expect_suppressed(&[])
        .expect_pass();
}

#[test]
fn constraints_of_the_definition_hold_too() {
    const FAST: &Metadata = &Metadata {
        constraints: &["speed > 5"],
        ..Metadata::DEFAULT
    };
    Stage::with(&[Phase::RunOnce])
        .meta(FAST)
        .step(Phase::RunOnce, |cx| {
            Ok(cx.write_perf_keyval([("speed", 5)])?)
        })
        .run()
        .expect_verdict("FAIL: iteration 0:speed > 5: constraint was not met  ");
}

#[test]
fn cleanup_runs_if_the_argument_says_else_if_the_job_does() {
    let cleans_up = |argument: Option<Arg>, job: bool| {
        let args = argument.map(|arg| ("run_cleanup".to_owned(), arg));
        let args = args.into_iter().collect();
        let settings = Settings {
            run_test_cleanup: job,
            ..Settings::default()
        };
        let ended = Stage::with(&[Phase::RunOnce, Phase::Cleanup])
            .args(args)
            .settings(settings)
            .run();
        ended.trace().contains(&"cleanup".to_owned())
    };
    assert!(cleans_up(None, true));
    assert!(!cleans_up(None, false));
    let json = |value: serde_json::Value| Some(Arg::Json(value));
    let text = |word: &str| Some(Arg::Text(word.to_owned()));
    assert!(cleans_up(json(true.into()), false));
    assert!(!cleans_up(json(false.into()), true));
    assert!(!cleans_up(json(0.into()), true));
    assert!(!cleans_up(json(serde_json::Value::Null), true));
    assert!(cleans_up(text("True"), false));
    assert!(!cleans_up(text("False"), true));
}

pub(super) fn fast_job() -> Settings {
    Settings {
        fast: true,
        ..Settings::default()
    }
}

#[test]
fn a_fast_job_runs_its_hooks_only_after_a_failure() {
    let stage = || {
        Stage::with(&[Phase::RunOnce])
            .settings(fast_job())
            .before_test(|_| Ok(()))
            .after_test(|_| Ok(()))
    };
    stage()
        .run()
        .expect_trace("tee keyval open enter run_once restore leave remove_tmp")
        .expect_pass();
    stage()
        .step(Phase::RunOnce, |_| fail("broken"))
        .run()
        .expect_trace("tee keyval open enter run_once restore leave after_test remove_tmp")
        .expect_verdict("FAIL: broken");
}

#[test]
fn setup_runs_where_there_is_no_srcdir_of_this_version() {
    let setup = |world: World, meta: &'static Metadata| {
        let declared = &[Phase::Setup, Phase::RunOnce];
        let ended = Stage::with(declared).world(world).meta(meta).run();
        let trace = ended.trace().join(" ");
        trace["tee keyval open ".len()..trace.find(" enter").unwrap()].to_owned()
    };
    const PRESERVED: &Metadata = &Metadata {
        preserve_srcdir: true,
        ..Metadata::DEFAULT
    };
    let installed = World {
        has_srcdir: true,
        is_installed: true,
        ..World::default()
    };
    let other_version = World {
        has_srcdir: true,
        ..World::default()
    };
    assert_eq!(
        setup(installed, &Metadata::DEFAULT),
        "lock installed unlock"
    );
    assert_eq!(
        setup(other_version, &Metadata::DEFAULT),
        "lock not_installed remove_src setup record unlock"
    );
    assert_eq!(
        setup(other_version, PRESERVED),
        "lock not_installed setup record unlock"
    );
}

#[test]
fn a_srcdir_of_an_earlier_version_is_removed_without_setup_too() {
    let world = World {
        has_srcdir: true,
        ..World::default()
    };
    Stage::with(&[Phase::RunOnce])
        .world(world)
        .run()
        .expect_trace(
            "tee keyval open lock not_installed remove_src record unlock enter run_once restore \
             leave remove_tmp",
        )
        .expect_pass();
}

#[test]
fn what_the_target_refuses_is_an_error_and_is_tidied_up() {
    let fails = |failing: &'static [&'static str]| {
        let world = World {
            failing,
            ..World::default()
        };
        Stage::with(&[Phase::Setup, Phase::RunOnce, Phase::Cleanup])
            .world(world)
            .run()
    };
    fails(&["tee"])
        .expect_trace("tee leave remove_tmp")
        .expect_verdict("FAIL: tee failed");
    fails(&["open"])
        .expect_trace("tee keyval open restore leave remove_tmp")
        .expect_verdict("FAIL: open failed");
    fails(&["lock"])
        .expect_trace("tee keyval open lock cleanup restore leave remove_tmp")
        .expect_verdict("FAIL: lock failed");
    fails(&["record"])
        .expect_trace(
            "tee keyval open lock not_installed remove_src setup record unlock cleanup restore \
             leave remove_tmp",
        )
        .expect_verdict("FAIL: record failed");
}

#[test]
fn network_warnings_are_off_while_a_test_takes_the_network_down() {
    const DOWN: &Metadata = &Metadata {
        network_destabilizing: true,
        ..Metadata::DEFAULT
    };
    Stage::with(&[Phase::RunOnce])
        .meta(DOWN)
        .run()
        .expect_trace(
            "tee record:disabling_NETWORK_warnings keyval open enter run_once restore \
             record:enabling_NETWORK_warnings leave remove_tmp",
        )
        .expect_pass();
}

#[test]
fn a_profiled_run_follows_the_iterations() {
    let profiled = World {
        has_profilers: true,
        ..World::default()
    };
    Stage::with(&[Phase::BeforeRunOnce, Phase::RunOnce, Phase::AfterRunOnce])
        .world(profiled)
        .args(Args::new().with("iterations", 2))
        .run()
        .expect_trace(
            "tee keyval open enter before_run_once run_once after_run_once before_run_once \
             run_once after_run_once BeforeStart before_run_once Start run_once Stop Report \
             after_run_once restore leave remove_tmp",
        )
        .expect_iterations(2)
        .expect_pass();
    Stage::with(&[Phase::RunOnce])
        .world(profiled)
        .args(Args::new().with("profile_only", true))
        .run()
        .expect_trace(
            "tee keyval open enter BeforeStart Start run_once Stop Report restore leave remove_tmp",
        )
        .expect_pass();
    Stage::with(&[Phase::RunOnce])
        .args(Args::new().with("profile_only", true))
        .run()
        .expect_trace(
            "tee keyval open enter \
             record:No_profilers_have_been_added_but_profile_only_is_set_-_nothing_will_be_run \
             restore leave remove_tmp",
        )
        .expect_pass();
}

#[test]
fn caches_are_dropped_before_each_iteration_if_the_job_says_so() {
    let settings = Settings {
        drop_caches_between_iterations: true,
        ..Settings::default()
    };
    Stage::with(&[Phase::RunOnce])
        .settings(settings)
        .args(Args::new().with("iterations", 2))
        .run()
        .expect_trace(
            "tee keyval open enter drop_caches run_once drop_caches run_once restore leave remove_tmp",
        )
        .expect_pass();
}

#[test]
fn caches_are_dropped_before_the_test_if_the_job_says_so() {
    let settings = Settings {
        drop_caches: true,
        ..Settings::default()
    };
    Stage::with(&[Phase::RunOnce])
        .settings(settings)
        .args(Args::new().with("iterations", 2))
        .run()
        .expect_trace(
            "drop_caches enter tee keyval open enter run_once run_once restore leave remove_tmp",
        )
        .expect_pass();
}

#[test]
fn retries_are_on_record_only_if_there_were_any() {
    let settings = Settings {
        test_retry: Some(2),
        ..Settings::default()
    };
    Stage::with(&[Phase::RunOnce])
        .settings(settings)
        .run()
        .expect_trace("tee keyval open enter run_once restore leave remove_tmp")
        .expect_pass();
}

#[test]
fn the_jobs_retries_go_before_the_tests() {
    const THREE: &Metadata = &Metadata {
        retries: Some(3),
        ..Metadata::DEFAULT
    };
    let runs = |job: Option<u32>, meta: &'static Metadata| {
        let settings = Settings {
            test_retry: job,
            ..Settings::default()
        };
        Stage::with(&[Phase::RunOnce])
            .settings(settings)
            .meta(meta)
            .step(Phase::RunOnce, |_| Err(TestError::retry("again").into()))
            .run()
            .count("run_once")
    };
    assert_eq!(runs(None, &Metadata::DEFAULT), 1);
    assert_eq!(runs(None, THREE), 4);
    assert_eq!(runs(Some(1), THREE), 2);
    assert_eq!(runs(Some(0), THREE), 1);
}

#[test]
fn without_directories_nothing_runs() {
    let world = World {
        failing: &["create"],
        ..World::default()
    };
    Stage::with(&[Phase::RunOnce, Phase::Cleanup])
        .world(world)
        .after_test(|_| Ok(()))
        .run()
        .expect_trace("")
        .expect_verdict("FAIL: create failed");
}

#[test]
fn network_warnings_are_named_in_the_status_log() {
    const DOWN: &Metadata = &Metadata {
        network_destabilizing: true,
        ..Metadata::DEFAULT
    };
    let ended = Stage::with(&[Phase::RunOnce]).meta(DOWN).run();
    let fields = ended.events().iter().filter_map(|event| match event {
        Event::Status(record) => Some(record.fields[0].clone()),
        _ => None,
    });
    let fields: Vec<_> = fields.collect();
    let network = |name: &str| (name.to_owned(), "NETWORK".to_owned());
    assert_eq!(
        fields,
        [network("warnings.disable"), network("warnings.enable")]
    );
}

/// A value of the author's that is dropped with the test, or with a hook.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

struct Unstable {
    passes: bool,
    _bomb: Bomb,
}

impl Phases for Unstable {
    fn call(&mut self, _: Phase, _: &mut TestContext) -> TestResult {
        match self.passes {
            true => Ok(()),
            false => fail("broken"),
        }
    }
}

#[test]
fn what_drops_with_a_test_may_panic() {
    let passes = Call::Phases(|_| {
        Ok(Box::new(Unstable {
            passes: true,
            _bomb: Bomb,
        }))
    });
    let fails = Call::Phases(|_| {
        Ok(Box::new(Unstable {
            passes: false,
            _bomb: Bomb,
        }))
    });
    let stage = |code| Stage::with(&[Phase::RunOnce]).code(code);
    stage(passes)
        .run()
        .expect_verdict("ERROR: Unhandled panic: dropped");
    stage(fails)
        .run()
        .expect_suppressed(&["drop: ERROR: Unhandled panic: dropped"])
        .expect_verdict("FAIL: broken");
    Stage::with(&[Phase::RunOnce])
        .step(Phase::RunOnce, |cx| {
            let bomb = Bomb;
            cx.register_after_iteration_hook(move |_| {
                let _ = &bomb;
                Ok(())
            });
            Ok(())
        })
        .run()
        .expect_verdict("ERROR: Unhandled panic: dropped");
}

#[test]
fn a_panic_has_the_place_of_its_own_report() {
    let place = |panic_report| {
        let world = World {
            panic_report,
            ..World::default()
        };
        let ended = Stage::with(&[Phase::RunOnce])
            .world(world)
            .step(Phase::RunOnce, |_| panics("broken"))
            .run();
        ended.outcome().verdict.clone().unwrap().location
    };
    assert_eq!(place(Some("broken")).as_deref(), Some("net.rs:7:5"));
    assert_eq!(place(Some("another one")), None);
    assert_eq!(place(None), None);
}

#[test]
fn why_a_test_failed_is_logged() {
    let ended = Stage::with(&[Phase::RunOnce, Phase::Cleanup])
        .step(Phase::RunOnce, |_| fail("broken"))
        .step(Phase::Cleanup, |_| fail("dirty"))
        .run();
    assert_eq!(
        ended.logged(),
        [
            "WARN The test failed with the following error: FAIL: broken",
            "ERROR cleanup: FAIL: dirty, but another error decides the test",
        ]
    );
}

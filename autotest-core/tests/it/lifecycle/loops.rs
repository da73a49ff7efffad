//! Counted and timed loops: how many iterations, what they report, how often they read a clock.

use std::time::Duration;

use autotest_core::{Args, Clock, Event, ExecuteArgs, Phase, Settings, TestError};
use serde_json::json;

use super::stage::{Ended, Stage, fail};
use super::world::World;

fn run_once(args: Args) -> Stage {
    Stage::with(&[Phase::RunOnce]).args(args)
}

fn iterations(count: i64) -> Stage {
    run_once(Args::new().with("iterations", count))
}

#[track_caller]
fn check_runs(args: Args, expected: usize) {
    assert_eq!(
        run_once(args).clock(&[0, 2]).run().count("run_once"),
        expected
    );
}

#[test]
fn a_counted_loop_runs_as_often_as_it_is_told() {
    check_runs(Args::new(), 1);
    check_runs(Args::new().with("iterations", 3), 3);
    check_runs(Args::new().with("iterations", 0), 0);
    check_runs(Args::new().with("iterations", -2), 0);
}

#[test]
fn a_timed_loop_runs_until_its_time_is_over() {
    check_runs(Args::new().with("test_length", 2), 1);
    check_runs(Args::new().with("test_length", -1), 0);
    // No length is no timed loop.
    check_runs(Args::new().with("test_length", 0).with("iterations", 3), 3);
    let ended = run_once(Args::new().with("test_length", 3))
        .clock(&[10, 11, 12, 13, 14])
        .run();
    assert_eq!(ended.count("run_once"), 3);
}

#[test]
fn a_length_that_is_no_time_runs_nothing() {
    let runs = |length: f64| {
        let args = ExecuteArgs {
            test_length: Some(length),
            ..ExecuteArgs::default()
        };
        let stage = Stage::with(&[Phase::Execute, Phase::RunOnce]).execute_with(args);
        stage.clock(&[0, 1_000_000]).run().count("run_once")
    };
    assert_eq!(runs(1.0), 1);
    assert_eq!(runs(0.0), 0);
    assert_eq!(runs(-0.5), 0);
    assert_eq!(runs(f64::NAN), 0);
}

/// No clock gets there: the test itself ends the loop.
#[test]
fn a_length_beyond_all_clocks_does_not_end_the_loop() {
    run_once(Args::new().with("test_length", 1e300))
        .clock(&[0, u64::MAX])
        .step(Phase::RunOnce, |cx| match cx.iteration() {
            3 => fail("enough"),
            _ => Ok(()),
        })
        .run()
        .expect_verdict("FAIL: enough");
}

#[test]
fn a_timed_loop_logs_that_it_ignores_a_number_of_iterations() {
    const IGNORED: &str = "DEBUG Iterations parameter ignored (timed execution)";
    let is_logged = |args: Args| {
        let ended = run_once(args.with("test_length", 1)).clock(&[0, 2]).run();
        ended.logged().iter().any(|line| line == IGNORED)
    };
    assert!(is_logged(Args::new().with("iterations", 7)));
    assert!(!is_logged(Args::new().with("iterations", 0)));
    assert!(!is_logged(Args::new()));
}

#[test]
fn a_failure_ends_the_loop_in_any_iteration() {
    for last in 1..=3 {
        let stage = iterations(5).step(
            Phase::RunOnce,
            match last {
                1 => |cx| {
                    if cx.iteration() == 1 {
                        fail("broken")
                    } else {
                        Ok(())
                    }
                },
                2 => |cx| {
                    if cx.iteration() == 2 {
                        fail("broken")
                    } else {
                        Ok(())
                    }
                },
                _ => |cx| {
                    if cx.iteration() == 3 {
                        fail("broken")
                    } else {
                        Ok(())
                    }
                },
            },
        );
        let ended = stage.run();
        assert_eq!(ended.count("run_once"), last);
        ended.expect_verdict("FAIL: broken");
    }
}

/// The second iteration of a loop goes a shorter way if nothing is around it.
#[test]
fn every_iteration_has_what_is_around_it() {
    let twice = |stage: Stage, around: &str| {
        let trace = stage.args(Args::new().with("iterations", 2)).run();
        let trace = trace.trace().join(" ");
        let iteration = trace.strip_prefix("tee keyval open ").unwrap();
        let iteration = iteration.strip_suffix(" restore leave remove_tmp").unwrap();
        assert_eq!(iteration, format!("enter {around} {around}"));
    };
    twice(
        Stage::with(&[Phase::BeforeRunOnce, Phase::RunOnce]),
        "before_run_once run_once",
    );
    twice(
        Stage::with(&[Phase::RunOnce, Phase::AfterRunOnce]),
        "run_once after_run_once",
    );
    twice(
        Stage::with(&[Phase::RunOnce, Phase::PostprocessIteration]),
        "run_once postprocess_iteration",
    );
    twice(
        Stage::with(&[Phase::RunOnce]).before_iteration(|_| Ok(())),
        "before_iteration run_once",
    );
    twice(
        Stage::with(&[Phase::RunOnce]).after_iteration(|_| Ok(())),
        "run_once after_iteration",
    );
    let settings = Settings {
        default_profile_only: true,
        ..Settings::default()
    };
    let profiled = World {
        has_profilers: true,
        ..World::default()
    };
    twice(
        Stage::with(&[Phase::RunOnce])
            .settings(settings)
            .world(profiled),
        "BeforeStart Start run_once Stop Report",
    );
}

#[test]
fn every_iteration_may_be_tried_again() {
    let settings = Settings {
        test_retry: Some(1),
        ..Settings::default()
    };
    let ended = iterations(2)
        .settings(settings)
        .step(Phase::RunOnce, |cx| match cx.iteration() {
            2 => Err(TestError::retry("flaky").into()),
            _ => Ok(()),
        })
        .run();
    assert_eq!(ended.count("run_once"), 3);
    ended.expect_verdict("FAIL: flaky");
}

#[test]
fn a_test_without_a_body_fails_as_pythons_did() {
    Stage::with(&[Phase::Initialize])
        .run()
        .expect_verdict("FAIL: Unhandled AttributeError: the test has no `run_once`");
}

/// The iterations that were reported, with how many there will be and the milliseconds since the loop began.
fn progress(ended: &Ended) -> Vec<(u64, Option<u64>, u64)> {
    let events = ended.events().iter().filter_map(|event| match event {
        Event::Progress {
            iteration,
            total,
            elapsed_s,
        } => Some((*iteration, *total, (elapsed_s * 1e3).round() as u64)),
        _ => None,
    });
    events.collect()
}

#[test]
fn progress_is_reported_every_half_second() {
    let ended = iterations(3).peeks([1000, 1500, 2100, 2599]).run();
    assert_eq!(progress(&ended), [(1, Some(3), 500), (2, Some(3), 1100)]);
    let ended = iterations(12).peeks((0..).step_by(100).take(13)).run();
    assert_eq!(progress(&ended), [(5, Some(12), 500), (10, Some(12), 1000)]);
    let timed = run_once(Args::new().with("test_length", 2))
        .clock(&[0, 1, 2])
        .peeks([0, 1000, 2000])
        .run();
    assert_eq!(progress(&timed), [(1, None, 1000), (2, None, 2000)]);
}

/// Iterations around which something is go another way.
#[test]
fn progress_of_long_ways_is_reported_too() {
    let ended = Stage::with(&[Phase::BeforeRunOnce, Phase::RunOnce])
        .args(Args::new().with("iterations", 2))
        .peeks([0, 600, 1200])
        .run();
    assert_eq!(progress(&ended), [(1, Some(2), 600), (2, Some(2), 1200)]);
}

/// How often the clock is read for so many iterations, the reading before the first among them.
#[track_caller]
fn check_readings(count: i64, millis: impl IntoIterator<Item = u64>, expected: u64) {
    assert_eq!(iterations(count).peeks(millis).run().peeked(), expected);
}

#[test]
fn the_faster_a_loop_the_more_rarely_it_reads_the_clock() {
    // Readings are 5 ms apart: one an iteration.
    check_readings(10, (0..).step_by(5).take(11), 11);
    // No time passes: after 1, 3, 7, 15, …, and from 4,095 on every 4,096.
    check_readings(7, [0], 4);
    check_readings(14, [0], 4);
    check_readings(15, [0], 5);
    check_readings(20_000, [0], 16);
    check_readings(20_479, [0], 17);
    // After a slow stretch, each iteration again: readings after 1, 3, 4 and 5.
    check_readings(5, [0, 0, 501, 601, 701], 5);
    // Half a second is no slow stretch: after 1, 3 and 5.
    check_readings(5, [0, 0, 500, 600, 700], 4);
}

/// Only a test of the lifecycle tells the two apart.
#[test]
fn a_clock_shows_reports_what_it_shows_the_loop() {
    struct Seven;
    impl Clock for Seven {
        fn now(&mut self) -> Duration {
            Duration::from_secs(7)
        }
    }
    assert_eq!(Seven.peek(), Duration::from_secs(7));
}

#[test]
fn a_loop_without_a_profiled_run_of_its_own_has_no_further_iteration() {
    let last_iteration = |profile_only: bool| {
        let args = Args::new().with("profile_only", json!(profile_only));
        run_once(args).run().outcome().iteration
    };
    assert_eq!(last_iteration(true), 1);
    assert_eq!(last_iteration(false), 2);
}

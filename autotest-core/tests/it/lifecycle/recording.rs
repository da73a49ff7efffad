//! What a test records, and the order in which hooks run.

use autotest_core::perf::PerfRequest;
use autotest_core::{
    Args, Code, Event, HookOrder, Metadata, Phase, Settings, Status, TestContext, TestResult, Value,
};

use super::rules::fast_job;
use super::stage::{Ended, Stage, fail};
use super::world::World;

fn run_once(step: fn(&mut TestContext) -> TestResult) -> Ended {
    Stage::with(&[Phase::RunOnce])
        .step(Phase::RunOnce, step)
        .run()
}

#[test]
fn keyvals_of_one_call_have_a_limit() {
    run_once(|cx| Ok(cx.write_perf_keyval([("k", "x".repeat((48 << 10) - 9))])?)).expect_pass();
    run_once(|cx| Ok(cx.write_perf_keyval([("k", "x".repeat(48 << 10))])?)).expect_verdict(
        "FAIL: Unhandled ValueError: keyvals of 49161 bytes are too long: the limit is 49152 bytes a call; write larger data to a file in the output directory",
    );
    let refused = |step: fn(&mut TestContext) -> TestResult, bytes: &str| {
        let verdict = run_once(step)
            .outcome()
            .verdict
            .clone()
            .unwrap()
            .to_string();
        assert!(
            verdict.contains(&format!("keyvals of {bytes} bytes are too long")),
            "{verdict}"
        );
    };
    // As they are in the journal.
    refused(
        |cx| Ok(cx.write_test_keyval([("k", vec![1; 30_000])])?),
        "60009",
    );
    refused(
        |cx| Ok(cx.write_test_keyval([("k", "\u{1}".repeat(10_000))])?),
        "60009",
    );
    refused(
        |cx| {
            let map = Value::Map(vec![("key".to_owned(), "x".repeat(48 << 10).into())]);
            Ok(cx.write_test_keyval([("k", map)])?)
        },
        "49170",
    );
}

#[test]
fn attributes_and_measurements_share_the_limit() {
    run_once(|cx| {
        let text = "x".repeat(30 << 10);
        Ok(cx.write_iteration_keyval([("a", text.clone())], [("b", text)])?)
    })
    .expect_verdict(
        "FAIL: Unhandled ValueError: keyvals of 61458 bytes are too long: the limit is 49152 bytes a call; write larger data to a file in the output directory",
    );
}

#[test]
fn perf_values_of_one_call_have_a_limit() {
    fn record(cx: &mut TestContext, count: usize) -> TestResult {
        let request = PerfRequest::new("latency", vec![1234.5678; count]);
        Ok(cx.output_perf_value(request)?)
    }
    run_once(|cx| record(cx, 4000)).expect_pass();
    let reason = "perf values of 60002 bytes are too long: the limit is 49152 bytes a call; write larger data to a file \
                  in the output directory";
    run_once(|cx| record(cx, 6000))
        .expect_verdict(&format!("FAIL: Unhandled ValueError: {reason}"));
}

#[test]
fn constraints_see_the_last_measurements_only() {
    let constrained = |step: fn(&mut TestContext) -> TestResult| {
        let args = Args::new().with("constraints", "speed > 1");
        Stage::with(&[Phase::RunOnce])
            .args(args)
            .step(Phase::RunOnce, step)
            .run()
    };
    constrained(|cx| {
        cx.write_perf_keyval([("speed", 0)])?;
        Ok(cx.write_perf_keyval([("speed", 2)])?)
    })
    .expect_pass();
    // Of two values of one key, the later.
    constrained(|cx| Ok(cx.write_perf_keyval([("speed", 0), ("speed", 2)])?)).expect_pass();
    // Attributes alone leave no measurement.
    constrained(|cx| {
        cx.write_perf_keyval([("speed", 2)])?;
        Ok(cx.write_attr_keyval([("board", "x1")])?)
    })
    .expect_verdict("FAIL: iteration 0:could not evaluate constraint: speed > 1  ");
}

#[test]
fn an_iteration_keyval_has_attributes_and_measurements() {
    let ended = run_once(|cx| Ok(cx.write_iteration_keyval([("board", "x1")], [("speed", 2)])?));
    let written = ended.events().iter().find_map(|event| match event {
        Event::IterationKeyval { attr, perf } => Some((attr.clone(), perf.clone())),
        _ => None,
    });
    let attr = vec![("board".to_owned(), Value::from("x1"))];
    let perf = vec![("speed".to_owned(), Value::from(2))];
    assert_eq!(written, Some((attr, perf)));
}

#[test]
fn a_perf_value_has_what_it_was_given() {
    let ended = run_once(|cx| {
        cx.perf("latency")
            .units("ms")
            .lower_is_better()
            .graph("disk")
            .replace_existing_values()
            .record([1.5, 1.25])?;
        cx.perf("speed").higher_is_better().record(7)?;
        Ok(())
    });
    let values = ended.events().iter().filter_map(|event| match event {
        Event::Perf(value) => Some(serde_json::to_value(value).unwrap()),
        _ => None,
    });
    let values: Vec<_> = values.collect();
    assert_eq!(values.len(), 2);
    assert_eq!(values[0]["units"], "ms");
    assert_eq!(values[0]["higher_is_better"], false);
    assert_eq!(values[0]["graph"], "disk");
    assert_eq!(values[0]["replace_existing_values"], true);
    assert_eq!(values[1]["higher_is_better"], true);
}

#[test]
fn what_is_saved_is_sent_and_can_be_read() {
    let ended = run_once(|cx| {
        cx.save("device", "/dev/loop3")?;
        assert_eq!(cx.saved::<String>("device")?.as_deref(), Some("/dev/loop3"));
        assert!(cx.saved::<u8>("device").is_err());
        assert!(cx.save("ratio", f64::NAN).is_err());
        Ok(())
    });
    let is_saved = |event: &Event| matches!(event, Event::Saved { key, value } if key == "device" && value == "/dev/loop3");
    assert!(ended.events().iter().any(is_saved));
    ended.expect_pass();
}

#[test]
fn a_status_line_has_names_that_the_log_can_hold() {
    let ended = run_once(|cx| {
        let good = Code::Status(Status::Good);
        cx.record(good, Some("net.ping"), Some("ping"), "3 replies")?;
        cx.record(good, Some(" net"), None, "refused")?;
        Ok(())
    });
    assert_eq!(ended.count("record:3_replies"), 1);
    assert_eq!(ended.count("record:refused"), 0);
    let verdict = ended.outcome().verdict.clone().unwrap().to_string();
    assert!(
        verdict.starts_with("FAIL: Unhandled ValueError: "),
        "{verdict}"
    );
    let refused = run_once(|cx| {
        let good = Code::Status(Status::Good);
        Ok(cx.record(good, None, Some("a\nb"), "refused")?)
    });
    assert_eq!(refused.count("record:refused"), 0);
}

/// Registers three hooks in `initialize` that say their names to the status log.
fn registers(cx: &mut TestContext) -> TestResult {
    for name in ["first", "second"] {
        cx.register_before_iteration_hook(move |cx| say(cx, "before", name));
        cx.register_after_iteration_hook(move |cx| say(cx, "after", name));
    }
    Ok(())
}

fn say(cx: &mut TestContext, around: &str, name: &str) -> TestResult {
    let code = Code::Status(Status::Good);
    Ok(cx.record(code, None, None, &format!("{around} {name}"))?)
}

/// A test that registers hooks in a job with this order.
fn hooked(order: HookOrder, initialize: fn(&mut TestContext) -> TestResult) -> Stage {
    let settings = Settings {
        after_iteration_order: order,
        ..Settings::default()
    };
    Stage::with(&[Phase::Initialize, Phase::RunOnce])
        .settings(settings)
        .step(Phase::Initialize, initialize)
}

#[test]
fn hooks_after_an_iteration_run_in_the_order_of_the_job() {
    hooked(HookOrder::LastInFirstOut, registers)
        .run()
        .expect_trace(
            "tee keyval open initialize enter record:before_first record:before_second run_once \
             record:after_second record:after_first restore leave remove_tmp",
        )
        .expect_pass();
    hooked(HookOrder::FirstInFirstOut, registers)
        .run()
        .expect_trace(
            "tee keyval open initialize enter record:before_first record:before_second run_once \
             record:after_first record:after_second restore leave remove_tmp",
        )
        .expect_pass();
}

#[test]
fn a_hook_of_a_hook_joins_the_pass_or_waits() {
    fn registers_in_a_pass(cx: &mut TestContext) -> TestResult {
        cx.register_before_iteration_hook(|cx| {
            cx.register_before_iteration_hook(|cx| say(cx, "before", "joined"));
            Ok(())
        });
        cx.register_after_iteration_hook(|cx| {
            cx.register_after_iteration_hook(|cx| say(cx, "after", "joined"));
            Ok(())
        });
        Ok(())
    }
    let trace = |order| {
        let ended = hooked(order, registers_in_a_pass).run();
        (
            ended.count("record:before_joined"),
            ended.count("record:after_joined"),
        )
    };
    assert_eq!(trace(HookOrder::FirstInFirstOut), (1, 1));
    assert_eq!(trace(HookOrder::LastInFirstOut), (1, 0));
}

#[test]
fn a_fast_job_has_hooks_of_iterations_only_after_a_failure() {
    let stage = || {
        Stage::with(&[Phase::RunOnce])
            .settings(fast_job())
            .before_iteration(|_| Ok(()))
            .after_iteration(|_| Ok(()))
    };
    let passed = stage().run();
    assert_eq!(
        (
            passed.count("before_iteration"),
            passed.count("after_iteration")
        ),
        (0, 0)
    );
    let failed = stage().step(Phase::RunOnce, |_| fail("broken")).run();
    assert_eq!(
        (
            failed.count("before_iteration"),
            failed.count("after_iteration")
        ),
        (0, 1)
    );
}

#[test]
fn hooks_are_timed() {
    let ended = Stage::with(&[Phase::RunOnce])
        .before_test(|_| Ok(()))
        .after_test(|_| Ok(()))
        .before_iteration(|_| Ok(()))
        .after_iteration(|_| fail("broken"))
        .peeks((0..).step_by(100).take(20))
        .run();
    let timers = ended.events().iter().filter_map(|event| match event {
        Event::HookTimer { hook, elapsed_s } => Some((hook.as_str(), *elapsed_s)),
        _ => None,
    });
    let expected = [
        "before_test",
        "before_iteration",
        "after_iteration",
        "after_test",
    ];
    assert_eq!(timers.collect::<Vec<_>>(), expected.map(|hook| (hook, 0.1)));
}

#[test]
fn profilers_bracket_the_run_even_if_it_fails() {
    let world = World {
        has_profilers: true,
        ..World::default()
    };
    let profiled = |failing| World { failing, ..world };
    let stage = |world: World| {
        let args = Args::new().with("profile_only", true);
        Stage::with(&[
            Phase::BeforeRunOnce,
            Phase::RunOnce,
            Phase::AfterRunOnce,
            Phase::PostprocessIteration,
        ])
        .world(world)
        .args(args)
    };
    stage(world)
        .step(Phase::RunOnce, |_| fail("broken"))
        .run()
        .expect_trace(
            "tee keyval open enter BeforeStart before_run_once Start run_once Stop Report restore leave \
             remove_tmp",
        )
        .expect_verdict("FAIL: broken");
    stage(profiled(&["Stop"]))
        .step(Phase::RunOnce, |_| fail("broken"))
        .run()
        .expect_suppressed(&["before the profilers were stopped: FAIL: broken"])
        .expect_verdict("FAIL: Stop failed");
    stage(world)
        .run()
        .expect_trace(
            "tee keyval open enter BeforeStart before_run_once Start run_once Stop Report after_run_once \
             postprocess_iteration restore leave remove_tmp",
        )
        .expect_pass();
}

#[test]
fn a_profiled_run_is_postprocessed_if_the_run_or_else_the_test_says() {
    const POSTPROCESSED: &Metadata = &Metadata {
        postprocess_profiled_run: true,
        ..Metadata::DEFAULT
    };
    let world = World {
        has_profilers: true,
        ..World::default()
    };
    let times = |argument: Option<bool>, meta: &'static Metadata| {
        let mut args = Args::new();
        if let Some(argument) = argument {
            args = args.with("postprocess_profiled_run", argument);
        }
        Stage::with(&[Phase::RunOnce, Phase::PostprocessIteration])
            .world(world)
            .meta(meta)
            .args(args)
            .run()
            .count("postprocess_iteration")
    };
    assert_eq!(times(None, &Metadata::DEFAULT), 1);
    assert_eq!(times(None, POSTPROCESSED), 2);
    assert_eq!(times(Some(true), &Metadata::DEFAULT), 2);
    assert_eq!(times(Some(false), POSTPROCESSED), 1);
}

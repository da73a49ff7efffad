//! Tests that have their profilers perform steps themselves.

use autotest_core::{Phase, TestContext, TestResult};

use super::stage::Stage;
use super::world::World;

#[test]
fn a_test_performs_the_steps_of_its_profilers() {
    let world = World {
        has_profilers: true,
        ..World::default()
    };
    Stage::with(&[Phase::Execute])
        .world(world)
        .step(Phase::Execute, |cx| {
            cx.profilers().before_start()?;
            cx.profilers().start()?;
            cx.profilers().stop()?;
            cx.profilers().report()
        })
        .run()
        .expect_trace(
            "tee keyval open enter execute BeforeStart Start Stop Report restore leave remove_tmp",
        )
        .expect_pass();
}

#[test]
fn without_profilers_there_is_nobody_to_ask() {
    let world = World {
        profilers_active: true,
        ..World::default()
    };
    Stage::with(&[Phase::Execute])
        .world(world)
        .step(Phase::Execute, |cx| {
            assert!(!cx.profilers().are_present() && !cx.profilers().are_active());
            cx.profilers().start()
        })
        .run()
        .expect_trace("tee keyval open enter execute restore leave remove_tmp")
        .expect_pass();
}

#[test]
fn a_test_sees_whether_its_profilers_are_active() {
    for profilers_active in [false, true] {
        let world = World {
            has_profilers: true,
            profilers_active,
            ..World::default()
        };
        let step: fn(&mut TestContext) -> TestResult = match profilers_active {
            true => |cx| {
                assert!(cx.profilers().are_present() && cx.profilers().are_active());
                Ok(())
            },
            false => |cx| {
                assert!(cx.profilers().are_present() && !cx.profilers().are_active());
                Ok(())
            },
        };
        Stage::with(&[Phase::Execute])
            .world(world)
            .step(Phase::Execute, step)
            .run()
            .expect_trace("tee keyval open enter execute restore leave remove_tmp")
            .expect_pass();
    }
}

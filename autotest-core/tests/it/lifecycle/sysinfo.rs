//! When the lifecycle has what the target tells collected.

use autotest_core::{Args, Metadata, Phase, Settings, Sysinfo, lifecycle::collects_sysinfo};

use super::stage::{Stage, fail};

fn collecting() -> Settings {
    Settings {
        sysinfo: Some(Sysinfo::default()),
        ..Settings::default()
    }
}

static ASKS: Metadata = Metadata {
    sysinfo: &["cmd ip addr"],
    ..Metadata::DEFAULT
};

fn twice() -> Stage {
    Stage::with(&[Phase::RunOnce]).args(Args::new().with("iterations", 2))
}

#[test]
fn nothing_is_collected_unless_the_job_or_the_test_asks() {
    let trace = "tee keyval open enter run_once run_once restore leave remove_tmp";
    twice().run().expect_trace(trace);
}

#[test]
fn it_is_collected_before_the_test_and_around_each_iteration() {
    let trace = "BeforeTest enter tee keyval open enter \
                 BeforeIteration(1) run_once AfterIteration(1) \
                 BeforeIteration(2) run_once AfterIteration(2) restore leave remove_tmp";
    twice().settings(collecting()).run().expect_trace(trace);
    twice().meta(&ASKS).run().expect_trace(trace);
}

#[test]
fn a_fast_run_is_not_held_up_around_its_iterations() {
    let settings = Settings {
        fast: true,
        ..collecting()
    };
    let trace = "BeforeTest enter tee keyval open enter run_once run_once restore leave remove_tmp";
    twice().settings(settings).run().expect_trace(trace);
}

#[test]
fn of_many_iterations_the_first_hundred_have_files() {
    let args = Args::new().with("iterations", 102);
    let ended = Stage::with(&[Phase::RunOnce])
        .args(args)
        .settings(collecting())
        .run();
    for number in [1, 100] {
        assert_eq!(ended.count(&format!("BeforeIteration({number})")), 1);
        assert_eq!(ended.count(&format!("AfterIteration({number})")), 1);
    }
    assert_eq!(ended.count("BeforeIteration(101)"), 0);
    assert_eq!(ended.count("AfterIteration(101)"), 0);
    ended.expect_suppressed(&["sysinfo: WARN: only 100 iterations have files of their own"]);
}

#[test]
fn it_is_collected_after_an_iteration_that_fails() {
    Stage::with(&[Phase::RunOnce])
        .step(Phase::RunOnce, |_| fail("no"))
        .settings(collecting())
        .run()
        .expect_trace(
            "BeforeTest enter tee keyval open enter BeforeIteration(1) run_once AfterIteration(1) \
             restore leave remove_tmp",
        );
}

#[test]
fn whoever_executes_the_run_can_ask_the_same() {
    use autotest_core::{Details, TestDef};
    static DETAILS: Details = Details {
        meta: &ASKS,
        ..Details::DEFAULT
    };
    let asks = TestDef {
        details: &DETAILS,
        ..TestDef::DEFAULT
    };
    let settings = Settings::default();
    assert!(collects_sysinfo(&asks, &settings));
    assert!(!collects_sysinfo(&TestDef::DEFAULT, &settings));
    assert!(collects_sysinfo(&TestDef::DEFAULT, &collecting()));
}

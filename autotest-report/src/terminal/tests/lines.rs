//! The permanent lines, as opposed to the progress line.

use autotest_core::{Event, JobResume, JobStart, Kind, PlannedTest, Status};
use expect_test::expect;

use super::{Scene, WIDE};
use crate::terminal::{Report, ShowOptions, Style};

#[test]
fn a_log_has_neither_colours_nor_a_live_line() {
    let mut scene = Scene::in_log();
    scene.job(1).start(1, "a").tick(5.0).pass(1, 5.0).end_job();
    assert!(!scene.terminal.wants_ticks());
    scene.shows(expect![[r#"

        running 1 test
        test a ... ok

        test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 5.00s

        results: /no/such/job
    "#]]);
}

#[test]
fn a_job_that_was_aborted_is_not_ok() {
    let mut scene = Scene::in_log();
    let (status, reason) = (Status::Abort, "the job's time of 5s is over".to_owned());
    scene.job(2).start(1, "a").pass(1, 5.0);
    scene.send(0, Event::JobEnd { status, reason });
    scene.shows(expect![[r#"

        running 2 tests
        test a ... ok

        the job was aborted: the job's time of 5s is over; tests that did not run: 1
        go on with: --resume /no/such/job

        test result: FAILED. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

        results: /no/such/job
    "#]]);
}

#[test]
fn verdicts_are_coloured_and_texts_of_tests_are_not() {
    let is_coloured = true;
    let mut scene = Scene::new(
        ShowOptions {
            is_coloured,
            ..ShowOptions::default()
        },
        WIDE,
    );
    let plan = vec![PlannedTest::default(); 4];
    let ignored = vec![("c".to_owned(), "\x1b[31mred".to_owned())];
    scene.send(
        0,
        Event::JobStart(Box::new(JobStart {
            plan,
            ignored,
            ..JobStart::default()
        })),
    );
    scene.start(1, "a").pass(1, 0.0);
    scene.start(2, "b").end(2, Kind::Warn, "\x1b[31mred\x07");
    scene.start(3, "d").end(3, Kind::NotApplicable, "no board");
    scene
        .start(4, "e")
        .end(4, Kind::Fail, "\x1b[2J\rtest e ... ok\nFAILED");
    scene.end_job();
    scene.shows(expect![[r#"

        running 5 tests
        test c ... <esc>[33mignored<esc>[0m, ?[31mred
        test a ... <esc>[32mok<esc>[0m
        test b ... <esc>[32mok<esc>[0m (<esc>[33mWARN<esc>[0m: ?[31mred?)
        test d ... <esc>[32mok<esc>[0m (TEST_NA: no board)
        test e ... <esc>[31mFAILED<esc>[0m (FAIL)

        failures:

        ---- e stdout ----
        FAIL: ?[2J?test e ... ok
          FAILED

        failures:
            e

        warnings:
            b: ?[31mred?

        test result: <esc>[31mFAILED<esc>[0m. 3 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s

        results: /no/such/job
    "#]]);
}

#[test]
fn what_was_cut_off_is_shown_and_not_counted() {
    let mut scene = Scene::in_log();
    scene.job(2).start(1, "a").start_below(2, "b", Some(1));
    scene.send(0, Event::JobResume(JobResume::default()));
    scene.cut_off(1, "a.attempt-1", "crashed: the job was interrupted");
    scene.start(3, "a").pass(3, 0.0).start(4, "c");
    let boot_id = "another".to_owned();
    scene.terminal.boot_id = "one".to_owned();
    scene.send(
        0,
        Event::JobResume(JobResume {
            boot_id,
            ..JobResume::default()
        }),
    );
    scene
        .cut_off(4, "c.attempt-1", "rebooted")
        .start(5, "c")
        .pass(5, 0.0)
        .end_job();
    scene.shows(expect![[r#"

        running 2 tests

        the job continues after an interruption
        test a ... interrupted (crashed), runs again
        test a ... ok

        the job continues after a reboot of the target
        test c ... interrupted (rebooted), runs again
        test c ... ok

        test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

        results: /no/such/job
    "#]]);
}

#[test]
fn the_slowest_of_many_tests_are_listed() {
    let mut scene = Scene::in_log();
    scene.job(7);
    for (run, elapsed_s) in (1..).zip([0.9, 3.0, 125.25, 1.5, 2.0, 1.25, 1.75]) {
        scene.start(run, &format!("t{run}")).pass(run, elapsed_s);
    }
    scene.end_job().shows(expect![[r#"

        running 7 tests
        test t1 ... ok
        test t2 ... ok
        test t3 ... ok
        test t4 ... ok
        test t5 ... ok
        test t6 ... ok
        test t7 ... ok

        slowest tests:
            125.25s  t3
              3.00s  t2
              2.00s  t5
              1.75s  t7
              1.50s  t4

        test result: ok. 7 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

        results: /no/such/job
    "#]]);
}

#[test]
fn of_few_tests_everybody_sees_which_is_slow() {
    for (tests, is_listed) in [(4, false), (5, true)] {
        let mut scene = Scene::in_log();
        scene.job(tests);
        for run in 1..=tests as u32 {
            scene.start(run, "slow").pass(run, 2.0);
        }
        scene.end_job();
        assert_eq!(scene.text().contains("\nslowest tests:\n"), is_listed);
    }
}

#[cfg(feature = "sysinfo")]
#[test]
fn a_crash_of_the_kernel_is_shown_on_one_line() {
    let mut scene = Scene::in_log();
    scene.job(1).start(1, "a").pass(1, 0.0);
    scene.terminal.boot_id = "one".to_owned();
    let resume = JobResume {
        boot_id: "two".to_owned(),
        kernel_crash: "Kernel panic - not syncing: \u{1b}[31mred\ntest b ... ok".to_owned(),
        ..JobResume::default()
    };
    scene.send(0, Event::JobResume(resume));
    scene.shows(expect![[r#"

        running 1 test
        test a ... ok

        the job continues after a reboot of the target (Kernel panic - not syncing: ?[31mred test b ... ok)
    "#]]);
}

#[test]
fn a_job_that_goes_on_in_the_same_boot_was_cut_off() {
    let mut scene = Scene::in_log();
    let boot_id = "one".to_owned();
    let resume = JobResume {
        boot_id,
        ..JobResume::default()
    };
    // The previous boot is unknown at the first resume, and known at the second.
    scene.send(0, Event::JobResume(resume.clone()));
    scene.send(0, Event::JobResume(resume));
    scene.shows(expect![[r#"

        the job continues after an interruption

        the job continues after an interruption
    "#]]);
}

#[test]
fn a_shuffled_order_says_its_seed() {
    let mut scene = Scene::in_log();
    let shuffle_seed = Some(42);
    scene.send(
        0,
        Event::JobStart(Box::new(JobStart {
            shuffle_seed,
            ..JobStart::default()
        })),
    );
    scene.shows(expect![[r#"

        running 0 tests (shuffle seed: 42)
    "#]]);
}

#[test]
fn a_merged_job_is_not_resumed() {
    let shown = |merged| {
        let mut scene = Scene::in_log();
        let start = JobStart {
            plan: vec![PlannedTest::default()],
            merged,
            ..JobStart::default()
        };
        let (status, reason) = (Status::Abort, "shard 2/2 is missing".to_owned());
        scene.send(0, Event::JobStart(Box::new(start)));
        scene.send(0, Event::JobEnd { status, reason });
        scene.text()
    };
    let advice = "go on with: --resume /no/such/job\n";
    let aborted = "the job was aborted: shard 2/2 is missing; tests that did not run: 1\n";
    let of_several = shown(vec![("lab1".to_owned(), "4711".to_owned())]);
    assert!(
        of_several.contains(aborted) && !of_several.contains(advice),
        "{of_several}"
    );
    assert!(shown(Vec::new()).contains(&format!("{aborted}{advice}")));
}

#[test]
fn a_terse_line_is_broken_as_that_of_libtest() {
    let style = Style::Terse;
    let mut scene = Scene::new(
        ShowOptions {
            style,
            live: true,
            ..ShowOptions::default()
        },
        WIDE,
    );
    scene.job(90);
    for run in 1..=90 {
        scene.start(run, "a").pass(run, 0.0);
    }
    scene.end_job().shows(expect![[r#"

        running 90 tests
        ........................................................................................ 88/90
        ..

        test result: ok. 90 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

        results: /no/such/job
    "#]]);
}

#[test]
fn a_terse_line_counts_ignored_tests() {
    let style = Style::Terse;
    let mut scene = Scene::new(
        ShowOptions {
            style,
            ..ShowOptions::default()
        },
        WIDE,
    );
    let plan = vec![PlannedTest::default(); 88];
    let ignored = vec![("b".to_owned(), String::new()); 2];
    scene.send(
        0,
        Event::JobStart(Box::new(JobStart {
            plan,
            ignored,
            ..JobStart::default()
        })),
    );
    for run in 1..=88 {
        scene.start(run, "a").pass(run, 0.0);
    }
    scene.shows(expect![[r#"

        running 90 tests
        ii...................................................................................... 88/90
        .."#]]);
}

#[test]
fn of_passed_tests_nothing_stays() {
    let mut scene = Scene::in_log();
    scene.job(1000);
    for run in 1..=1000 {
        scene.start(run, "a").end(run, Kind::Warn, "careful");
    }
    let shown = format!("{:?}", scene.terminal.ended);
    assert!(shown.len() < 2000, "{shown}");
    scene.end_job();
    assert!(
        scene
            .text()
            .contains("    a: careful\n    and 950 more\n\ntest result: ok. 1000 passed;")
    );
}

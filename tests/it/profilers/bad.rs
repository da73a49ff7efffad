//! Profilers that go wrong, and those that there are not.

use expect_test::expect;

use super::{NOTES, assert_is_gone, check_noted, profiling, verdicts};
use crate::binary::fixture;

#[test]
fn the_loss_of_a_profiler_is_a_warning_that_names_it() {
    let ran = check_noted(
        &["kills_its_profiler"],
        expect![[r#"
            test kills_its_profiler ... ok (WARN: the profiler `notes` was killed by signal 9 (SIGKILL))
            kills_its_profiler/profiling/iteration.2/notes
        "#]],
    );
    assert_is_gone(&ran, "kills_its_profiler/profiler");
    let bad = [
        "--profiler",
        "bad:step=idle,how=print",
        "--exact",
        "kills_another",
    ];
    check_noted(
        &bad,
        expect![[r#"
        test kills_another ... ok (WARN: the profiler `bad` was killed by signal 9 (SIGKILL))
        kills_another/profiling/iteration.2/marks
        kills_another/profiling/iteration.2/notes
    "#]],
    );
}

#[test]
fn a_bad_profiler_costs_the_test_and_the_other_profilers_nothing() {
    let mut table = String::new();
    for step in [
        "initialize",
        "setup",
        "before_start",
        "start",
        "stop",
        "report",
    ] {
        for how in ["fail", "panic", "warn", "exit", "kill", "leave", "print"] {
            let bad = format!("bad:step={step},how={how}");
            let ran = fixture(
                "profiled",
                &["--profiler", &bad, NOTES[0], NOTES[1], "--exact", "passes"],
            );
            let notes = ran.file("passes/profiling/iteration.2/notes");
            assert!(
                notes.ends_with("note stop 2\nnote report 2\n"),
                "{bad}: {notes}"
            );
            table += &format!(
                "{step} {how}: {}",
                verdicts(&ran).trim_start_matches("test passes ... ")
            );
            if how == "leave" {
                assert_is_gone(&ran, "passes/left");
            }
        }
    }
    expect![[r#"
        initialize fail: ok (WARN: the profiler `bad` failed in `initialize`: no such tool; install it)
        initialize panic: ok (WARN: the profiler `bad` failed in `initialize`: Unhandled panic: at the profiler)
        initialize warn: ok (WARN: the profiler `bad` warns: half of it is missing)
        initialize exit: ok (WARN: the profiler `bad` exited in `initialize` with status 3)
        initialize kill: ok (WARN: the profiler `bad` was killed in `initialize` by signal 6 (SIGABRT, an abort))
        initialize leave: ok
        initialize print: ok
        setup fail: ok (WARN: the profiler `bad` failed in `setup`: no such tool; install it)
        setup panic: ok (WARN: the profiler `bad` failed in `setup`: Unhandled panic: at the profiler)
        setup warn: ok (WARN: the profiler `bad` warns: half of it is missing)
        setup exit: ok (WARN: the profiler `bad` exited in `setup` with status 3)
        setup kill: ok (WARN: the profiler `bad` was killed in `setup` by signal 6 (SIGABRT, an abort))
        setup leave: ok
        setup print: ok
        before_start fail: ok (WARN: the profiler `bad` failed in `before_start`: no such tool; install it)
        before_start panic: ok (WARN: the profiler `bad` failed in `before_start`: Unhandled panic: at the profiler)
        before_start warn: ok (WARN: the profiler `bad` warns: half of it is missing)
        before_start exit: ok (WARN: the profiler `bad` exited in `before_start` with status 3)
        before_start kill: ok (WARN: the profiler `bad` was killed in `before_start` by signal 6 (SIGABRT, an abort))
        before_start leave: ok
        before_start print: ok
        start fail: ok (WARN: the profiler `bad` failed in `start`: no such tool; install it)
        start panic: ok (WARN: the profiler `bad` failed in `start`: Unhandled panic: at the profiler)
        start warn: ok (WARN: the profiler `bad` warns: half of it is missing)
        start exit: ok (WARN: the profiler `bad` exited in `start` with status 3)
        start kill: ok (WARN: the profiler `bad` was killed in `start` by signal 6 (SIGABRT, an abort))
        start leave: ok
        start print: ok
        stop fail: ok (WARN: the profiler `bad` failed in `stop`: no such tool; install it)
        stop panic: ok (WARN: the profiler `bad` failed in `stop`: Unhandled panic: at the profiler)
        stop warn: ok (WARN: the profiler `bad` warns: half of it is missing)
        stop exit: ok (WARN: the profiler `bad` exited in `stop` with status 3)
        stop kill: ok (WARN: the profiler `bad` was killed in `stop` by signal 6 (SIGABRT, an abort))
        stop leave: ok
        stop print: ok
        report fail: ok (WARN: the profiler `bad` failed in `report`: no such tool; install it)
        report panic: ok (WARN: the profiler `bad` failed in `report`: Unhandled panic: at the profiler)
        report warn: ok (WARN: the profiler `bad` warns: half of it is missing)
        report exit: ok (WARN: the profiler `bad` exited in `report` with status 3)
        report kill: ok (WARN: the profiler `bad` was killed in `report` by signal 6 (SIGABRT, an abort))
        report leave: ok
        report print: ok
    "#]].assert_eq(&table);
}

#[test]
fn a_flood_of_warnings_is_cut_and_the_profiler_still_reports() {
    let args = ["--profiler", "bad:step=stop,how=flood", "--exact", "passes"];
    let ran = fixture("profiled", &args).expect_code(0);
    let told = verdicts(&ran);
    let warning = |i: usize| {
        let (text, all) = (
            format!("{i} {}", "x".repeat(1000)),
            i.to_string().len() + 1001,
        );
        format!(
            "the profiler `bad` warns: {} [cut: {all} bytes in all]",
            &text[..100]
        )
    };
    let mut warnings: Vec<String> = (0..16).map(warning).collect();
    warnings
        .push("the profiler `bad` warns: 1000 warnings in all; the rest is left out".to_owned());
    assert_eq!(
        told,
        format!("test passes ... ok (WARN: {})\n", warnings.join("; "))
    );
    assert_eq!(ran.file("passes/profiling/iteration.2/bad"), "report\n");
}

/// The same of processes that are executed again: how they end is told by the supervisor.
#[test]
fn a_bad_profiler_that_is_executed_again_costs_nothing_either() {
    let mut table = String::new();
    for step in ["setup", "report"] {
        for how in ["fail", "exit", "kill"] {
            let bad = format!("bad:step={step},how={how}");
            let profilers = ["--profiler", &bad, NOTES[0], NOTES[1]];
            let rest = ["--isolation", "exec", "--exact", "passes", "passes_too"];
            let ran = fixture("profiled", &[&profilers[..], &rest].concat());
            for test in ["passes", "passes_too"] {
                let notes = ran.file(&format!("{test}/profiling/iteration.2/notes"));
                assert!(notes.ends_with("note report 2\n"), "{bad}: {notes}");
            }
            table += &verdicts(&ran);
        }
    }
    expect![[r#"
        test passes ... ok (WARN: the profiler `bad` failed in `setup`: no such tool; install it)
        test passes_too ... ok (WARN: the profiler `bad` failed in `setup`: no such tool; install it)
        test passes ... ok (WARN: the profiler `bad` exited in `setup` with status 3)
        test passes_too ... ok (WARN: the profiler `bad` exited in `setup` with status 3)
        test passes ... ok (WARN: the profiler `bad` was killed in `setup` by signal 6 (SIGABRT, an abort))
        test passes_too ... ok (WARN: the profiler `bad` was killed in `setup` by signal 6 (SIGABRT, an abort))
        test passes ... ok (WARN: the profiler `bad` failed in `report`: no such tool; install it)
        test passes_too ... ok (WARN: the profiler `bad` failed in `report`: no such tool; install it)
        test passes ... ok (WARN: the profiler `bad` exited in `report` with status 3)
        test passes_too ... ok (WARN: the profiler `bad` exited in `report` with status 3)
        test passes ... ok (WARN: the profiler `bad` was killed in `report` by signal 6 (SIGABRT, an abort))
        test passes_too ... ok (WARN: the profiler `bad` was killed in `report` by signal 6 (SIGABRT, an abort))
    "#]].assert_eq(&table);
}

#[test]
fn the_time_of_a_profiler_is_not_that_of_the_test() {
    for step in ["initialize", "start", "stop", "report"] {
        let bad = format!("bad:step={step},how=slow");
        let ran = fixture("profiled", &["--profiler", &bad, "--exact", "is_quick"]);
        assert_eq!(verdicts(&ran), "test is_quick ... ok\n", "{step}");
    }
}

#[test]
fn the_time_of_a_subtest_s_profilers_is_not_that_of_its_caller() {
    for (step, subtest, verdict) in [
        ("start", "is_quick", "ok"),
        // Its profilers stop after its process has ended.
        ("stop", "crashes", "FAILED (ERROR)"),
    ] {
        let slow = format!("bad:step={step},how=slow");
        let subtest_arg = format!("subtest={subtest}");
        let mut args = vec!["--param", &subtest_arg, "--exact", "calls"];
        // Together, they take longer than the caller may.
        args.extend(["--profiler", &slow].repeat(3));
        let ran = fixture("profiled", &args);
        let expected = format!("subtest {subtest} ... {verdict}\ntest calls ... ok\n");
        assert_eq!(verdicts(&ran), expected, "{step}");
    }
}

#[test]
fn a_profiler_that_hangs_is_ended() {
    // Each of them takes the whole limit.
    std::thread::scope(|scope| {
        for step in ["initialize", "before_start", "start", "stop"] {
            scope.spawn(move || {
                let bad = format!("bad:step={step},how=hang");
                let args = ["--profiler", "notes", "--profiler", &bad, "--exact", "passes"];
                let ran = fixture("profiled", &args);
                let expected = format!(
                    "test passes ... ok (WARN: the profiler `bad` was ended in `{step}`: it did not return within 10 \
                     s)\n\
                     passes/profiling/iteration.2/marks\n\
                     passes/profiling/iteration.2/notes\n"
                );
                assert_eq!(verdicts(&ran) + &profiling(&ran), expected);
            });
        }
    });
}

#[test]
fn mistakes_are_found_before_anything_runs() {
    let mut table = String::new();
    let mut refuse = |args: &[&str]| {
        let ran = fixture("profiled", &[args, &["--exact", "passes"]].concat()).expect_code(2);
        table += &ran.stderr();
    };
    for profiler in [
        "nots",
        "notes:txt=1",
        "bad:step=no",
        ":",
        "notes:text",
        "notes:text=1,text=2",
    ] {
        refuse(&["--profiler", profiler]);
    }
    refuse(&["--profiler", "notes", "--isolation", "none"]);
    expect![[r#"
        error: no profiler is called `nots`; did you mean `notes`?
        error: unknown parameter `txt` of the profiler `notes`: did you mean `text`? it takes `text` (initialize)
        error: the profiler `bad`: parameter `step` (`String`) must be one of "initialize", "setup", "before_start", "start", "stop", "report", "idle", not `"no"`; parameter `how` (`String`) has no default: write `bad:how=…`
        error: `--profiler` takes a profiler (write `NAME` or `NAME:PARAM=VALUE,…`), not `:`
        error: `--profiler` takes a profiler (write each argument as `PARAM=VALUE`), not `notes:text`
        error: `--profiler` takes a profiler (give each argument once), not `notes:text=1,text=2`
        error: a profiler needs a process of its own: leave out `--isolation none`
    "#]].assert_eq(&table);
}

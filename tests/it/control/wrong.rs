//! Control functions that go wrong, and wrong command lines.

use expect_test::{Expect, expect};

use super::control;
use crate::binary::{fixture, sleepers};

/// Runs a control function, and compares what is printed and the status log.
#[track_caller]
fn check(name: &str, code: i32, expected: &Expect) {
    let ran = control(name, &[]).expect_code(code);
    crate::tko::check_tree(&ran.jobdir());
    let seen = format!(
        "{}{}\n{}",
        ran.stdout(),
        ran.stderr(),
        ran.log("status.log")
    );
    expected.assert_eq(&seen);
}

#[test]
fn what_is_refused_is_told_to_the_function() {
    let ran = control("refused", &[]).expect_code(0);
    expect![[r#"
        pases: test does not exist; did you mean `passes`?
        unknown parameter `mega` of `takes`: it takes `mb` (run_once), `disk` (run_once)
        takes: parameter `mb` takes a value of type `u32`, not `"many"`: invalid type: string "many", expected u32
        passes: "a/b" is not a valid tag: use a text without `/` and control characters
        passes: constraint `throughput >` does not parse: expected a value after `>` at column 13
            throughput >
                        ^
        passes: expected a length of time such as `90`, `1.5s`, `2m` or `1h`
        passes: parameter `iterations` takes a value of type `whole number`, not `"x"`: it is 'x'
        no hook is called `note_it`; did you mean `notes_it`?
        two branches are called `same`; rename one
    "#]].assert_eq(&ran.file("debug/control.stdout"));
    let runs = ran
        .tree()
        .into_iter()
        .filter(|path| path.ends_with("/status"));
    assert_eq!(runs.count(), 0, "a refused run left a directory");
}

#[test]
fn a_function_that_goes_wrong_ends_its_job() {
    check(
        "fails_itself",
        101,
        &expect![[r#"

            running the control function fails_itself
            test passes ... ok

            the job was aborted: the control function failed: nothing: test does not exist
            go on with: --resume <root>/<results>

            test result: FAILED. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in .

            results: <root>/<results>

            START→----→----→timestamp=.→localtime=.→
            →START→passes→passes→timestamp=.→localtime=.→
            →→GOOD→passes→passes→timestamp=.→localtime=.→completed successfully
            →END GOOD→passes→passes→timestamp=.→localtime=.→
            END ABORT→----→----→timestamp=.→localtime=.→the control function failed: nothing: test does not exist
        "#]],
    );
    check(
        "panics",
        101,
        &expect![[r#"

        running the control function panics
        test passes ... ok
        the group inner ended with an error: gave up

        the job was aborted: the control function failed: Unhandled panic: gave up
        go on with: --resume <root>/<results>

        test result: FAILED. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in .

        results: <root>/<results>

        START→----→----→timestamp=.→localtime=.→
        →START→----→inner→timestamp=.→localtime=.→
        →→START→passes→passes→timestamp=.→localtime=.→
        →→→GOOD→passes→passes→timestamp=.→localtime=.→completed successfully
        →→END GOOD→passes→passes→timestamp=.→localtime=.→
        →END FAIL→----→inner→timestamp=.→localtime=.→gave up
        END ABORT→----→----→timestamp=.→localtime=.→the control function failed: Unhandled panic: gave up
    "#]],
    );
    check(
        "exits",
        101,
        &expect![[r#"

        running the control function exits
        test passes ... ok

        the job was aborted: the control function ended without an outcome: exit status 3
        go on with: --resume <root>/<results>

        test result: FAILED. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in .

        results: <root>/<results>

        START→----→----→timestamp=.→localtime=.→
        →START→passes→passes→timestamp=.→localtime=.→
        →→GOOD→passes→passes→timestamp=.→localtime=.→completed successfully
        →END GOOD→passes→passes→timestamp=.→localtime=.→
        END ABORT→----→----→timestamp=.→localtime=.→the control function ended without an outcome: exit status 3
    "#]],
    );
    check(
        "kills_itself",
        101,
        &expect![[r#"

        running the control function kills_itself
        test passes ... ok

        the job was aborted: the control function was killed by signal 9 (SIGKILL)
        go on with: --resume <root>/<results>

        test result: FAILED. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in .

        results: <root>/<results>

        START→----→----→timestamp=.→localtime=.→
        →START→passes→passes→timestamp=.→localtime=.→
        →→GOOD→passes→passes→timestamp=.→localtime=.→completed successfully
        →END GOOD→passes→passes→timestamp=.→localtime=.→
        END ABORT→----→----→timestamp=.→localtime=.→the control function was killed by signal 9 (SIGKILL)
    "#]],
    );
    check(
        "hangs",
        101,
        &expect![[r#"

        running the control function hangs

        the job was aborted: the control function timed out after 1s
        go on with: --resume <root>/<results>

        test result: FAILED. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in .

        results: <root>/<results>

        START→----→----→timestamp=.→localtime=.→
        END ABORT→----→----→timestamp=.→localtime=.→the control function timed out after 1s
    "#]],
    );
    check(
        "closes",
        101,
        &expect![[r#"

        running the control function closes

        the job was aborted: the control function was killed by signal 6 (SIGABRT, an abort)
        go on with: --resume <root>/<results>

        test result: FAILED. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in .

        results: <root>/<results>

        START→----→----→timestamp=.→localtime=.→
        END ABORT→----→----→timestamp=.→localtime=.→the control function was killed by signal 6 (SIGABRT, an abort)
    "#]],
    );
    check(
        "floods",
        0,
        &expect![[r#"

        running the control function floods
        test passes ... ok

        test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in .

        results: <root>/<results>

        START→----→----→timestamp=.→localtime=.→
        →START→passes→passes→timestamp=.→localtime=.→
        →→GOOD→passes→passes→timestamp=.→localtime=.→completed successfully
        →END GOOD→passes→passes→timestamp=.→localtime=.→
        →WARN→----→----→timestamp=.→localtime=.→the control function sent 1000 lines that are not requests
        END GOOD→----→----→timestamp=.→localtime=.→
    "#]],
    );
    check(
        "aborted",
        101,
        &expect![[r#"

        running the control function aborted
        test aborts ... FAILED (ABORT)

        failures:

        ---- aborts stdout ----
        ABORT: the disk is on fire
            at tests/fixtures/controls.rs:42:9
            see <root>/<results>/aborts/debug

        failures:
            aborts

        the job was aborted: aborts ended the job
        go on with: --resume <root>/<results>

        test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in .

        results: <root>/<results>

        START→----→----→timestamp=.→localtime=.→
        →START→aborts→aborts→timestamp=.→localtime=.→
        →→ABORT→aborts→aborts→timestamp=.→localtime=.→the disk is on fire
          at tests/fixtures/controls.rs:42:9
        →END ABORT→aborts→aborts→timestamp=.→localtime=.→
        END ABORT→----→----→timestamp=.→localtime=.→aborts ended the job
    "#]],
    );
    check(
        "dies_early",
        101,
        &expect![[r#"

        running the control function dies_early
        test sleeps ... FAILED (ABORT)

        failures:

        ---- sleeps stdout ----
        ABORT: interrupted by the end of the control function
            see <root>/<results>/sleeps

        failures:
            sleeps

        the job was aborted: the control function was killed by signal 9 (SIGKILL)
        go on with: --resume <root>/<results>

        test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in .

        results: <root>/<results>

        START→----→----→timestamp=.→localtime=.→
        →START→sleeps→sleeps→timestamp=.→localtime=.→
        →→ABORT→sleeps→sleeps→timestamp=.→localtime=.→interrupted by the end of the control function
        →END ABORT→sleeps→sleeps→timestamp=.→localtime=.→
        END ABORT→----→----→timestamp=.→localtime=.→the control function was killed by signal 9 (SIGKILL)
    "#]],
    );
}

#[test]
fn branches_that_fail_end_the_job_once_all_have_ended() {
    let ran = control("branches_fail", &[]).expect_code(101);
    expect![[r#"
        START→----→----→timestamp=.→localtime=.→
        →START→passes→passes→timestamp=.→localtime=.→
        →→GOOD→passes→passes→timestamp=.→localtime=.→completed successfully
        →END GOOD→passes→passes→timestamp=.→localtime=.→
        END ABORT→----→----→timestamp=.→localtime=.→the control function failed: 2 task(s) failed in job.parallel: bad: no; worse: no way
    "#]].assert_eq(&ran.log("status.log"));
}

#[test]
fn only_the_function_itself_may_ask() {
    let ran = control("forks", &[]).expect_code(0);
    assert_eq!(
        ran.file("debug/control.stdout"),
        "only the process of the control function can ask\n"
    );
    assert!(ran.jobdir().join("passes.of_parent/status").exists());
    assert!(!ran.jobdir().join("passes.of_child").exists());
}

#[test]
fn what_the_function_started_ends_with_it() {
    let ran = control("leaks", &[]).expect_code(0);
    assert_eq!(sleepers("1000"), 0, "{}", ran.log("status.log"));
    assert!(
        ran.log("status.log")
            .contains("the control function left processes behind: sleep")
    );
}

#[test]
fn a_wrong_command_line_runs_nothing() {
    for (args, expected) in [
        (
            &["--control", "whle"][..],
            expect![[r#"
            error: no control function is called `whle`; did you mean `whole`?
        "#]],
        ),
        (
            &["--control", "whole", "--param", "round=1"],
            expect![[r#"
                error: unknown parameter `round` of `whole`: did you mean `rounds`? it takes `rounds` (execute)
            "#]],
        ),
        (
            &["--control", "whole", "--param", "rounds=10"],
            expect![[r#"
                error: whole: parameter `rounds` (`u32`) must be in `1..=9`, not `10`
            "#]],
        ),
        (
            &["--control", "whole", "passes"],
            expect![[r#"
            error: `passes` cannot be given with `--control`: the control function says which tests run
        "#]],
        ),
        (
            &["--control", "whole", "--suite", "bvt"],
            expect![[r#"
            error: `--suite` cannot be given with `--control`: the control function says which tests run
        "#]],
        ),
        (
            &["--control", "whole", "--isolation", "none"],
            expect![[r#"
                error: `--control` and `--isolation none` cannot be combined; give one
            "#]],
        ),
    ] {
        let ran = fixture("controls", args).expect_code(2);
        expected.assert_eq(&ran.stderr());
        assert!(!ran.jobdir().exists());
    }
}

#[test]
fn a_reason_that_is_too_long_is_cut() {
    let ran = control("limits::long_reason", &[]).expect_code(101);
    let cut = |text: &str| text.replace(&"x".repeat(2000), "x…");
    assert_eq!(ran.stderr(), "");
    expect![[r#"
        START→----→----→timestamp=.→localtime=.→
        →START→----→inner→timestamp=.→localtime=.→
        →END FAIL→----→inner→timestamp=.→localtime=.→x… [cut: 100000 bytes in all]
        END ABORT→----→----→timestamp=.→localtime=.→the control function failed: x… [cut: 100000 bytes in all]
    "#]]
    .assert_eq(&cut(&ran.log("status.log")));
}

#[test]
fn a_value_that_is_nested_too_deep_is_refused() {
    let ran = control("limits::deep_value", &[]).expect_code(0);
    let printed = ran.file("debug/control.stdout");
    assert_eq!(printed, "request 0 is nested deeper than 126 levels\n");
}

#[test]
fn settings_that_are_refused_are_as_before() {
    let ran = control("limits::refused_settings", &[]).expect_code(0);
    let printed = ran.file("debug/control.stdout");
    assert_eq!(
        printed,
        "no hook is called `nobody`; annotate a function with `#[autotest::hook]`\n"
    );
}

//! Control functions: what they request, and what the job leaves.

mod wrong;

use std::path::Path;
use std::process::Output;

use expect_test::expect;

use super::binary::{Ran, Tree, fixture, fixture_command};

fn control(name: &str, args: &[&str]) -> Ran {
    fixture("controls", &[&["--control", name], args].concat())
}

#[test]
fn a_control_function_runs_what_it_requests() {
    let ran = control("whole", &["--param", "rounds=3"]).expect_code(101);
    super::tko::check_tree(&ran.jobdir());
    expect![[r#"
        START→----→----→timestamp=.→localtime=.→
        →START→takes.before→takes.before→timestamp=.→localtime=.→
        →→GOOD→takes.before→takes.before→timestamp=.→localtime=.→completed successfully
        →END GOOD→takes.before→takes.before→timestamp=.→localtime=.→
        →START→----→network→timestamp=.→localtime=.→
        →→START→passes.0→passes.0→timestamp=.→localtime=.→
        →→→GOOD→passes.0→passes.0→timestamp=.→localtime=.→completed successfully
        →→END GOOD→passes.0→passes.0→timestamp=.→localtime=.→
        →→START→passes.1→passes.1→timestamp=.→localtime=.→
        →→→GOOD→passes.1→passes.1→timestamp=.→localtime=.→completed successfully
        →→END GOOD→passes.1→passes.1→timestamp=.→localtime=.→
        →→START→passes.2→passes.2→timestamp=.→localtime=.→
        →→→GOOD→passes.2→passes.2→timestamp=.→localtime=.→completed successfully
        →→END GOOD→passes.2→passes.2→timestamp=.→localtime=.→
        →→INFO→----→----→timestamp=.→localtime=.→pinged
        →END GOOD→----→network→timestamp=.→localtime=.→
        →START→sleeps.cpu→sleeps.cpu→timestamp=.→localtime=.→
        →→GOOD→sleeps.cpu→sleeps.cpu→timestamp=.→localtime=.→completed successfully
        →END GOOD→sleeps.cpu→sleeps.cpu→timestamp=.→localtime=.→
        →START→settled.cpu→settled.cpu→timestamp=.→localtime=.→
        →→GOOD→settled.cpu→settled.cpu→timestamp=.→localtime=.→completed successfully
        →END GOOD→settled.cpu→settled.cpu→timestamp=.→localtime=.→
        →START→settled.io→settled.io→timestamp=.→localtime=.→
        →→GOOD→settled.io→settled.io→timestamp=.→localtime=.→completed successfully
        →END GOOD→settled.io→settled.io→timestamp=.→localtime=.→
        →START→fails→fails→timestamp=.→localtime=.→
        →→FAIL→fails→fails→timestamp=.→localtime=.→does not work
          at tests/fixtures/controls.rs:16:5
        →END FAIL→fails→fails→timestamp=.→localtime=.→
        →START→passes.since.it_failed→passes.since→timestamp=.→localtime=.→
        →→GOOD→passes.since.it_failed→passes.since→timestamp=.→localtime=.→completed successfully
        →END GOOD→passes.since.it_failed→passes.since→timestamp=.→localtime=.→
        END GOOD→----→----→timestamp=.→localtime=.→
    "#]]
    .assert_eq(&ran.log("status.log"));
    assert_eq!(ran.file("debug/control.stdout"), "begins\nends\n");
    let keyval = "param-mb=64\nversion=0\ndisk=none\nmb=64\n";
    assert_eq!(ran.file("takes.before/keyval"), keyval);
    for (run, fast) in [("settled.cpu", "True"), ("settled.io", "False")] {
        assert!(
            ran.file(&format!("{run}/keyval"))
                .contains(&format!("fast={fast}"))
        );
    }
}

#[test]
fn the_reports_of_a_control_function() {
    for (format, expected) in [
        (
            "pretty",
            expect![[r#"

                running the control function grouped
                test passes (passes.first) ... ok
                test passes (passes.outer) ... ok
                test fails ... FAILED (FAIL)
                test passes (passes.last) ... ok

                failures:

                ---- fails stdout ----
                FAIL: does not work
                    at tests/fixtures/controls.rs:16:5
                    in outer > inner
                    see <root>/<results>/fails/debug

                failures:
                    fails

                test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in .

                results: <root>/<results>
            "#]],
        ),
        (
            "tap",
            expect![[r#"
                TAP version 13
                ok 1 - passes (passes.first)
                    # Subtest: outer
                    ok 1 - passes (passes.outer)
                        # Subtest: inner
                        not ok 1 - fails
                          ---
                          status: FAIL
                          reason: "does not work"
                          at: "tests/fixtures/controls.rs:16:5"
                          debug: "fails/debug"
                          ...
                        1..1
                    not ok 2 - inner
                      ---
                      status: FAIL
                      reason: "1 of 1 test failed: fails"
                      ...
                    1..2
                not ok 2 - outer
                  ---
                  status: FAIL
                  reason: "1 of 2 tests failed: fails"
                  ...
                ok 3 - passes (passes.last)
                # results: <root>/<results>
                1..3
            "#]],
        ),
    ] {
        let ran = control("grouped", &["--format", format]).expect_code(101);
        expected.assert_eq(&ran.stdout());
    }
}

#[test]
fn both_ways_of_isolation_are_alike() {
    let run = |isolation| control("whole", &["--isolation", isolation]).expect_code(101);
    let (fork, exec) = (run("fork"), run("exec"));
    assert_eq!(fork.log("status.log"), exec.log("status.log"));
    assert_eq!(
        fork.file("debug/control.stdout"),
        exec.file("debug/control.stdout")
    );
}

fn run_at(home: &Path, args: &[&str]) -> Output {
    fixture_command(home, "controls")
        .args(args)
        .output()
        .unwrap()
}

#[test]
fn a_job_goes_on_behind_its_reboot() {
    let home = tempfile::tempdir().unwrap();
    let begun = run_at(
        home.path(),
        &["--results", "results", "--control", "reboots"],
    );
    assert_eq!(begun.status.code(), Some(75), "{begun:?}");
    super::tko::check_tree(&home.path().join("results"));
    let ended = run_at(home.path(), &["--resume", "results"]);
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    let tree = Tree::at(home.path(), "results");
    super::tko::check_tree(&tree.jobdir());
    expect![[r#"
        START→----→----→timestamp=.→localtime=.→
        →START→passes.before→passes.before→timestamp=.→localtime=.→
        →→GOOD→passes.before→passes.before→timestamp=.→localtime=.→completed successfully
        →END GOOD→passes.before→passes.before→timestamp=.→localtime=.→
        →START→----→reboot→timestamp=.→localtime=.→
        →→GOOD→----→reboot.start→timestamp=.→localtime=.→
        →→GOOD→----→reboot.verify→timestamp=.→localtime=.→
        →END GOOD→----→reboot→kernel=.→localtime=.→timestamp=.→
        →START→takes.after→takes.after→timestamp=.→localtime=.→
        →→GOOD→takes.after→takes.after→timestamp=.→localtime=.→completed successfully
        →END GOOD→takes.after→takes.after→timestamp=.→localtime=.→
        END GOOD→----→----→timestamp=.→localtime=.→
    "#]]
    .assert_eq(&tree.log("status.log"));
    // What was printed before the reboot is not printed again.
    assert_eq!(tree.file("debug/control.stdout"), "before\nafter\n");
}

#[test]
fn the_target_is_rebooted_by_a_command() {
    let home = tempfile::tempdir().unwrap();
    let args = ["--results", "results", "--control", "reboots"];
    let with = |command| {
        run_at(
            home.path(),
            &[&args[..], &["--reboot-command", command]].concat(),
        )
    };
    let begun = with("echo down >rebooted");
    assert_eq!(begun.status.code(), Some(75), "{begun:?}");
    assert_eq!(
        std::fs::read_to_string(home.path().join("rebooted")).unwrap(),
        "down\n"
    );
    std::fs::remove_dir_all(home.path().join("results")).unwrap();
    let failed = with("exit 7");
    assert_eq!(failed.status.code(), Some(101));
    let told = String::from_utf8(failed.stderr).unwrap();
    assert_eq!(
        told,
        "error: failed to reboot the target: `exit 7`: exit status: 7\n"
    );
}

#[test]
fn a_function_that_does_not_repeat_itself_ends_the_job() {
    for (name, reason) in [
        (
            "diverges",
            "the control function does not repeat itself: request 0 is now \
             {\"run\":{\"test\":\"passes\",\"tag\":\"other\"}}, but was \
             {\"run\":{\"test\":\"passes\",\"tag\":\"one\"}} before the job was interrupted",
        ),
        (
            "ends_early",
            "the control function does not repeat itself: it ended before request 0, which was \
             {\"run\":{\"test\":\"passes\"}} before the job was interrupted",
        ),
    ] {
        let home = tempfile::tempdir().unwrap();
        let begun = run_at(home.path(), &["--results", "results", "--control", name]);
        assert_eq!(begun.status.code(), Some(75), "{begun:?}");
        let ended = run_at(home.path(), &["--resume", "results"]);
        assert_eq!(ended.status.code(), Some(101), "{ended:?}");
        let log = Tree::at(home.path(), "results").log("status.log");
        assert!(log.contains(reason), "{log}");
    }
}

#[test]
fn hooks_are_named_by_the_function_or_by_flags() {
    let hooked = control("hooked", &[]).expect_code(0);
    assert!(hooked.file("passes/keyval").contains("hooked=True"));
    let by_flag = fixture("controls", &["--before-test", "notes_it", "passes"]).expect_code(0);
    assert!(by_flag.file("passes/keyval").contains("hooked=True"));
    let unknown = fixture("controls", &["--after-test", "note_it", "passes"]).expect_code(2);
    assert_eq!(
        unknown.stderr(),
        "error: no hook is called `note_it`; did you mean `notes_it`?\n"
    );
}

#[test]
fn control_functions_are_listed_and_described() {
    let listed = fixture("controls", &["--list-controls"]).expect_code(0);
    assert!(
        listed
            .stdout()
            .contains("\nwhole: Everything that works.\n"),
        "{}",
        listed.stdout()
    );
    let tests = fixture("controls", &["--list"]).expect_code(0);
    assert!(!tests.stdout().contains("whole"));
    let described = fixture("controls", &["--describe", "whole"]).expect_code(0);
    expect![[r#"
        whole
            Everything that works.
    
            It has two lines of documentation.

        at tests/fixtures/controls.rs:55
        a control function: `--control` calls it
        suites: nightly
        time: LONG

        parameters:
          rounds: u32 = 2, in 1..=9
              How often to ping.
    "#]]
    .assert_eq(&described.stdout());
}

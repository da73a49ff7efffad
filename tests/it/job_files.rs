//! Job files: what they run, how they are resumed, and all of their mistakes at once.

use std::fs;
use std::path::Path;
use std::process::Output;

use expect_test::{Expect, expect};

use super::binary::{Tree, fixture_command};
use super::described_jobs;

pub(super) const WHOLE: &str = r#"{
  "label": "smoke",
  "settings": {"before_test": "notes_it"},
  "params": {"disk": "sda"},
  "runs": [
    {"test": "takes", "tag": "before", "args": {"mb": 64}, "timeout": "10s"},
    {"group": "network", "runs": [
      {"test": "passes", "tag": "a"},
      {"test": "fails"}
    ]},
    {"parallel": {
      "cpu": [{"test": "sleeps", "tag": "cpu", "args": {"ms": 5}}],
      "io": [{"test": "settled"}]
    }},
    {"reboot": true},
    {"test": "takes", "tag": "after", "iterations": 2}
  ]
}
"#;

/// Runs the fixture with a job file called `job.json`.
pub(super) fn run(home: &Path, text: &str, args: &[&str]) -> Output {
    described_jobs::check(home, "controls", text);
    fs::write(home.join("job.json"), text).unwrap();
    let mut command = fixture_command(home, "controls");
    command
        .args(["--job", "job.json"])
        .args(args)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_job_file_runs_what_it_says_and_goes_on_behind_its_reboot() {
    let home = tempfile::tempdir().unwrap();
    let begun = run(home.path(), WHOLE, &["--results", "results"]);
    assert_eq!(begun.status.code(), Some(75), "{begun:?}");
    let results = home.path().join("results");
    super::tko::check_tree(&results);
    // The journal has the file's text, so that it may be gone by now.
    fs::remove_file(home.path().join("job.json")).unwrap();
    let mut command = fixture_command(home.path(), "controls");
    let ended = command.args(["--resume", "results"]).output().unwrap();
    assert_eq!(ended.status.code(), Some(101), "{ended:?}");
    super::tko::check_tree(&results);
    let tree = Tree::at(home.path(), "results");
    expect![[r#"
        START→----→----→timestamp=.→localtime=.→
        →START→takes.before→takes.before→timestamp=.→timeout=10→localtime=.→
        →→GOOD→takes.before→takes.before→timestamp=.→localtime=.→completed successfully
        →END GOOD→takes.before→takes.before→timestamp=.→localtime=.→
        →START→----→network→timestamp=.→localtime=.→
        →→START→passes.a→passes.a→timestamp=.→localtime=.→
        →→→GOOD→passes.a→passes.a→timestamp=.→localtime=.→completed successfully
        →→END GOOD→passes.a→passes.a→timestamp=.→localtime=.→
        →→START→fails→fails→timestamp=.→localtime=.→
        →→→FAIL→fails→fails→timestamp=.→localtime=.→does not work
          at tests/fixtures/controls.rs:16:5
        →→END FAIL→fails→fails→timestamp=.→localtime=.→
        →END GOOD→----→network→timestamp=.→localtime=.→
        →START→sleeps.cpu→sleeps.cpu→timestamp=.→localtime=.→
        →→GOOD→sleeps.cpu→sleeps.cpu→timestamp=.→localtime=.→completed successfully
        →END GOOD→sleeps.cpu→sleeps.cpu→timestamp=.→localtime=.→
        →START→settled→settled→timestamp=.→localtime=.→
        →→GOOD→settled→settled→timestamp=.→localtime=.→completed successfully
        →END GOOD→settled→settled→timestamp=.→localtime=.→
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
    let shown = text(&ended.stdout);
    assert!(shown.contains("\nrunning 6 tests\n"), "{shown}");
    assert!(tree.file("keyval").contains("label=smoke\n"));
    for run in ["takes.before", "takes.after"] {
        let keyval = tree.file(&format!("{run}/keyval"));
        assert!(
            keyval.contains("disk=sda\n") && keyval.contains("hooked=True\n"),
            "{keyval}"
        );
    }
}

#[test]
fn flags_win_over_what_the_file_says() {
    let home = tempfile::tempdir().unwrap();
    let file = r#"{"params": {"mb": 1}, "settings": {"tag": "auto"}, "runs": [{"test": "takes"}]}"#;
    let args = [
        "--results",
        "results",
        "--param",
        "mb=2",
        "--tag",
        "flag",
        "--isolation",
        "exec",
    ];
    let ran = run(home.path(), file, &args);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let tree = Tree::at(home.path(), "results");
    assert!(tree.file("takes.flag/keyval").contains("mb=2\n"));
}

#[test]
fn a_dry_run_shows_the_tree() {
    let home = tempfile::tempdir().unwrap();
    let shown = run(home.path(), WHOLE, &["--dry-run"]);
    expect![[r#"
        takes tag=before mb=64 timeout=10s
        group network
          passes tag=a
          fails
        parallel
          branch cpu
            sleeps tag=cpu ms=5
          branch io
            settled
        reboot
        takes tag=after iterations=2
    "#]]
    .assert_eq(&text(&shown.stdout));
    let mut command = fixture_command(home.path(), "controls");
    let listed = command.args(["--dry-run", "--param", "mb=3", "--tag", "t", "takes"]);
    expect![[r#"
        takes (takes.t) mb=3
    "#]]
    .assert_eq(&text(&listed.output().unwrap().stdout));
    let mut command = fixture_command(home.path(), "controls");
    let refused = command
        .args(["--dry-run", "--control", "whole"])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    expect![[r#"
        error: `--dry-run` cannot be given with `--control`: what a control function requests is known only while it runs
    "#]].assert_eq(&text(&refused.stderr));
    assert!(!home.path().join("autotest-results").exists());
}

#[track_caller]
fn check_mistakes(file: &str, expected: &Expect) {
    let home = tempfile::tempdir().unwrap();
    let refused = run(home.path(), file, &["--results", "results"]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(!home.path().join("results").exists());
    expected.assert_eq(&text(&refused.stderr));
}

#[test]
fn all_mistakes_are_told_at_once() {
    check_mistakes(
        r#"{
  "lable": "x",
  "settings": {"fast": 1, "hook_order": "random", "before_test": "note_it", "test_retry": -1},
  "params": {"mega": 1},
  "runs": [
    {"test": "pases"},
    {"test": "takes", "args": {"mb": "many", "disc": "sda"}, "timeout": "soon"},
    {"test": "passes", "tag": "a/b", "constraints": ["throughput >"], "iterations": "x"},
    {"group": "g", "runs": [{"test": "passes"}, {"test": "passes"}, {"tst": "passes"}]},
    {"parallel": {"c p u": [{"reboot": true}], "io": 5}},
    {"reboot": 1},
    {"test": "status", "test": "passes"},
    7
  ]
}
"#,
        &expect![[r#"
            error: job.json:2:3: unknown key `lable`: did you mean `label`?
            job.json:3:24: expected `true` or `false`, not `1`
            job.json:3:41: expected "lifo" or "fifo"
            job.json:3:66: no hook is called `note_it`; did you mean `notes_it`?
            job.json:3:91: expected a number from 0, not `-1`
            job.json:4:14: no test has a parameter `mega`
            job.json:6:14: pases: test does not exist; did you mean `passes`?
            job.json:7:32: parameter `mb` takes a value of type `u32`, not `"many"`: invalid type: string "many", expected u32
            job.json:7:46: unknown parameter `disc` of `takes`: did you mean `disk`? it takes `mb` (run_once), `disk` (run_once)
            job.json:7:73: expected a length of time such as `90`, `"1.5s"` or `"2m"`, not `"soon"`
            job.json:8:31: "a/b" is not a valid tag: use a text without `/` and control characters
            job.json:8:53: constraint `throughput >` does not parse: expected a value after `>` at column 13
                throughput >
                            ^
            job.json:8:85: parameter `iterations` takes a value of type `whole number`, not `"x"`: it is 'x'
            job.json:9:58: the run at 9:38 has the same directory `passes`; give each a `tag`
            job.json:9:69: it has no `test`
            job.json:9:70: unknown key `tst`: did you mean `test`?
            job.json:10:19: "c p u" is not a valid name of a branch: use letters, digits, `_` and `-`
            job.json:10:29: a branch cannot reboot the target: reboot before or after it
            job.json:10:54: expected a list of runs
            job.json:11:16: expected `true`, not `1`
            job.json:12:14: status: test does not exist
            job.json:12:24: `test` is given twice
            job.json:13:5: expected a run (`{"test": …}`), a group, a parallel block or a reboot
        "#]],
    );
    check_mistakes(
        "{\n  \"runs\": [,]\n}\n",
        &expect![[r#"
        error: job.json:2:12: expected value
    "#]],
    );
    check_mistakes(
        "[]",
        &expect![[r#"
            error: job.json:1:1: expected an object with `runs`
        "#]],
    );
    check_mistakes(
        "{}",
        &expect![[r#"
        error: job.json:1:1: it has no `runs`
    "#]],
    );
}

#[test]
fn runs_of_branches_have_no_sequence_numbers() {
    let file = r#"{"settings": {"use_sequence_number": true}, "runs": [{"parallel": {"a": [{"test": "passes"}]}}]}"#;
    check_mistakes(
        file,
        &expect![[r#"
            error: job.json:1:54: branches run in no fixed order, so their runs cannot have sequence numbers: leave out `use_sequence_number`, and give the runs tags
        "#]],
    );
}

#[test]
fn a_file_that_can_not_be_read_is_told() {
    let home = tempfile::tempdir().unwrap();
    let mut command = fixture_command(home.path(), "controls");
    let refused = command.args(["--job", "nowhere.json"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    expect![[r#"
        error: failed to read the job file `nowhere.json`: No such file or directory (os error 2)
    "#]]
    .assert_eq(&text(&refused.stderr));
}

//! A file that a test changes is as before when the test has ended, however it ended.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use expect_test::{Expect, expect};
use tempfile::TempDir;

use super::binary::{Tree, fixture_command};

/// The files that the fixture changes, and its results.
struct Target {
    home: TempDir,
}

const FILES: [(&str, &str); 3] = [
    ("file", "before"),
    ("file.second", "1\n"),
    ("file.third", "several\nlines\n"),
];

impl Target {
    fn new() -> Target {
        let home = tempfile::tempdir().unwrap();
        for (name, text) in FILES {
            fs::write(home.path().join(name), text).unwrap();
        }
        Target { home }
    }

    fn file(&self) -> PathBuf {
        self.home.path().join("file")
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = fixture_command(self.home.path(), "changes");
        command.args(args).output().unwrap()
    }

    /// Runs one test.
    fn test(&self, name: &str, args: &[&str]) -> Output {
        let param = format!("file={}", self.file().display());
        let usual = ["--results", "results", "--exact", name, "--param", &param];
        self.run(&[&usual, args].concat())
    }

    #[track_caller]
    fn check_restored(&self, what: &str) {
        for (name, text) in FILES {
            let now = fs::read_to_string(self.home.path().join(name)).unwrap();
            assert_eq!(now, text, "{what}: {name}");
        }
    }

    fn tree(&self) -> Tree {
        Tree::at(self.home.path(), "results")
    }

    /// The lines of the status log with a status.
    fn verdicts(&self) -> String {
        let log = self.tree().log("status.log");
        let lines = log.lines().map(str::trim_start);
        let told = |line: &str| {
            let statuses = ["GOOD", "FAIL", "ERROR", "ABORT", "WARN"];
            let line = line.trim_start_matches('→');
            let fields: Vec<_> = line.split('→').collect();
            statuses
                .contains(&fields[0])
                .then(|| format!("{} {}: {}\n", fields[0], fields[1], fields.last().unwrap()))
        };
        lines.filter_map(told).collect()
    }
}

/// The tests of the fixture with their exit codes.
const ENDS: [(&str, i32); 9] = [
    ("pass", 0),
    ("failure", 101),
    ("panic", 101),
    ("exit", 101),
    ("kill", 101),
    ("timeout", 101),
    ("interrupt", 130),
    ("constructor", 101),
    ("cleanup", 101),
];

/// How a test runs.
const WAYS: [&[&str]; 3] = [&[], &["--isolation", "exec"], &["--no-cleanup"]];

#[test]
fn a_changed_file_is_restored_however_the_test_ends() {
    let mut verdicts = String::new();
    for (end, code) in ENDS {
        for way in WAYS {
            let target = Target::new();
            let output = target.test(&format!("ends::{end}"), way);
            assert_eq!(output.status.code(), Some(code), "{output:?}");
            target.check_restored(&format!("{end} {way:?}"));
            if way.is_empty() {
                verdicts += &target.verdicts();
            }
        }
    }
    expect![[r#"
        GOOD ends.pass: completed successfully
        FAIL ends.failure: broken
        FAIL ends.panic: Unhandled panic: broken
        ERROR ends.exit: ended without an outcome: exit status 0
        ERROR ends.kill: killed by signal 9 (SIGKILL)
        ERROR ends.timeout: timed out after 300ms
        ABORT ends.interrupt: interrupted by signal 2 (SIGINT)
        ERROR ends.constructor: killed by signal 6 (SIGABRT, an abort)
        ERROR ends.cleanup: killed by signal 6 (SIGABRT, an abort)
    "#]]
    .assert_eq(&verdicts);
}

#[test]
fn a_changed_file_is_restored_in_the_process_of_the_job() {
    for end in ["pass", "failure", "panic"] {
        let target = Target::new();
        target.test(&format!("ends::{end}"), &["--isolation", "none"]);
        target.check_restored(end);
    }
}

#[test]
fn a_job_in_one_process_tells_what_it_left_changed() {
    let target = Target::new();
    let output = target.test("ends::kill", &["--isolation", "none"]);
    assert_eq!(output.status.code(), None, "{output:?}");
    let output = target.run(&["--resume", "results", "--attempts", "1"]);
    assert_eq!(output.status.code(), Some(101), "{output:?}");
    let shown = target
        .tree()
        .normal(&String::from_utf8(output.stdout).unwrap());
    for file in ["file", "file.second"] {
        let told = format!("also end: WARN: `<root>/{file}` was changed and not restored");
        assert!(shown.contains(&told), "{shown}");
    }
}

#[test]
fn a_subtest_restores_what_its_parent_set() {
    let target = Target::new();
    let output = target.test("nests", &[]);
    assert!(output.status.success(), "{output:?}");
    target.check_restored("nests");
}

impl Target {
    /// Whether the journal tells that the file was restored.
    fn has_restored(&self, path: &str) -> bool {
        let event = format!(r#"{{"changed_file":{{"path":"{path}","original":null}}}}"#);
        self.tree().file("journal.jsonl").contains(&event)
    }
}

#[test]
fn a_file_is_restored_before_a_resumed_job_repeats_its_test() {
    for way in WAYS {
        let target = Target::new();
        let output = target.test("kills_supervisor", way);
        assert_eq!(output.status.code(), None, "{output:?}");
        assert_eq!(fs::read_to_string(target.file()).unwrap(), "second\n");
        let output = target.run(&["--resume", "results"]);
        assert!(output.status.success(), "{output:?}");
        target.check_restored("--resume");
        assert!(target.has_restored("<root>/file"));
        assert!(target.has_restored("/proc/self/comm"));
    }
}

#[test]
fn what_a_reboot_resets_is_not_restored_after_one() {
    let target = Target::new();
    target.test("kills_supervisor", &[]);
    let journal = target.home.path().join("results/journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    let (before, after) = text.split_once(r#""boot_id":""#).unwrap();
    let (_, after) = after.split_once('"').unwrap();
    fs::write(&journal, format!(r#"{before}"boot_id":"another"{after}"#)).unwrap();
    let output = target.run(&["--resume", "results"]);
    assert!(output.status.success(), "{output:?}");
    target.check_restored("--resume");
    assert!(target.has_restored("<root>/file"));
    assert!(!target.has_restored("/proc/self/comm"));
}

/// Compares what the terminal shows.
#[track_caller]
fn check_shown(name: &str, expected: Expect) {
    let target = Target::new();
    let output = target.test(name, &[]);
    let shown = target
        .tree()
        .normal(&String::from_utf8(output.stdout).unwrap());
    expected.assert_eq(&shown);
    let now = fs::read_to_string(target.file()).unwrap();
    assert_eq!(now, "before", "the other file was not restored");
    assert!(!target.file().with_extension("second").exists());
}

#[test]
fn a_file_that_cannot_be_restored_is_told() {
    check_shown(
        "removes",
        expect![[r#"

            running 1 test
            test removes ... ok (WARN: failed to restore `<root>/file.second` to `1`: No such file or directory (os error 2))

            warnings:
                removes: failed to restore `<root>/file.second` to `1`: No such file or directory (os error 2)

            test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 12 filtered out; finished in .

            results: <root>/results
        "#]],
    );
    check_shown(
        "removes_and_crashes",
        expect![[r#"

            running 1 test
            test removes_and_crashes ... FAILED (ERROR)

            failures:

            ---- removes_and_crashes stdout ----
            ERROR: killed by signal 6 (SIGABRT, an abort)
                also cleanup after the end: WARN: failed to restore `<root>/file.second` to `1`: No such file or directory (os error 2)
                see <root>/results/removes_and_crashes

            failures:
                removes_and_crashes

            test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 12 filtered out; finished in .

            results: <root>/results
        "#]],
    );
}

//! What a tool reads of a binary without running it, held against what the binary says of itself.

use std::path::{Path, PathBuf};
use std::process::Command;

use autotest_core::Description;
use autotest_meta::Suite;
use expect_test::expect;

use super::binary::{example_command, fixture_command, fixture_path};
use super::surroundings;

/// What `--describe '*' --format json` prints of all tests and control functions.
fn printed(command: &mut Command) -> String {
    let output = command
        .args(["--describe", "*", "--format", "json"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The same lines from the file alone.
fn read(binary: &Path) -> String {
    let suite = Suite::of_file(binary).unwrap();
    lines(suite.tests.iter().chain(&suite.controls))
}

fn lines<'a>(descriptions: impl Iterator<Item = &'a Description>) -> String {
    let lines = descriptions.map(|it| serde_json::to_string(it).unwrap() + "\n");
    lines.collect()
}

/// The file says of its tests what the binary says, line by line.
#[track_caller]
pub(crate) fn check(mut command: Command) {
    let binary = Path::new(command.get_program()).to_owned();
    let printed = printed(&mut command);
    assert!(printed.lines().count() > 0);
    let read = read(&binary);
    for (read, printed) in read.lines().zip(printed.lines()) {
        assert_eq!(read, printed, "{}", binary.display());
    }
    assert_eq!(read, printed, "{}", binary.display());
}

#[test]
fn a_file_says_of_its_tests_what_the_binary_says() {
    let home = tempfile::tempdir().unwrap();
    for fixture in [
        "asserts",
        "changes",
        "commands",
        "controls",
        "escapes",
        "fatal",
        "informed",
        "faulty",
        "many",
        "params",
        "prefork",
        "selected",
        "steps",
        "tampering",
        "typed",
    ] {
        check(fixture_command(home.path(), fixture));
    }
    for example in [
        "hello",
        "lifecycle",
        "params",
        "disk",
        "nightly",
        "hostile",
        "field",
    ] {
        check(example_command(home.path(), example));
    }
}

#[test]
fn a_stripped_binary_says_the_same() {
    let home = tempfile::tempdir().unwrap();
    let stripped = home.path().join("stripped");
    let strip = Command::new("strip")
        .arg("--strip-all")
        .arg("-o")
        .arg(&stripped)
        .arg(fixture_path("controls"))
        .status();
    match strip {
        Ok(status) if status.success() => {
            assert_eq!(read(&stripped), read(fixture_path("controls")));
            check(Command::new(stripped));
        }
        other => println!("left out: `strip` does not run: {other:?}"),
    }
}

/// Nothing in the file says which crate is that of a `main` without `main!`, so it remains in the ids.
#[test]
fn without_main_the_ids_have_the_name_of_the_crate() {
    let suite = Suite::of_file(fixture_path("threaded")).unwrap();
    let ids: Vec<&str> = suite.tests.iter().map(|test| test.id.as_str()).collect();
    expect![[r#"
        [
            "threaded::crashes",
            "threaded::is_another_process",
            "threaded::sleeps",
            "threaded::waits_for_another",
        ]
    "#]]
    .assert_debug_eq(&ids);
    assert_eq!(suite.main, None);
}

/// What makes a binary refuse to run keeps a tool from describing it, in the same words.
#[test]
fn names_that_collide_are_refused_alike() {
    let home = tempfile::tempdir().unwrap();
    for fixture in ["names", "twins"] {
        let mut command = fixture_command(home.path(), fixture);
        let output = command.arg("--list").output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let path = fixture_path(fixture);
        match Suite::of_file(path) {
            Ok(_) => assert!(output.status.success(), "{said}"),
            Err(error) => {
                let error = error.problem.to_string();
                assert_eq!(said, format!("error: {error}\n"));
            }
        }
    }
}

/// Those of 64 and of 32 bits, and a library instead of a binary. They take a while to build.
#[test]
fn a_file_of_another_architecture_says_the_same() {
    let native = |name| read(fixture_path(name));
    match surroundings::cross_built() {
        Ok(binary) => assert_eq!(read(&binary), native("faulty")),
        Err(reason) => return println!("left out: {reason}"),
    }
    let [here, there] = [None, Some(NARROW)].map(library);
    match (here, there) {
        (Ok(here), Ok(there)) => {
            let suite = Suite::of_file(&there).unwrap();
            assert_eq!(suite.architecture, "arm");
            assert!(!suite.tests.is_empty());
            assert_eq!(read(&there), read(&here));
        }
        (Err(reason), _) | (_, Err(reason)) => println!("left out: {reason}"),
    }
}

const NARROW: &str = "armv7-unknown-linux-gnueabihf";

/// A library with tests, for which no linker is needed.
fn library(target: Option<&str>) -> Result<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut dir = root.join("target/emulated");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "build",
        "--quiet",
        "--locked",
        "--package",
        "autotest-edition-2021",
    ]);
    cargo.arg("--target-dir").arg(&dir).current_dir(root);
    if let Some(target) = target {
        cargo.args(["--target", target]);
        dir.push(target);
    }
    let output = cargo.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    if stderr.contains("target may not be installed") {
        return Err(format!(
            "the target is not installed: rustup target add {NARROW}"
        ));
    }
    assert!(output.status.success(), "{stderr}");
    Ok(dir.join("debug/libautotest_edition_2021.rlib"))
}

#[test]
fn several_tests_are_described_by_a_pattern() {
    let home = tempfile::tempdir().unwrap();
    let describe = |args: &[&str]| {
        let mut command = fixture_command(home.path(), "controls");
        let output = command.args(args).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        text(output.stdout) + &text(output.stderr)
    };
    expect![[r#"
        aborts

        at tests/fixtures/controls.rs:41
        phases: run_once
        version: 0

        fails

        at tests/fixtures/controls.rs:15
        phases: run_once
        version: 0

        passes
            Passes.

        at tests/fixtures/controls.rs:12
        phases: run_once
        version: 0

        takes
            Writes what it was given to a keyval.

        at tests/fixtures/controls.rs:21
        phases: run_once
        version: 0

        parameters:
          mb: u32 = 1
              declared by run_once
          disk: Option<String> (optional)
              declared by run_once

        hangs

        at tests/fixtures/controls.rs:260
        a control function: `--control` calls it
        timeout: 1s

        leaks
            Leaves a process behind.

        at tests/fixtures/controls.rs:315
        a control function: `--control` calls it

        panics

        at tests/fixtures/controls.rs:232
        a control function: `--control` calls it
    "#]]
    .assert_eq(&describe(&["--describe", "*a*s"]));
    expect![[r#"
        {"v":1,"kind":"control","id":"whole","name":"whole","module":"controls","file":"tests/fixtures/controls.rs","line":55,"doc":"Everything that works.\n\nIt has two lines of documentation.","suites":["nightly"],"time":"LONG","phases":["execute"],"params":[{"name":"rounds","type":"u32","required":false,"default":"2","range":"1..=9","doc":"How often to ping.","phases":["execute"]}]}
    "#]].assert_eq(&describe(&["--describe", "whole", "--format", "json"]));
    expect![[r#"
        error: no test is called `no*`; see `--list`
    "#]]
    .assert_eq(&describe(&["--describe", "no*", "--format", "json"]));
}

#[test]
fn profilers_are_read_as_well() {
    let home = tempfile::tempdir().unwrap();
    let suite = Suite::of_file(fixture_path("profiled")).unwrap();
    let run = |args: &[&str]| {
        let output = fixture_command(home.path(), "profiled").args(args).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    let listed = run(&["--list-profilers"]);
    let names = listed.lines().map(|line| line.split([' ', ':']).next());
    let read = suite.profilers.iter().map(|profiler| profiler.id.as_str());
    assert_eq!(
        read.collect::<Vec<_>>(),
        names.map(Option::unwrap).collect::<Vec<_>>()
    );
    for profiler in &suite.profilers {
        let printed = run(&["--describe", &profiler.id, "--format", "json"]);
        assert_eq!(lines([profiler].into_iter()), printed);
    }
}

#[test]
fn hooks_are_read_as_well() {
    let suite = Suite::of_file(fixture_path("controls")).unwrap();
    expect![[r#"
        {"v":1,"kind":"hook","id":"notes_it","name":"notes_it","module":"controls","file":"tests/fixtures/controls.rs","line":46,"phases":[]}
    "#]].assert_eq(&lines(suite.hooks.iter()));
    assert_eq!(suite.main.as_deref(), Some("controls"));
    assert_eq!(suite.architecture, std::env::consts::ARCH);
}

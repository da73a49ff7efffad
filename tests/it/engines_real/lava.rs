//! LAVA: its dispatcher's patterns and handlers read what a suite prints on a terminal, and its schema judges the job.

use std::path::{Path, PathBuf};
use std::process::Command;

use expect_test::{Expect, expect};

use super::{install_suite, printed, recipe, runs};

/// The dispatcher's modules: where `.ci/run` unpacks them, or where Debian's package installs them.
fn modules() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let dirs = [root.join("target/tools/lava"), PathBuf::from("/")];
    let mut dirs = dirs
        .map(|dir| dir.join("usr/lib/python3/dist-packages"))
        .into_iter();
    dirs.find(|dir| dir.join("lava_dispatcher").is_dir())
}

/// `lava.py`, if the dispatcher is there.
fn lava() -> Option<Command> {
    if !runs("LAVA", &["python3"]) {
        return None;
    }
    let Some(modules) = modules() else {
        println!("left out: LAVA: lava-dispatcher is not installed");
        return None;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("it/engines_real/lava.py");
    let mut command = Command::new("python3");
    command.env("PYTHONPATH", modules).arg(script);
    Some(command)
}

/// Compares what the dispatcher makes of a job.
#[track_caller]
fn check(args: &[&str], expected: &Expect) {
    let Some(mut command) = lava() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    command.arg(install_suite(home.path()));
    command.arg("--results").arg(home.path().join("results"));
    command.args(["--format", "lava"]).args(args);
    expected.assert_eq(&printed(&mut command, 0));
}

#[test]
fn the_schema_of_lava_accepts_the_job() {
    if let Some(mut command) = lava() {
        command.arg("--validate").arg(recipe("lava/job.yaml"));
        assert_eq!(printed(&mut command, 0), "valid\n");
    }
}

/// What a test prints, names or gives as its reason makes no case.
#[test]
fn the_dispatcher_sees_each_verdict_and_each_measurement() {
    check(
        &["ends", "measures"],
        &expect![[r#"
        {"case": "ends.ignored", "definition": "0_suite", "result": "skip"}
        {"start_test_case": "ends.crash"}
        {"end_test_case": "ends.crash"}
        {"case": "ends.crash", "definition": "0_suite", "result": "fail"}
        {"start_test_case": "ends.fail"}
        {"end_test_case": "ends.fail"}
        {"case": "ends.fail", "definition": "0_suite", "result": "fail"}
        {"start_test_case": "ends.known_failure"}
        {"end_test_case": "ends.known_failure"}
        {"case": "ends.known_failure", "definition": "0_suite", "result": "pass"}
        {"start_test_case": "ends.skip"}
        {"end_test_case": "ends.skip"}
        {"case": "ends.skip", "definition": "0_suite", "result": "skip"}
        {"start_test_case": "ends.warn"}
        {"end_test_case": "ends.warn"}
        {"case": "ends.warn", "definition": "0_suite", "result": "pass"}
        {"start_test_case": "measures"}
        {"end_test_case": "measures"}
        {"case": "measures", "definition": "0_suite", "result": "pass"}
        {"case": "measures.throughput", "definition": "0_suite", "measurement": "81.5", "result": "pass", "units": "MB_s"}
        {"case": "measures.latency", "definition": "0_suite", "measurement": "0.25", "result": "pass", "units": "ms"}
        {"eof": 101}
    "#]],
    );
}

#[test]
fn the_dispatcher_sees_groups_as_test_sets() {
    check(
        &["--control", "sets"],
        &expect![[r#"
        {"start_test_case": "quick.a"}
        {"end_test_case": "quick.a"}
        {"case": "quick.a", "definition": "0_suite", "result": "pass"}
        {"start_test_case": "quick.b"}
        {"end_test_case": "quick.b"}
        {"case": "quick.b", "definition": "0_suite", "result": "pass", "set": "network_tests"}
        {"start_test_case": "ends.fail"}
        {"end_test_case": "ends.fail"}
        {"case": "ends.fail", "definition": "0_suite", "result": "fail", "set": "network_tests"}
        {"start_test_case": "measures"}
        {"end_test_case": "measures"}
        {"case": "measures", "definition": "0_suite", "result": "pass", "set": "disk"}
        {"case": "measures.throughput", "definition": "0_suite", "measurement": "81.5", "result": "pass", "set": "disk", "units": "MB_s"}
        {"case": "measures.latency", "definition": "0_suite", "measurement": "0.25", "result": "pass", "set": "disk", "units": "ms"}
        {"start_test_case": "quick.c"}
        {"end_test_case": "quick.c"}
        {"case": "quick.c", "definition": "0_suite", "result": "pass"}
        {"eof": 101}
    "#]],
    );
}

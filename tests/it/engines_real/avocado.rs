//! Avocado: its runners execute a suite, and its own report says what they saw.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::super::interrupts::wait_until;
use super::{find, install_suite, printed, recipe, runs, verdicts};

/// Avocado, with directories of its own.
fn avocado(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(find("avocado").unwrap());
    command.current_dir(home).env("HOME", home);
    command.args(["run", "--disable-sysinfo", "--job-results-dir", "jobs"]);
    command.args(args);
    command
}

/// The tests of Avocado's report: the name, and the status.
fn report(home: &Path) -> Vec<(String, String)> {
    let text = fs::read(home.join("jobs/latest/results.json")).unwrap();
    let report: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let tests = report["tests"].as_array().unwrap().iter();
    let mut tests: Vec<_> = tests
        .map(|test| {
            let id = text(&test["id"]);
            let name = id.split_once('-').map_or(&*id, |(_, name)| name);
            (name.to_owned(), text(&test["status"]))
        })
        .collect();
    tests.sort();
    tests
}

#[test]
fn each_test_is_one_of_avocados() {
    if !runs("Avocado", &["avocado"]) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    install_suite(home.path());
    let mut each = Command::new(recipe("avocado/each.sh"));
    let tests = printed(each.arg("./bvt").current_dir(home.path()), 0);
    fs::write(home.path().join("bvt.json"), tests).unwrap();
    let mut command = avocado(home.path(), &["--max-parallel-tasks", "1", "bvt.json"]);
    // Its exit code for tests that failed.
    printed(&mut command, 1);
    let expected = [
        ("ends::crash", "FAIL"),
        ("ends::fail", "FAIL"),
        ("ends::ignored", "SKIP"),
        ("ends::known_failure", "PASS"),
        ("ends::skip", "SKIP"),
        ("ends::warn", "PASS"),
        ("measures", "PASS"),
        ("quick::a", "PASS"),
        ("quick::b", "PASS"),
        ("quick::c", "PASS"),
        ("quick::d", "PASS"),
        ("quick::e", "PASS"),
        ("quick::f", "PASS"),
        ("waits", "SKIP"),
    ];
    let expected = expected.map(|(name, status)| (name.to_owned(), status.to_owned()));
    assert_eq!(report(home.path()), expected);
    // Our results are among Avocado's.
    let found = Command::new("find")
        .arg(home.path().join("jobs"))
        .args(["-name", "journal.jsonl"])
        .output();
    let found = String::from_utf8(found.unwrap().stdout).unwrap();
    assert_eq!(found.lines().count(), 14, "{found}");
}

#[test]
fn a_suite_is_one_test_of_avocados_by_either_runner() {
    if !runs("Avocado", &["avocado"]) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    install_suite(home.path());
    // Without flags, a program is an exec-test, which has nothing but its exit code.
    for reference in [&recipe("avocado/suite.json"), Path::new("./bvt")] {
        let reference = reference.to_str().unwrap();
        printed(&mut avocado(home.path(), &[reference]), 1);
        assert_eq!(report(home.path())[0].1, "FAIL", "{reference}");
    }
    let passing = r#"{"kind": "tap", "uri": "./bvt", "args": ["--format", "tap", "quick"]}"#;
    fs::write(home.path().join("passing.json"), passing).unwrap();
    printed(&mut avocado(home.path(), &["passing.json"]), 0);
    assert_eq!(report(home.path())[0].1, "PASS");
}

/// Avocado ends its runner, and the suite ends with it.
#[test]
fn a_time_limit_of_avocado_ends_the_suite_in_an_orderly_way() {
    if !runs("Avocado", &["avocado"]) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    install_suite(home.path());
    let results = home.path().join("results");
    let recipe = serde_json::json!({
        "kind": "tap",
        "uri": "./bvt",
        "args": ["--format", "tap", "--ignored", "--exact", "waits", "--results", results],
        "kwargs": {"AUTOTEST_PARAM_FILE": home.path().join("never")},
    });
    fs::write(home.path().join("waits.json"), recipe.to_string()).unwrap();
    // Its exit code for a job that was interrupted.
    printed(
        &mut avocado(home.path(), &["--job-timeout", "8", "waits.json"]),
        8,
    );
    assert_eq!(report(home.path())[0].1, "INTERRUPTED");
    wait_until("the reports are there", || {
        let log = fs::read_to_string(results.join("status.log"));
        log.is_ok_and(|log| log.contains("\nEND ABORT\t"))
    });
    assert_eq!(verdicts(&results), ["waits ABORT"]);
    let printed = fs::read_to_string(results.join("waits/debug/stdout")).unwrap();
    assert_eq!(printed, "cleaning up\ncleaned up\n");
}

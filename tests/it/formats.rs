//! What `--format`, `--junit`, `--tap` and `--logfile` make of a real run. `tests/golden` has the outputs
//! of every kind of job; here it is that they come out whole, and nothing else with them.

use std::fs;
use std::process::{Command, Stdio};

use expect_test::expect;
use serde_json::Value;

use super::binary::{Ran, fixture, fixture_command};

/// Tests that end in every way but ABORT; one of them prints.
const SELECTED: [&str; 3] = ["says::", "nests::parent", "parts"];

const OWNERS: [&str; 6] = ["tap", "tap14", "ktap", "lava", "junit", "json-events"];

fn formatted(format: &str) -> Ran {
    let args = [&["--format", format], &SELECTED[..]].concat();
    fixture("faulty", &args).expect_code(101)
}

#[test]
fn tap_is_alone_on_standard_output() {
    let ran = formatted("tap");
    let stdout = ran.stdout();
    let is_result = |line: &&str| !line.starts_with("  ") || line.starts_with("    ");
    let lines: Vec<_> = stdout.lines().filter(is_result).collect();
    expect![[r#"
        TAP version 13
        1..9
        ok 1 - says::ignored # SKIP not today
            # Subtest: nests::parent
            ok 1 - says::warn (says.warn.inner)
              ---
              status: WARN
              reason: "slow, but it works"
              at: "tests/fixtures/faulty.rs:27:13"
              debug: "nests.parent/says.warn.inner/debug"
              ...
            1..1
        ok 2 - nests::parent
        ok 3 - parts
        not ok 4 - says::error
        not ok 5 - says::fail
        not ok 6 - says::known_failure # TODO bug 17
        ok 7 - says::not_applicable # SKIP no such board
        not ok 8 - says::tricky_reason
        ok 9 - says::warn
        # results: <root>/<results>"#]]
    .assert_eq(&lines.join("\n"));
    assert_eq!(ran.stderr(), "");
}

#[test]
fn ktap_is_alone_on_standard_output() {
    let stdout = formatted("ktap").stdout();
    let lines: Vec<_> = stdout
        .lines()
        .filter(|line| !line.starts_with("# "))
        .collect();
    expect![[r#"
        KTAP version 1
        1..9
        ok 1 says::ignored # SKIP not today
          KTAP version 1
          # Subtest: nests::parent
          1..1
          # WARN: slow, but it works
          # at tests/fixtures/faulty.rs:27:13
          # see nests.parent/says.warn.inner/debug
          ok 1 says::warn (says.warn.inner)
        ok 2 nests::parent
        ok 3 parts
        not ok 4 says::error
        not ok 5 says::fail
        ok 6 says::known_failure
        ok 7 says::not_applicable # SKIP no such board
        not ok 8 says::tricky_reason
        ok 9 says::warn"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn lava_gets_a_signal_a_line() {
    let stdout = formatted("lava").stdout();
    let cases: Vec<_> = stdout
        .lines()
        .filter(|line| line.contains("TESTCASE"))
        .collect();
    expect![[r#"
        <LAVA_SIGNAL_TESTCASE TEST_CASE_ID=says.ignored RESULT=skip>
        <LAVA_SIGNAL_TESTCASE TEST_CASE_ID=nests.parent.says.warn.inner RESULT=pass>
        <LAVA_SIGNAL_TESTCASE TEST_CASE_ID=nests.parent RESULT=pass>
        <LAVA_SIGNAL_TESTCASE TEST_CASE_ID=parts RESULT=pass>
        <LAVA_SIGNAL_TESTCASE TEST_CASE_ID=says.error RESULT=fail>
        <LAVA_SIGNAL_TESTCASE TEST_CASE_ID=says.fail RESULT=fail>
        <LAVA_SIGNAL_TESTCASE TEST_CASE_ID=says.known_failure RESULT=pass>
        <LAVA_SIGNAL_TESTCASE TEST_CASE_ID=says.not_applicable RESULT=skip>
        <LAVA_SIGNAL_TESTCASE TEST_CASE_ID=says.tricky_reason RESULT=fail>
        <LAVA_SIGNAL_TESTCASE TEST_CASE_ID=says.warn RESULT=pass>"#]]
    .assert_eq(&cases.join("\n"));
    assert!(
        stdout.lines().all(|line| line.starts_with("<LAVA_SIGNAL_")),
        "{stdout}"
    );
}

/// The lines, without the times.
fn json_lines(stdout: &str) -> Vec<String> {
    let line = |line: &str| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        line.as_object_mut().unwrap().remove("exec_time");
        line.to_string()
    };
    stdout.lines().map(line).collect()
}

#[test]
fn json_is_that_of_libtest() {
    let args = [
        "--format=json",
        "-Z",
        "unstable-options",
        "--show-output",
        "parts",
        "says::fail",
    ];
    let ran = fixture("faulty", &args).expect_code(101);
    expect![[r#"
        {"event":"started","test_count":2,"type":"suite"}
        {"event":"started","name":"parts","type":"test"}
        {"event":"ok","name":"parts","stdout":"hook\nrun_once\ncleanup\n","type":"test"}
        {"event":"started","name":"says::fail","type":"test"}
        {"event":"failed","name":"says::fail","stdout":"FAIL: broken\n    at tests/fixtures/faulty.rs:12:9\n","type":"test"}
        {"event":"failed","failed":1,"filtered_out":50,"ignored":0,"measured":0,"passed":1,"type":"suite"}"#]]
    .assert_eq(&json_lines(&ran.stdout()).join("\n"));
}

#[test]
fn json_lets_output_through_as_libtest_does() {
    let ran = fixture("faulty", &["--format", "json", "--nocapture", "parts"]).expect_code(0);
    let stdout = ran.stdout();
    assert!(stdout.contains("run_once\n"), "{stdout}");
    let is_json = |line: &&str| line.starts_with('{');
    assert_eq!(
        json_lines(
            &stdout
                .lines()
                .filter(is_json)
                .collect::<Vec<_>>()
                .join("\n")
        )
        .len(),
        4
    );
}

#[test]
fn events_are_the_journal() {
    let ran = formatted("json-events");
    assert_eq!(ran.stdout(), ran.file("journal.jsonl"));
}

#[test]
fn junit_is_the_same_document_in_every_place() {
    let home = tempfile::tempdir().unwrap();
    let mut command = fixture_command(home.path(), "faulty");
    command
        .args(["--results", "results", "--junit", "--format", "junit"])
        .args(SELECTED);
    let elsewhere = home.path().join("elsewhere.xml");
    let output = command.env("XML_OUTPUT_FILE", &elsewhere).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let document = roxmltree::Document::parse(&stdout).unwrap();
    let suite = document.root_element().first_element_child().unwrap();
    let count = |name| suite.attribute(name).unwrap();
    assert_eq!(
        ["tests", "failures", "errors", "skipped"].map(count),
        ["10", "2", "1", "2"]
    );
    let printed = document
        .descendants()
        .find(|node| node.has_tag_name("system-out"));
    assert_eq!(
        printed.and_then(|node| node.text()),
        Some("hook\nrun_once\ncleanup\n")
    );
    assert_eq!(fs::read_to_string(elsewhere).unwrap(), stdout);
    assert_eq!(
        fs::read_to_string(home.path().join("results/junit.xml")).unwrap(),
        stdout
    );
}

#[test]
fn a_place_that_can_not_be_written_is_told() {
    let home = tempfile::tempdir().unwrap();
    let mut command = fixture_command(home.path(), "faulty");
    command.args(["--results", "results", "--junit", "parts"]);
    let output = command
        .env("XML_OUTPUT_FILE", "/proc/none.xml")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(5));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.starts_with("error: failed to write the JUnit report: `/proc/none.xml`: "),
        "{stderr}"
    );
    assert!(home.path().join("results/junit.xml").exists());
}

#[test]
fn tap_files_are_those_of_the_original() {
    let args = ["--tap", "nests::parent", "says::fail"];
    let ran = fixture("faulty", &args).expect_code(101);
    expect![[r#"
        1..4
        not ok 1 - says.warn.inner
        ok 2 - nests.parent
        not ok 3 - says.fail
        ok 4 - job
    "#]]
    .assert_eq(&ran.file("status.tap"));
    expect![[r#"
        file_order:
          - status.tap
          - nests.parent/says.warn.inner/status.tap
          - nests.parent/says.warn.inner/keyval.tap
          - nests.parent/status.tap
          - nests.parent/keyval.tap
          - says.fail/status.tap
          - says.fail/keyval.tap
    "#]]
    .assert_eq(&ran.file("meta.yml"));
    assert!(
        ran.file("tap").starts_with("TAP version 13\n1..2\n"),
        "{}",
        ran.file("tap")
    );
    let archive = fs::read(ran.jobdir().join("tap.tar.gz")).unwrap();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(archive.as_slice()));
    assert_eq!(archive.entries().unwrap().count(), 8);
}

#[test]
fn the_log_file_has_a_line_a_test() {
    let home = tempfile::tempdir().unwrap();
    let log = home.path().join("log");
    let args = [&["--logfile", log.to_str().unwrap()], &SELECTED[..]].concat();
    let ran = fixture("faulty", &args).expect_code(101);
    assert!(
        ran.stdout().contains("test result: FAILED"),
        "{}",
        ran.stdout()
    );
    expect![[r#"
        ignored says::ignored
        ok nests::parent
        ok parts
        failed says::error
        failed says::fail
        ok says::known_failure
        ignored says::not_applicable
        failed says::tricky_reason
        ok says::warn
    "#]]
    .assert_eq(&fs::read_to_string(log).unwrap());
}

#[test]
fn a_format_that_owns_the_output_refuses_that_of_tests() {
    for format in OWNERS {
        for (intruder, args) in [
            ("--nocapture", &["--nocapture"][..]),
            ("--isolation none", &["--isolation", "none"][..]),
        ] {
            let args = [&["--format", format], args, &["parts"]].concat();
            let ran = fixture("faulty", &args).expect_code(2);
            assert_eq!(
                ran.stderr(),
                format!(
                    "error: `--format {format}` needs standard output to itself, but `{intruder}` \
                     puts the output of tests there; leave one out\n"
                )
            );
            assert!(!ran.jobdir().exists());
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure_of_any_format() {
    for format in OWNERS.iter().chain(&["json", "pretty"]) {
        let home = tempfile::tempdir().unwrap();
        let mut command: Command = fixture_command(home.path(), "faulty");
        command.args(["--results", "results", "--format", format, "parts"]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(0), "{format}");
    }
}

//! libtest's command line, row by row: what its flags and variables do here.

use std::process::Command;

use super::binary::{Ran, fixture, fixture_command, fixture_with};

/// What is expected of a run.
enum Want {
    /// These tests are listed.
    Listed(&'static [&'static str]),
    /// The standard output has this text.
    Shown(&'static str),
    /// It has not.
    NotShown(&'static str),
    /// An exit code and nothing more.
    Code(i32),
}

/// Names and values.
type Variables = &'static [(&'static str, &'static str)];

use Want::{Code, Listed, NotShown, Shown};

const DISK: &[&str] = &[
    "disk::format::ext4",
    "disk::format::fat",
    "disk::read",
    "disk::write",
];
const FORMAT: &[&str] = &["disk::format::ext4", "disk::format::fat"];

/// The rows: the command line, the variables, and what comes of them.
const ROWS: &[(&str, Variables, Want)] = &[
    ("disk", &[], Listed(DISK)),
    (
        "format warns",
        &[],
        Listed(&["disk::format::ext4", "disk::format::fat", "warns"]),
    ),
    ("--exact warns net", &[], Listed(&["warns"])),
    ("--exact disk::format", &[], Listed(FORMAT)),
    ("disk --skip e", &[], Listed(&["disk::format::fat"])),
    ("disk --skip read --skip write", &[], Listed(FORMAT)),
    ("--exact disk::read --skip disk::read", &[], Listed(&[])),
    (
        "--exact disk::read warns --skip disk",
        &[],
        Listed(&["disk::read", "warns"]),
    ),
    ("--ignored", &[], Listed(&["disk::write"])),
    ("--include-ignored disk", &[], Listed(DISK)),
    ("--ignored --include-ignored", &[], Code(2)),
    ("--include-ignored --ignored", &[], Code(2)),
    ("--ignored disk", &[], Shown("running 1 test\n")),
    ("--include-ignored disk", &[], Shown("running 4 tests\n")),
    (
        "disk",
        &[],
        Shown("test disk::write ... ignored, wears it out\n"),
    ),
    ("--test warns", &[], Shown("running 1 test\n")),
    ("--bench warns", &[], Shown("test warns ... ignored\n")),
    (
        "--list warns",
        &[],
        Shown("warns: test\n\n1 test, 0 benchmarks\n"),
    ),
    ("--list nosuch", &[], Shown("\n0 tests, 0 benchmarks\n")),
    ("--list --format terse nosuch", &[], NotShown("\n")),
    ("--list --format=terse warns", &[], Shown("warns: test\n")),
    ("--list -q warns", &[], NotShown("benchmarks")),
    ("--format pretty warns", &[], Shown("test warns ... ok")),
    ("--format terse warns", &[], Shown("\n.\n")),
    ("-q warns", &[], Shown("\n.\n")),
    ("--quiet warns", &[], Shown("\n.\n")),
    ("--format dots", &[], Code(2)),
    ("where", &[], NotShown("tmpdir=")),
    ("where --nocapture", &[], Shown("tmpdir=")),
    ("where --no-capture", &[], Shown("tmpdir=")),
    ("where --nocapture=1", &[], Code(2)),
    ("where", &[("RUST_TEST_NOCAPTURE", "1")], Shown("tmpdir=")),
    (
        "where",
        &[("RUST_TEST_NOCAPTURE", "0")],
        NotShown("tmpdir="),
    ),
    ("where --show-output", &[], Shown("tmpdir=")),
    ("net --test-threads 2", &[], Shown("3 passed")),
    ("net --test-threads=0", &[], Code(2)),
    ("net", &[("RUST_TEST_THREADS", "2")], Shown("3 passed")),
    ("net", &[("RUST_TEST_THREADS", "many")], Code(2)),
    ("net --color auto", &[], Code(0)),
    ("net --color=always", &[], Code(0)),
    ("net --color never", &[], Code(0)),
    ("net --color sometimes", &[], Code(2)),
    (
        "--fail-fast fails warns",
        &[],
        Shown("tests that did not run: 1\n"),
    ),
    (
        "net -Z unstable-options --report-time --ensure-time",
        &[],
        Code(0),
    ),
    ("net -Zunstable-options", &[], Code(0)),
    (
        "net --shuffle",
        &[],
        Shown("running 3 tests (shuffle seed: "),
    ),
    (
        "net --shuffle-seed 5",
        &[],
        Shown("running 3 tests (shuffle seed: 5)\n"),
    ),
    ("net --shuffle-seed x", &[], Code(2)),
    (
        "net --exclude-should-panic --force-run-in-process",
        &[],
        Code(0),
    ),
    ("-h", &[], Shown("Usage: ")),
    ("--help", &[("RUST_TEST_THREADS", "0")], Shown("Usage: ")),
    ("fails", &[], Code(101)),
    (
        "fails net",
        &[],
        Shown(
            "test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 6 filtered out; finished in ",
        ),
    ),
    (
        "net -- ping",
        &[],
        Listed(&["net::ping", "net::tcp", "net::udp"]),
    ),
];

#[test]
fn each_row_is_as_libtest_has_it() {
    for (line, variables, want) in ROWS {
        let mut args: Vec<_> = line.split_whitespace().collect();
        if matches!(want, Listed(_)) {
            args.splice(0..0, ["--list", "--format", "terse"]);
        }
        let ran = fixture_with(variables, "selected", &args);
        check(line, &ran, want);
    }
}

#[track_caller]
fn check(line: &str, ran: &Ran, want: &Want) {
    let (code, stdout) = (ran.code, ran.stdout());
    match want {
        Listed(names) => {
            let lines: String = names.iter().map(|name| format!("{name}: test\n")).collect();
            assert_eq!((code, stdout), (Some(0), lines), "{line}");
        }
        Shown(text) => assert!(stdout.contains(text), "{line}: {stdout}{}", ran.stderr()),
        NotShown(text) => assert!(!stdout.contains(text), "{line}: {stdout}"),
        Code(expected) => assert_eq!(code, Some(*expected), "{line}: {stdout}{}", ran.stderr()),
    }
}

#[test]
fn a_list_in_json_has_libtests_lines() {
    let args = [
        "--list",
        "--format",
        "json",
        "-Zunstable-options",
        "net::ping",
        "disk::write",
    ];
    let ran = fixture("selected", &args).expect_code(0);
    let place = |line: u32| {
        format!(
            "\"source_path\":\"tests/fixtures/selected.rs\",\"start_line\":{line},\
             \"start_col\":1,\"end_line\":{line},\"end_col\":1"
        )
    };
    let discovered = |name: &str, ignored: &str, line| {
        let place = place(line);
        format!(
            "{{\"type\":\"test\",\"event\":\"discovered\",\"name\":\"{name}\",{ignored},{place}}}"
        )
    };
    let expected = [
        "{\"type\":\"suite\",\"event\":\"discovery\"}".to_owned(),
        discovered(
            "disk::write",
            "\"ignore\":true,\"ignore_message\":\"wears it out\"",
            25,
        ),
        discovered("net::ping", "\"ignore\":false,\"ignore_message\":\"\"", 9),
        "{\"type\":\"suite\",\"event\":\"completed\",\"tests\":2,\"benchmarks\":0,\"total\":2,\
         \"ignored\":1}"
            .to_owned(),
    ];
    assert_eq!(ran.stdout().lines().collect::<Vec<_>>(), expected);
}

#[test]
fn a_list_that_nobody_reads_is_no_failure() {
    let home = tempfile::tempdir().unwrap();
    for format in ["pretty", "terse", "json"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = fixture_command(home.path(), "selected");
        command.args(["--list", "--format", format]).stdout(writer);
        let output = command
            .stderr(std::process::Stdio::piped())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    }
    let script = format!("{} --list | head -n 1", env!("CARGO_BIN_EXE_selected"));
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert_eq!(output.stdout, b"disk::format::ext4: test\n");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

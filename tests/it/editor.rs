//! The run button that rust-analyzer shows in an editor: where it is, and which tests run when it is pressed.
//!
//! The crate in `tests/editor` and all that it depends on is built for that, twice. So these tests are left out
//! unless `AUTOTEST_EDITOR` is set.

mod server;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;

use self::server::Server;
use super::own_crate;

/// What there is to run in a file: the label, the line at which an editor shows the button, and which tests run.
type Row = (&'static str, &'static str, &'static [&'static str]);

const DISK: &[&str] = &["Disk::ext4", "Disk::xfs"];

const SERIAL_TESTS: &[&str] = &["serial::echoes", "serial::echoes_twice"];

const MAIN: &[Row] = &[
    ("test-mod ", "//! Every kind of test.", BOARD),
    ("test-mod serial", "mod serial;", SERIAL_TESTS),
    ("test plain", "fn plain() -> TestResult {", &["plain"]),
    (
        "test plain_and_more",
        "fn plain_and_more(cx: &mut TestContext) {",
        &["plain_and_more"],
    ),
    ("test ignored", "fn ignored() {}", &["ignored"]),
    ("test named", "fn named() {}", &["has.a.name"]),
    ("test r#try", "fn r#try() {}", &["try"]),
    (
        "test copy",
        "fn copy(mb: u64) {",
        &["copy::large", "copy::small"],
    ),
    (
        "test write",
        "fn write(#[param(values(1, 4))] mb: u64) {",
        &["write::mb_1", "write::mb_4"],
    ),
    ("test Disk", "impl Disk {", DISK),
    // A part of a name, as in all of cargo: this one has `wifi.scan` in it, which is no part of its name.
    ("test-mod net", "mod net {", &["net::plain"]),
    ("test net::plain", "fn plain() {}", &["net::plain"]),
    ("test net::scan", "fn scan() {}", &["wifi.scan"]),
    ("test-mod tcp", "mod tcp {", &["tcp::Socket", "tcp::ping"]),
    ("test tcp::ping", "fn ping() {}", &["tcp::ping"]),
    ("test tcp::Socket", "impl Socket {", &["tcp::Socket"]),
    ("run board", "autotest::main!();", BOARD),
];

const SERIAL: &[Row] = &[
    (
        "test-mod serial",
        "//! A suite in a file of its own.",
        SERIAL_TESTS,
    ),
    ("test serial::echoes", "fn echoes() {}", &["serial::echoes"]),
    (
        "test serial::echoes_twice",
        "fn echoes_twice() {}",
        &["serial::echoes_twice"],
    ),
];

const COPIED: &[Row] = &[
    (
        "test-mod ",
        "//! A test in a binary.",
        &["boots", "boots_again"],
    ),
    ("test boots", "fn boots() {}", &["boots"]),
    ("test boots_again", "fn boots_again() {}", &["boots_again"]),
    (
        "run copied",
        "autotest::main!();",
        &["boots", "boots_again"],
    ),
];

/// All tests of the binary.
const BOARD: &[&str] = &[
    "Disk::ext4",
    "Disk::xfs",
    "copy::large",
    "copy::small",
    "has.a.name",
    "ignored",
    "net::plain",
    "plain",
    "plain_and_more",
    "serial::echoes",
    "serial::echoes_twice",
    "tcp::Socket",
    "tcp::ping",
    "try",
    "wifi.scan",
    "write::mb_1",
    "write::mb_4",
];

/// Whether these tests are not to run; says why.
fn are_left_out() -> bool {
    if std::env::var_os("AUTOTEST_EDITOR").is_none() {
        eprintln!("left out: AUTOTEST_EDITOR is not set");
        return true;
    }
    let version = Command::new("rust-analyzer").arg("--version").output();
    let is_missing = !version.is_ok_and(|output| output.status.success());
    if is_missing {
        eprintln!("left out: rust-analyzer is not installed");
    }
    is_missing
}

/// The crate.
fn sources() -> &'static Path {
    static COPIED: OnceLock<PathBuf> = OnceLock::new();
    COPIED.get_or_init(|| own_crate::copied("editor"))
}

/// Where rust-analyzer and cargo build it.
fn target_dir() -> PathBuf {
    own_crate::home("editor").join("target")
}

/// What is run in a file; of the rest, which cargo offers for a whole package, there is no place.
fn runnables(server: &mut Server, file: &str) -> Vec<Value> {
    let mut found = match server.ask("experimental/runnables", file) {
        Value::Array(found) => found,
        other => panic!("{other}"),
    };
    found.retain(|runnable| !runnable["location"].is_null());
    found
}

fn texts(values: &Value) -> Vec<&str> {
    let values = values.as_array().unwrap().iter();
    values.map(|value| value.as_str().unwrap()).collect()
}

/// Runs what rust-analyzer says, and returns the names of the tests that ran, and of those that were ignored.
fn run(runnable: &Value) -> Vec<String> {
    let args = &runnable["args"];
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(args["cwd"].as_str().unwrap())
        .env("CARGO_TARGET_DIR", target_dir())
        .args(texts(&args["cargoArgs"]))
        .arg("--")
        .args(texts(&args["executableArgs"]));
    names_of(cargo)
}

/// The names of the tests that a command of cargo runs.
fn names_of(mut cargo: Command) -> Vec<String> {
    let Output {
        status,
        stdout,
        stderr,
    } = cargo.output().unwrap();
    let stdout = String::from_utf8(stdout).unwrap();
    let stderr = String::from_utf8(stderr).unwrap();
    assert!(status.success(), "{cargo:?}: {stdout}{stderr}");
    assert!(!stderr.contains("warning"), "{stderr}");
    let lines = stdout.lines().filter_map(|line| {
        let (name, _verdict) = line.strip_prefix("test ")?.split_once(" ... ")?;
        Some(name.to_owned())
    });
    let mut names: Vec<String> = lines.collect();
    names.sort();
    names
}

/// The line of a file at which something begins.
fn line_of(file: &str, range: &Value) -> String {
    let text = std::fs::read_to_string(sources().join(file)).unwrap();
    let line = range["start"]["line"].as_u64().unwrap();
    let line = text.lines().nth(usize::try_from(line).unwrap());
    line.unwrap().trim().to_owned()
}

/// Holds what rust-analyzer finds in a file, and what then runs, against the rows. `target` selects the binary.
fn check(server: &mut Server, file: &str, target: [&str; 2], rows: &[Row]) {
    let found = runnables(server, file);
    let told: Vec<_> = found
        .iter()
        .map(|runnable| {
            let range = &runnable["location"]["targetSelectionRange"];
            (runnable["label"].as_str().unwrap(), line_of(file, range))
        })
        .collect();
    let expected: Vec<_> = rows
        .iter()
        .map(|(label, line, _)| (*label, (*line).to_owned()))
        .collect();
    assert_eq!(told, expected, "{file}");
    for (runnable, (label, _, tests)) in found.iter().zip(rows) {
        let command = match *label {
            "run copied" => "run",
            _ => "test",
        };
        let cargo_args = [command, "--package", "opened", target[0], target[1]];
        assert_eq!(texts(&runnable["args"]["cargoArgs"]), cargo_args, "{label}");
        if let Some(path) = label.strip_prefix("test ") {
            let args = texts(&runnable["args"]["executableArgs"]);
            assert_eq!(args[..2], [path, "--exact"], "{label}");
        }
        assert_eq!(run(runnable), *tests, "{label}");
    }
    check_buttons(server, file, rows);
}

/// Each row has a button, and nothing else has one.
fn check_buttons(server: &mut Server, file: &str, rows: &[Row]) {
    let lenses = server.ask("textDocument/codeLens", file);
    let lenses = lenses.as_array().unwrap().iter();
    let lines: Vec<String> = lenses.map(|lens| line_of(file, &lens["range"])).collect();
    let expected: Vec<_> = rows.iter().map(|(_, line, _)| *line).collect();
    assert_eq!(lines, expected, "{file}");
}

#[test]
fn rust_analyzer_runs_the_test_at_its_button() {
    if are_left_out() {
        return;
    }
    let mut server = Server::open(sources(), &target_dir());
    check(
        &mut server,
        "tests/board/main.rs",
        ["--test", "board"],
        MAIN,
    );
    check(
        &mut server,
        "tests/board/serial.rs",
        ["--test", "board"],
        SERIAL,
    );
    check(&mut server, "src/copied.rs", ["--bin", "copied"], COPIED);
    for file in ["tests/board/main.rs", "tests/board/serial.rs"] {
        let diagnostics = server.ask("textDocument/diagnostic", file);
        assert_eq!(diagnostics["items"], Value::Array(Vec::new()), "{file}");
    }
    server.close();
}

/// Also without `cfg(test)`, which this command does not set.
#[test]
fn rust_analyzer_finds_no_error_in_tests() {
    if are_left_out() {
        return;
    }
    let mut command = Command::new("rust-analyzer");
    command.arg("diagnostics").arg(sources());
    let output = command
        .env("CARGO_TARGET_DIR", target_dir())
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(stdout.contains("diagnostic scan complete"), "{output:?}");
    let of_the_crate = format!("file {}", sources().display());
    let found: Vec<_> = stdout
        .split(['\n', '\r', '\u{8}'])
        .filter(|line| line.contains(&of_the_crate) && !line.contains("inactive-code"))
        .collect();
    assert_eq!(found, [""; 0]);
}

#[test]
fn each_test_runs_once_whichever_harness_runs_the_file() {
    if are_left_out() {
        return;
    }
    let all = |target: &str| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .current_dir(sources())
            .env("CARGO_TARGET_DIR", target_dir());
        cargo.args(["test", "--test", target]);
        names_of(cargo)
    };
    assert_eq!(all("board"), BOARD);
    assert_eq!(all("unit"), ["of_libtest"]);
}

//! Programs of others that read TAP run the binary, or read its output, as their users have them do.

use std::path::Path;
use std::process::{Command, Stdio};

use super::binary::fixture_command;

/// A test that passes, and one that fails.
const PASSING: &str = "parts";
const FAILING: &str = "says::fail";

/// How a shell has each program read what `$BINARY` prints, or what it left in the file `tap`.
const USES: &[(&str, &str)] = &[
    (
        "prove",
        "prove --exec \"$BINARY --format tap --results results\" $TEST",
    ),
    (
        "prove",
        "$BINARY --tap --results results $TEST >out; prove --exec cat results/tap",
    ),
    (
        "tappy",
        "$BINARY --format tap --results results $TEST | tappy",
    ),
    (
        "tappy",
        "$BINARY --tap --results results $TEST >out; tappy results/tap",
    ),
    (
        "tap-parser",
        "$BINARY --format tap --results results $TEST | tap-parser",
    ),
    (
        "tap-parser",
        "$BINARY --format tap14 --results results $TEST | tap-parser",
    ),
    (
        "tap-parser",
        "$BINARY --tap --results results $TEST >out; tap-parser <results/tap",
    ),
];

#[test]
fn each_reader_of_tap_has_the_verdict_of_the_job() {
    for (program, script) in USES {
        let mut version = Command::new(program);
        let version = version.arg("--version").stdin(Stdio::null());
        if version
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_err()
        {
            eprintln!("left out: {program} is not installed");
            continue;
        }
        assert!(
            says(script, PASSING),
            "{script} fails where {PASSING} passes"
        );
        assert!(
            !says(script, FAILING),
            "{script} passes where {FAILING} fails"
        );
    }
}

fn says(script: &str, test: &str) -> bool {
    let home = tempfile::tempdir().unwrap();
    let binary = fixture_command(home.path(), "faulty");
    let binary = Path::new(binary.get_program());
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).current_dir(home.path());
    shell.env("BINARY", binary).env("TEST", test);
    shell.output().unwrap().status.success()
}

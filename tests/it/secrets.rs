//! Secret parameters: their values are nowhere in what a job prints and leaves.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::process::{Output, Stdio};

use expect_test::expect;

use super::binary::{fixture_command, walk};

const SECRET: &str = "hunter2-ZQX";
/// It may be on record, and tests find out by it whether they have the secret.
const REVERSED: &str = "reversed=XQZ-2retnuh";

/// How a job gets the secret.
#[derive(Clone, Copy, Debug)]
enum From {
    Variable,
    Flag,
    FlagInOneWord,
    Options,
}

const WAYS: [From; 4] = [
    From::Variable,
    From::Flag,
    From::FlagInOneWord,
    From::Options,
];

/// Runs the fixture with the secret.
fn run(home: &Path, from: From, args: &[&str]) -> Output {
    let mut command = fixture_command(home, "params");
    command.args(args);
    let param = format!("token={SECRET}");
    match from {
        From::Variable => command.env("AUTOTEST_PARAM_TOKEN", SECRET),
        From::Flag => command.args(["--param", &param]),
        From::FlagInOneWord => command.arg(format!("--param={param}")),
        From::Options => command.env("AUTOTEST_OPTIONS", format!("--param '{param}'")),
    };
    command.output().unwrap()
}

/// Asserts that the secret is nowhere.
#[track_caller]
fn check_kept(home: &Path, output: &Output) {
    let has = |bytes: &[u8]| {
        bytes
            .windows(SECRET.len())
            .any(|part| part == SECRET.as_bytes())
    };
    assert!(!has(&output.stdout) && !has(&output.stderr), "{output:?}");
    for path in walk(home).iter().filter(|path| !path.ends_with('/')) {
        let path = home.join(path);
        let is_file = fs::symlink_metadata(&path).unwrap().is_file();
        assert!(
            !is_file || !has(&fs::read(&path).unwrap()),
            "{}",
            path.display()
        );
    }
}

#[track_caller]
fn check_code(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

const ALL: [&str; 10] = [
    "secret",
    "--skip",
    "kills",
    "--skip",
    "careless",
    "--param",
    REVERSED,
    "--junit",
    "--tap",
    "--show-output",
];

#[test]
fn however_a_test_ends_its_secret_stays_one() {
    for isolation in ["fork", "exec"] {
        for from in WAYS {
            let home = tempfile::tempdir().unwrap();
            let place = ["--results", "results", "--isolation", isolation];
            let ran = run(home.path(), from, &[&place[..], &ALL].concat());
            check_code(&ran, 101);
            check_kept(home.path(), &ran);
            let results = home.path().join("results");
            let log = fs::read_to_string(results.join("status.log")).unwrap();
            let ends = log.lines().filter_map(|line| line.strip_prefix("\tEND "));
            let ends: Vec<String> = ends
                .map(|line| line.split('\t').take(2).collect::<Vec<_>>().join(" "))
                .collect();
            expect![[r#"
                [
                    "ERROR secret.Crashes",
                    "FAIL secret.fails",
                    "ERROR secret.hangs",
                    "GOOD secret.limited",
                    "FAIL secret.panics",
                    "GOOD secret.passes",
                    "GOOD secret.prints_its_environment",
                    "GOOD secret.runs_others",
                ]
            "#]]
            .assert_debug_eq(&ends);
            // `cleanup` in another process had it, and could tell that from the reversed one.
            let cleaned = fs::read_to_string(results.join("secret.Crashes/keyval")).unwrap();
            assert!(
                cleaned.ends_with("cleaned=up\n"),
                "{isolation} {from:?}: {cleaned}"
            );
            let journal = fs::read_to_string(results.join("journal.jsonl")).unwrap();
            assert!(journal.contains(r#""token":{"secret":true}"#), "{journal}");
        }
    }
}

#[test]
fn events_do_not_show_a_secret() {
    for format in ["json-events", "json", "junit", "tap", "lava"] {
        let home = tempfile::tempdir().unwrap();
        let args = [&ALL[..7], &["--format", format, "--test-threads", "3"]].concat();
        let ran = run(home.path(), From::Flag, &args);
        check_code(&ran, 101);
        check_kept(home.path(), &ran);
    }
}

#[test]
fn without_isolation_a_secret_stays_one_as_well() {
    let home = tempfile::tempdir().unwrap();
    let args = [
        "passes",
        "panics",
        "--param",
        REVERSED,
        "--isolation",
        "none",
    ];
    let ran = run(home.path(), From::Variable, &args);
    check_code(&ran, 101);
    check_kept(home.path(), &ran);
}

#[test]
fn a_resumed_job_must_be_given_its_secrets_again() {
    for (begun, resumed) in [
        (From::Flag, From::Variable),
        (From::Variable, From::FlagInOneWord),
        (From::Options, From::Flag),
        (From::FlagInOneWord, From::Variable),
    ] {
        let home = tempfile::tempdir().unwrap();
        let home = home.path();
        let killed = ["--results", "job", "kills", "passes", "--param", REVERSED];
        let killed = run(home, begun, &killed);
        assert_eq!(killed.status.code(), None, "{killed:?}");
        check_kept(home, &killed);
        let mut without = fixture_command(home, "params");
        let without = without.args(["--resume", "job"]).output().unwrap();
        check_code(&without, 2);
        assert_eq!(
            stderr(&without),
            "error: the job was started with the parameter `token`, which is secret and not on record: give \
             it again, with `--param token=…` or in `AUTOTEST_PARAM_TOKEN`\n"
        );
        let ended = run(home, resumed, &["--resume", "job"]);
        check_code(&ended, 0);
        check_kept(home, &ended);
    }
}

#[test]
fn the_same_command_continues_a_job_with_its_secrets() {
    for from in WAYS {
        let home = tempfile::tempdir().unwrap();
        let home = home.path();
        let args = [
            "--results",
            "job",
            "--continue",
            "kills",
            "passes",
            "--param",
            REVERSED,
        ];
        let killed = run(home, from, &args);
        assert_eq!(killed.status.code(), None, "{killed:?}");
        let ended = run(home, from, &args);
        check_code(&ended, 0);
        check_kept(home, &ended);
    }
}

#[test]
fn the_error_of_a_secret_does_not_show_it() {
    let refused = |variables: &[(&str, &str)], args: &[&str]| {
        let home = tempfile::tempdir().unwrap();
        let mut command = fixture_command(home.path(), "params");
        let refused = command.args(args).envs(variables.iter().copied()).output();
        let refused = refused.unwrap();
        check_code(&refused, 2);
        check_kept(home.path(), &refused);
        stderr(&refused)
    };
    let variable = [("AUTOTEST_PARAM_PIN", SECRET)];
    let pin = format!("pin={SECRET}");
    // That only one of two tests calls it secret, does not matter.
    let expected = "error: secret::careless: parameter `pin` takes a value of type `u16`, not `(secret)`: the \
                    value is not shown\n\
                    secret::limited: parameter `pin` takes a value of type `u16`, not `(secret)`: the value is \
                    not shown\n";
    let tests = ["careless", "limited"];
    let by_flag = refused(&[], &[&tests[..], &["--param", &pin]].concat());
    assert_eq!(by_flag, expected);
    let by_variable = refused(&variable, &tests);
    let source = " (it is from `AUTOTEST_PARAM_PIN`)\n";
    assert_eq!(
        by_variable,
        expected.replace("shown\n", &format!("shown{source}"))
    );
    let beyond = refused(&[], &["careless", "--param", "pin=12345"]);
    assert_eq!(
        beyond,
        "error: secret::careless: parameter `pin` (`u16`) must be in `1..=9999`, not `(secret)`\n"
    );
    let misspelled = refused(&[], &["passes", "--param", &format!("tokn={SECRET}")]);
    assert!(misspelled.contains("did you mean `token`?"), "{misspelled}");
    let colon = refused(&[], &["passes", "--param", &format!("token:{SECRET}")]);
    assert_eq!(colon, "error: `--param` takes NAME=VALUE, not `token…`\n");
}

#[test]
fn what_is_no_text_is_not_shown() {
    let broken = |before: &str| {
        let mut bytes = format!("{before}{SECRET}").into_bytes();
        bytes.push(0xff);
        OsString::from_vec(bytes)
    };
    let home = tempfile::tempdir().unwrap();
    let command = || fixture_command(home.path(), "params");
    let flag = command()
        .arg("--param")
        .arg(broken("token="))
        .output()
        .unwrap();
    let variable = command()
        .env("AUTOTEST_PARAM_TOKEN", broken(""))
        .output()
        .unwrap();
    let options = command()
        .env("AUTOTEST_OPTIONS", broken("--param token="))
        .output()
        .unwrap();
    let names = ["--param", "AUTOTEST_PARAM_TOKEN", "AUTOTEST_OPTIONS"];
    for (refused, name) in [flag, variable, options].iter().zip(names) {
        check_code(refused, 2);
        check_kept(home.path(), refused);
        assert_eq!(
            stderr(refused),
            format!("error: the value of `{name}` is not UTF-8\n")
        );
    }
}

#[test]
fn a_secret_and_its_default_are_not_described() {
    let home = tempfile::tempdir().unwrap();
    let described = run(
        home.path(),
        From::Variable,
        &["--describe", "secret::limited"],
    );
    let text = String::from_utf8(described.stdout).unwrap();
    let expected = "\nparameters:\n  pin: u16 = (secret), secret, in 1..=9999\n";
    assert!(text.contains(expected), "{text}");
    let args = ["--dry-run", "passes", "--param", REVERSED];
    let dry = run(home.path(), From::Flag, &args);
    check_code(&dry, 0);
    let text = String::from_utf8(dry.stdout).unwrap();
    assert_eq!(text, "secret::passes reversed=XQZ-2retnuh token=(secret)\n");
}

#[test]
fn a_control_function_and_its_tests_get_a_secret() {
    for isolation in ["fork", "exec"] {
        for from in WAYS {
            let home = tempfile::tempdir().unwrap();
            let args = [
                "--control",
                "nightly",
                "--param",
                REVERSED,
                "--isolation",
                isolation,
            ];
            let ran = run(home.path(), from, &args);
            check_code(&ran, 0);
            check_kept(home.path(), &ran);
        }
    }
}

#[test]
fn what_a_control_function_passes_as_a_secret_is_refused_and_not_recorded() {
    let home = tempfile::tempdir().unwrap();
    let args = ["--results", "job", "--control", "gives_it_away", "--param"];
    let word = format!("word={}", REVERSED.trim_start_matches("reversed="));
    let mut command = fixture_command(home.path(), "params");
    let ran = command.args(args).arg(&word).output().unwrap();
    check_code(&ran, 101);
    check_kept(home.path(), &ran);
    let log = fs::read_to_string(home.path().join("job/status.log")).unwrap();
    let reason = "the control function failed: secret::passes: the parameter `token` is secret, and a job's \
                  requests are recorded: give it with `--param token=…` or in `AUTOTEST_PARAM_TOKEN`";
    assert!(log.contains(reason), "{log}");
    // It gets the same answer when it asks again.
    let again = fixture_command(home.path(), "params")
        .args(["--resume", "job"])
        .output();
    check_kept(home.path(), &again.unwrap());
}

#[test]
fn a_job_file_cannot_have_a_secret() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("job.json");
    let in_file = format!(
        r#"{{
  "params": {{"token": "{SECRET}"}},
  "runs": [{{"test": "secret::passes", "args": {{"token": ["{SECRET}"], "reversed": "x"}}}}]
}}"#
    );
    fs::write(&file, in_file).unwrap();
    let mut command = fixture_command(home.path(), "params");
    let refused = command.args(["--job", "job.json"]).output().unwrap();
    check_code(&refused, 2);
    fs::remove_file(&file).unwrap();
    check_kept(home.path(), &refused);
    let reason = "the parameter `token` is secret, and a job's requests are recorded: give it with \
                  `--param token=…` or in `AUTOTEST_PARAM_TOKEN`\n";
    assert_eq!(
        stderr(&refused),
        format!("error: job.json:2:14: {reason}job.json:3:48: {reason}")
    );
    // It is given beside the file.
    fs::write(
        &file,
        r#"{"runs": [{"test": "secret::passes", "args": {"reversed": "XQZ-2retnuh"}}]}"#,
    )
    .unwrap();
    for from in WAYS {
        let ran = run(home.path(), from, &["--job", "job.json"]);
        check_code(&ran, 0);
        check_kept(home.path(), &ran);
    }
}

#[test]
fn a_secret_of_the_environment_is_on_no_command_line() {
    // Another one, since the tests beside this one give theirs by flags.
    const OTHER: &str = "open sesame";
    let home = tempfile::tempdir().unwrap();
    let args = ["hangs", "--isolation", "exec"];
    let mut command = fixture_command(home.path(), "params");
    command.args(args).env("AUTOTEST_PARAM_TOKEN", OTHER);
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let mut is_seen = false;
    while child.try_wait().unwrap().is_none() {
        for process in fs::read_dir("/proc").unwrap() {
            let line = fs::read(process.unwrap().path().join("cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).into_owned();
            assert!(!line.contains(OTHER), "{line}");
            is_seen |= line.contains("--autotest-supervised-run");
        }
    }
    assert!(is_seen, "the process of the test was not seen");
}

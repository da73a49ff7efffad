//! `cargo test`, cargo-nextest and their flags.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use super::binary::{Ran, fixture, fixture_command};
use super::{host_tool, own_crate};

/// The lines of each test and its subtests, sorted.
fn verdicts(ran: &Ran) -> Vec<String> {
    let stdout = ran.stdout();
    let lines = stdout.lines().filter(|line| line.contains(" ... "));
    let mut lines: Vec<_> = lines.map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn tests_may_run_at_once_and_the_log_is_as_if_they_did_not() {
    let select = ["says::", "raises::", "nests::", "parts"];
    let run = |threads| {
        let args = [&["--test-threads", threads], &select[..]].concat();
        fixture("faulty", &args).expect_code(101)
    };
    let (one, four) = (run("1"), run("4"));
    assert_eq!(verdicts(&one), verdicts(&four));
    let blocks = |ran: &Ran| {
        let log = ran.log("status.log");
        let mut blocks: Vec<_> = log.split("\n→START").map(str::to_owned).collect();
        let last = blocks.len() - 1;
        blocks[last] = blocks[last].replace("\nEND GOOD→----→----→timestamp=.→localtime=.→\n", "");
        blocks.sort();
        blocks
    };
    assert_eq!(blocks(&one), blocks(&four));
}

#[test]
fn a_test_that_ends_takes_no_other_tests_processes_with_it() {
    let ran = fixture("faulty", &["--test-threads", "2", "pairs::"]).expect_code(0);
    let stdout = ran.stdout();
    assert!(
        stdout.contains("test pairs::b_needs_its_child ... ok\n"),
        "{stdout}"
    );
}

#[test]
fn a_supervisor_whose_starter_ignores_children_waits_for_its_own() {
    let home = tempfile::tempdir().unwrap();
    let faulty = env!("CARGO_BIN_EXE_faulty");
    let script = format!("trap '' CHLD; exec {faulty} --results results parts");
    let mut command = Command::new("sh");
    let output = command
        .current_dir(home.path())
        .args(["-c", &script])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn no_test_thread_is_an_error() {
    let ran = fixture("faulty", &["--test-threads", "0"]).expect_code(2);
    let expected = "error: `--test-threads` takes a number from 1, not `0`\n";
    assert_eq!(ran.stderr(), expected);
}

#[test]
fn fail_fast_starts_no_further_test() {
    let ran = fixture("faulty", &["--fail-fast", "says::"]).expect_code(101);
    let stdout = ran.stdout();
    assert!(stdout.contains("tests that did not run: 5\n"), "{stdout}");
    assert!(
        ran.log("status.log")
            .ends_with("END ABORT→----→----→timestamp=.→localtime=.→a test failed\n")
    );
}

#[test]
fn quiet_is_a_character_a_test() {
    let ran = fixture("faulty", &["-q", "says::"]).expect_code(101);
    assert!(ran.stdout().contains("\niFF..F.\n"), "{}", ran.stdout());
}

#[test]
fn a_terse_list_is_names_alone() {
    let ran = fixture("faulty", &["--list", "--format", "terse", "takes::"]).expect_code(0);
    assert_eq!(ran.stdout(), "takes::ranged: test\ntakes::required: test\n");
    let ran = fixture(
        "faulty",
        &["--list", "--format=terse", "--ignored", "says::"],
    )
    .expect_code(0);
    assert_eq!(ran.stdout(), "says::ignored: test\n");
}

#[test]
fn flags_of_libtest_are_accepted() {
    let args = [
        "--test",
        "--color",
        "always",
        "-Z",
        "unstable-options",
        "--report-time",
        "--exclude-should-panic",
        "--no-capture",
        "parts",
    ];
    fixture("faulty", &args).expect_code(0);
    let ran = fixture("faulty", &["--bench", "parts"]).expect_code(0);
    assert!(
        ran.stdout()
            .contains("running 1 test\ntest parts ... ignored\n"),
        "{}",
        ran.stdout()
    );
}

/// A run of nextest on the test binary `dogfood`.
struct Nextest {
    output: Output,
    /// Where the results of its tests went.
    home: TempDir,
}

/// Runs nextest, if it is installed.
fn nextest(args: &[&str]) -> Option<Nextest> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let installed = Command::new(env!("CARGO"))
        .args(["nextest", "--version"])
        .output();
    if !installed.is_ok_and(|output| output.status.success()) {
        eprintln!("left out: cargo-nextest is not installed");
        return None;
    }
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root).arg("nextest").args(args);
    command.args(["--package", "autotest-tests", "--test", "dogfood"]);
    // Where fewer packages are built, so are their features: it would build binaries anew that other tests run.
    command.arg("--target-dir").arg(own_crate::home("nextest"));
    command.env("AUTOTEST_RESULTS", home.path());
    command.env("DOGFOOD_TESTS_THE_RUNNER", "1");
    command.env("NO_COLOR", "1").env_remove("RUST_BACKTRACE");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("NEXTEST")) {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    Some(Nextest { output, home })
}

impl Nextest {
    #[track_caller]
    fn check(&self, code: i32, lines: &[&str]) {
        let Output { stdout, stderr, .. } = &self.output;
        let text = String::from_utf8_lossy(stderr) + String::from_utf8_lossy(stdout);
        assert_eq!(self.output.status.code(), Some(code), "{text}");
        for line in lines {
            assert!(text.contains(line), "no {line:?} in\n{text}");
        }
    }

    /// The directory of the run, which `latest` names.
    fn dir(&self) -> PathBuf {
        let home = self.home.path().join("dogfood");
        let latest = fs::read_link(home.join("latest")).unwrap();
        assert!(latest.to_str().unwrap().starts_with("nextest-"));
        home.join(latest)
    }

    /// The directories of its tests' jobs.
    fn jobs(&self) -> Vec<String> {
        let entries = fs::read_dir(self.dir()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }
}

#[test]
fn nextest_lists_ignored_tests_and_cases() {
    let Some(listed) = nextest(&["list", "--run-ignored", "all"]) else {
        return;
    };
    let names = [
        "cases::one",
        "cases::two",
        "flaky_under_a_runner",
        "ignored",
        "passes",
    ];
    listed.check(0, &names);
}

#[test]
fn nextest_retries_and_each_attempt_has_its_results() {
    let Some(ran) = nextest(&["run", "--retries", "1"]) else {
        return;
    };
    ran.check(0, &["5 tests run: 5 passed (1 flaky), 3 skipped"]);
    let jobs = [
        "cases.one",
        "cases.two",
        "flaky_under_a_runner",
        "flaky_under_a_runner.attempt-2",
        "not_applicable",
        "passes",
    ];
    assert_eq!(ran.jobs(), jobs);
    let status = |job: &str| fs::read_to_string(ran.dir().join(job).join("status.log")).unwrap();
    assert!(status("flaky_under_a_runner").contains("\tFAIL\tflaky_under_a_runner\t"));
    assert!(status("flaky_under_a_runner.attempt-2").contains("\tGOOD\tflaky_under_a_runner\t"));
    assert!(status("not_applicable").contains("\tTEST_NA\tnot_applicable\t"));
    let report = host_tool::run_in(&ran.dir(), &["report", ".", "--format", "tap"]);
    let report = report.expect_code(0);
    let is_point = |line: &&str| line.starts_with("ok") || line.starts_with("not ok");
    let points: Vec<_> = report.stdout.lines().filter(is_point).collect();
    let flaky = points
        .iter()
        .filter(|point| point.contains("flaky_under_a_runner"));
    assert_eq!((points.len(), flaky.count()), (5, 1), "{}", report.stdout);
}

#[test]
fn each_test_is_in_one_partition_of_nextest() {
    let mut jobs = Vec::new();
    for partition in ["hash:1/2", "hash:2/2"] {
        let Some(ran) = nextest(&["run", "--partition", partition, "--retries", "1"]) else {
            return;
        };
        ran.check(0, &["skipped"]);
        jobs.extend(ran.jobs());
    }
    jobs.retain(|job| !job.ends_with(".attempt-2"));
    jobs.sort();
    let all = [
        "cases.one",
        "cases.two",
        "flaky_under_a_runner",
        "not_applicable",
        "passes",
    ];
    assert_eq!(jobs, all);
}

#[test]
fn nextest_does_not_take_an_exit_for_a_pass() {
    let args = [
        "run",
        "--no-fail-fast",
        "--run-ignored",
        "only",
        "ignored",
        "exits_with_0",
    ];
    let Some(ran) = nextest(&args) else {
        return;
    };
    let lines = [
        "1 passed, 1 failed",
        "ended without an outcome: exit status 0",
    ];
    ran.check(100, &lines);
    assert_eq!(ran.jobs(), ["exits_with_0", "ignored"]);
}

#[test]
fn a_test_that_nextest_ends_is_cleaned_up_after() {
    let config = tempfile::NamedTempFile::new().unwrap();
    let text = "[profile.default]\n\
                slow-timeout = { period = \"1s\", terminate-after = 1, grace-period = \"20s\" }\n";
    fs::write(config.path(), text).unwrap();
    let tool = format!("autotest:{}", config.path().display());
    let args = [
        "run",
        "--run-ignored",
        "only",
        "--tool-config-file",
        &tool,
        "hangs",
    ];
    let Some(ran) = nextest(&args) else {
        return;
    };
    ran.check(100, &["TIMEOUT", "1 timed out"]);
    let file = |path: &str| fs::read_to_string(ran.dir().join("hangs").join(path)).unwrap();
    assert_eq!(file("hangs/debug/stdout"), "cleaned up\n");
    assert!(
        file("status.log").contains("\tABORT\thangs\thangs\t"),
        "{}",
        file("status.log")
    );
}

/// Results of a process with these variables of nextest's, below the home of its binary.
fn places(variables: &[(&str, &str)], args: &[&str]) -> Vec<String> {
    let home = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let mut command = fixture_command(home.path(), "selected");
        command.args(args).envs(variables.iter().copied());
        assert!(command.output().unwrap().status.success());
    }
    let mut found = Vec::new();
    let mut open = vec![home.path().to_owned()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.join("status.log").exists() && !path.is_symlink() {
                let base = home.path().join("autotest-results/selected");
                found.push(path.strip_prefix(base).unwrap().display().to_string());
            } else if entry.file_type().unwrap().is_dir() {
                open.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn results_under_nextest_never_collide_nor_leave_their_place() {
    let id = ("NEXTEST_RUN_ID", "0123-ab");
    let run = [("NEXTEST", "1"), id];
    let third = [("NEXTEST", "1"), id, ("NEXTEST_ATTEMPT", "3")];
    assert_eq!(
        places(&run, &["--exact", "net::tcp"]),
        ["nextest-0123-ab/net.tcp", "nextest-0123-ab/net.tcp.2"]
    );
    assert_eq!(
        places(&third, &["--exact", "net::tcp"])[0],
        "nextest-0123-ab/net.tcp.attempt-3"
    );
    let hostile = [("NEXTEST", "1"), ("NEXTEST_RUN_ID", "../../up")];
    for (variables, args) in [
        (&hostile[..], &["--exact", "net::tcp"][..]),
        (&[id], &["--exact", "net::tcp"]),
        (&run, &["net"]),
    ] {
        let places = places(variables, args);
        assert_eq!(places.len(), 2, "{places:?}");
        assert!(
            places.iter().all(|place| place.starts_with("20")),
            "{places:?}"
        );
    }
}

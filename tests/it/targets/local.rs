//! This machine as a target: everything but the connection.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::binary::Tree;
use super::Lab;
use super::lab::{SELECTED, assert_same_results, send, stripped, verdicts};

/// A job that takes a few seconds.
const LONG: &[&str] = &["--", "--iterations", "10"];

#[test]
fn a_run_is_what_it_is_at_home() {
    let lab = Lab::with_board();
    let args = [&["--"], SELECTED].concat();
    lab.run("faulty", &["board"], &args).expect_code(101);
    assert_same_results(&lab.results(), &lab.at_home("faulty", SELECTED));
}

#[test]
fn the_report_is_that_of_the_suite() {
    let lab = Lab::with_board();
    let ran = lab.run("faulty", &["board"], &["--", "says::"]);
    let ran = ran.expect_code(101);
    let mut at_home = Command::new(stripped("faulty"));
    at_home.args(["--results", "results", "says::"]);
    at_home.env_remove("RUST_BACKTRACE");
    let home = lab.path("other");
    fs::create_dir(&home).unwrap();
    let at_home = at_home.current_dir(&home).output().unwrap();
    let without_paths = |text: &str| {
        let differs = |line: &&str| line.contains("/results") || line.contains("finished in");
        let lines = text.lines().filter(|line| !differs(line));
        lines.collect::<Vec<_>>().join("\n")
    };
    let at_home = String::from_utf8(at_home.stdout).unwrap();
    assert_eq!(without_paths(&ran.stdout), without_paths(&at_home));
    let tap = ["--format", "tap", "--", "says::fail"];
    fs::remove_dir_all(lab.host().join("results")).unwrap();
    let tap = lab.run("faulty", &["board"], &tap).expect_code(101);
    assert!(tap.stdout.contains("not ok 1 "), "{}", tap.stdout);
}

#[test]
fn a_run_that_is_left_is_taken_up() {
    let lab = Lab::with_board();
    let args = [&["--detach"], LONG].concat();
    let left = lab.run("many", &["board"], &args).expect_code(0);
    let hint = "the job goes on; take it up with: cargo autotest attach [LAB]/host/results\n";
    assert!(left.stderr.ends_with(hint), "{}", left.stderr);
    let attach = || {
        let mut command = lab.tool();
        lab.end(command.args(["attach", "results"]).spawn().unwrap())
    };
    assert_eq!(attach().expect_code(101).stderr, "");
    let here = lab.at_home("many", &LONG[1..]);
    assert_same_results(&lab.results(), &here);
    attach().expect_code(101);
}

#[test]
fn one_process_follows_a_run() {
    let lab = Lab::with_board();
    let child = lab.command("many", &["board"], LONG).spawn().unwrap();
    lab.wait_for("board", "test_start");
    let mut attach = lab.tool();
    let refused = lab.end(attach.args(["attach", "results"]).spawn().unwrap());
    let expected = "error: another process follows this run; end it first, or wait\n";
    assert_eq!(refused.expect_code(1).stderr, expected);
    lab.end(child).expect_code(101);
}

#[test]
fn without_a_terminal_a_signal_ends_the_job_and_a_hangup_leaves_it() {
    let lab = Lab::with_board();
    let child = lab.command("many", &["board"], LONG).spawn().unwrap();
    lab.wait_for("board", "\"seq\":100,");
    send(child.id(), "-HUP");
    let left = lab.end(child).expect_code(0);
    let hint = "the job goes on; take it up with";
    assert!(left.stderr.contains(hint), "{}", left.stderr);
    let mut attach = lab.tool();
    let child = attach.args(["attach", "results"]).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    send(child.id(), "-TERM");
    let ended = lab.end(child).expect_code(143);
    let note = "note: ending the job";
    assert!(ended.stderr.contains(note), "{}", ended.stderr);
    let log = lab.results().log("status.log");
    assert!(log.contains("END ABORT"), "{log}");
    assert_eq!(lab.jobs_on("board"), Vec::<PathBuf>::new());
}

#[test]
fn a_copy_that_broke_goes_on_and_a_damaged_one_is_made_again() {
    let lab = Lab::with_board();
    let suite = fs::read(stripped("faulty")).unwrap();
    let args = ["--", "parts"];
    lab.run("faulty", &["board"], &args).expect_code(0);
    let store = lab.path("board/store");
    let whole = fs::read_dir(&store).unwrap().next().unwrap();
    let whole = whole.unwrap().path();
    let part = whole.with_extension("part");
    let begin_again = |there: &[u8]| {
        fs::remove_file(&whole).unwrap();
        fs::remove_dir_all(lab.path("board/suites")).unwrap();
        fs::remove_dir_all(lab.host().join("results")).unwrap();
        fs::write(&part, there).unwrap();
        let ran = lab.run("faulty", &["board"], &args).expect_code(0);
        assert!(!part.exists());
        assert!(fs::read(&whole).unwrap() == suite);
        ran.stderr
    };
    let half = suite.len() / 2;
    let left = suite.len() - half / 65536 * 65536;
    let expected = format!("note: copied 1 file, {left} bytes\n");
    assert_eq!(begin_again(&suite[..half]), expected);
    let mut damaged = suite[..half].to_vec();
    damaged[1000] ^= 1;
    assert_eq!(begin_again(&damaged), expected);
    let too_long = [&suite[..], b"more"].concat();
    let whole_again = format!("note: copied 1 file, {} bytes\n", suite.len());
    assert_eq!(begin_again(&too_long), whole_again);
}

/// Of a device, behind a program that is called like `adb`.
#[test]
fn any_shell_will_do() {
    for shell in ["dash", "bash", "mksh", "busybox sh", "fish", "zsh"] {
        let program = shell.split(' ').next().unwrap();
        if Command::new(program)
            .args(["-c", "exit 0"])
            .output()
            .is_err()
        {
            eprintln!("left out: {shell} is not installed");
            continue;
        }
        let lab = Lab::new();
        let path = lab.add_device("phone", shell);
        let args = [&["--"], SELECTED].concat();
        let mut command = lab.command("faulty", &["phone"], &args);
        let ran = lab.end(command.env("PATH", path).spawn().unwrap());
        println!("{shell}: {}", ran.stderr);
        ran.expect_code(101);
        assert_same_results(&lab.results(), &lab.at_home("faulty", SELECTED));
    }
}

#[test]
fn each_target_runs_the_whole_suite() {
    let lab = Lab::with_board();
    lab.add_target("other", "local", "args = [\"--tag\", \"x\"]");
    let args = ["--", "says::fail", "says::warn", "parts"];
    let ran = lab.run("faulty", &["board", "other"], &args);
    let ran = ran.expect_code(101);
    let line = "board  test says::fail ... FAILED";
    assert!(ran.stderr.contains(line), "{}", ran.stderr);
    assert!(ran.stdout.contains("6 tests"), "{}", ran.stdout);
    let merged = verdicts(&lab.results().jobdir());
    assert_eq!(merged.len(), 6, "{merged:?}");
    for target in ["board", "other"] {
        let own = lab.results().jobdir().join(".targets").join(target);
        assert_eq!(verdicts(&own).len(), 3);
    }
}

#[test]
fn a_target_with_nothing_to_do_is_no_error() {
    let lab = Lab::with_board();
    lab.add_target("other", "local", "args = [\"--skip\", \"says::fail\"]");
    let run = |args: &[&str]| {
        let _ = fs::remove_dir_all(lab.host().join("results"));
        lab.run("faulty", &["board", "other"], args)
    };
    let rerun = |dir: &str, results: &str| {
        let mut command = lab.tool();
        command.args(["rerun", dir, "--results", results]);
        lab.end(command.spawn().unwrap())
    };
    run(&["--", "parts"]).expect_code(0);
    assert_eq!(rerun("results", "none").expect_code(0).stderr, "");
    assert_eq!(run(&["--", "--list"]).expect_code(0).stderr, "");
    let refused = run(&["--", "--nonsense"]).expect_code(2).stderr;
    assert_eq!(refused.matches("the suite did not begin").count(), 2);
    assert!(!refused.contains("is empty"), "{refused}");
    run(&["--", "says::fail", "parts"]).expect_code(101);
    for (dir, results) in [("results", "again"), ("again", "once-more")] {
        let ran = rerun(dir, results).expect_code(101);
        assert!(!ran.stderr.contains("error:"), "{}", ran.stderr);
        assert_eq!(verdicts(&lab.host().join(results)).len(), 1);
    }
}

#[test]
fn a_job_that_did_not_begin_is_run_again_as_it_was() {
    let lab = Lab::with_board();
    lab.add_target("other", "local", "args = [\"--nonsense\"]");
    lab.run("faulty", &["board", "other"], &["--", "says::fail"])
        .expect_code(2);
    let mut rerun = lab.tool();
    rerun.args(["rerun", "results", "--results", "again"]);
    let ran = lab.end(rerun.spawn().unwrap()).expect_code(2);
    let refused = "error: other: the suite did not begin (exit code 2):\nerror: ";
    assert!(ran.stderr.contains(refused), "{}", ran.stderr);
    assert!(ran.stderr.contains("--nonsense"), "{}", ran.stderr);
    assert_eq!(verdicts(&lab.host().join("again")).len(), 1);
    let mut only_failed = lab.tool();
    only_failed.args(["rerun", "results", "--failed", "--results", "failed"]);
    let ran = lab.end(only_failed.spawn().unwrap()).expect_code(101);
    assert!(!ran.stderr.contains("error:"), "{}", ran.stderr);
}

#[test]
fn targets_share_the_tests() {
    let lab = Lab::with_board();
    lab.add_target("other", "local", "");
    let config = lab.host().join("autotest.toml");
    let group = "[groups]\nlab = [\"board\", \"other\"]\n";
    let text = fs::read_to_string(&config).unwrap() + group;
    fs::write(&config, text).unwrap();
    let ran = lab.run("many", &["lab"], &["--shard"]).expect_code(101);
    let here = lab.at_home("many", &[]);
    let failed = verdicts(&here.jobdir())
        .iter()
        .filter(|it| it.contains("Fail"))
        .count();
    assert_eq!(
        ran.stderr.matches("FAILED").count(),
        failed,
        "{}",
        ran.stderr
    );
    assert_eq!(verdicts(&lab.results().jobdir()), verdicts(&here.jobdir()));
}

#[test]
fn what_failed_runs_again() {
    let lab = Lab::with_board();
    lab.run("many", &["board"], &[]).expect_code(101);
    let rerun = |args: &[&str]| {
        let mut command = lab.tool();
        command.arg("rerun").args(args);
        lab.end(command.spawn().unwrap())
    };
    let ran = rerun(&["results", "--failed", "--results", "again"]);
    let ran = ran.expect_code(101);
    let summary = "test result: FAILED. 0 passed; 10 failed;";
    assert!(ran.stdout.contains(summary), "{}", ran.stdout);
    let failed = |jobdir: PathBuf| {
        let mut failed = verdicts(&jobdir);
        failed.retain(|verdict| verdict.contains("Fail") || verdict.contains("Error"));
        failed
    };
    let again = verdicts(&lab.host().join("again"));
    assert_eq!(again, failed(lab.host().join("results")));
    fs::remove_dir_all(lab.host().join("results")).unwrap();
    lab.run("faulty", &["board"], &["--", "parts"])
        .expect_code(0);
    let nothing = rerun(&["results", "--results", "none"]).expect_code(0);
    assert!(nothing.stdout.contains("nothing"), "{}", nothing.stdout);
    fs::remove_file(lab.host().join("results/.autotest-run.json")).unwrap();
    let told = rerun(&["results"]).expect_code(2);
    let expected = "error: `[LAB]/host/results` does not say what ran; name the suite, package or binary: \
                    cargo autotest rerun DIR NAME\n";
    assert_eq!(told.stderr, expected);
}

#[test]
fn targets_that_share_a_directory_do_not_share_a_job() {
    let lab = Lab::new();
    let same = |name: &str| {
        let directory = lab.path("shared").display().to_string();
        format!("[targets.{name}]\naddress = \"local\"\ndirectory = \"{directory}\"\n")
    };
    fs::write(lab.host().join("autotest.toml"), same("one") + &same("two")).unwrap();
    lab.run("many", &["one", "two"], &["--shard"])
        .expect_code(101);
    let here = lab.at_home("many", &[]);
    assert_eq!(verdicts(&lab.results().jobdir()), verdicts(&here.jobdir()));
}

/// As after a host that was killed when all results had come, or a target that has lost its files.
#[test]
fn a_job_whose_results_are_here_is_not_run_again() {
    let lab = Lab::with_board();
    lab.run("many", &["board"], &["--", "a::"]).expect_code(101);
    let state = lab.host().join("results/.autotest-run.json");
    let text = fs::read_to_string(&state).unwrap();
    let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
    json["jobs"][0]["progress"] = "running".into();
    fs::write(&state, json.to_string()).unwrap();
    let before = lab.results().file("journal.jsonl");
    let mut attach = lab.tool();
    let ran = lab.end(attach.args(["attach", "results"]).spawn().unwrap());
    let ran = ran.expect_code(101);
    assert!(
        ran.stdout
            .contains("test result: FAILED. 19 passed; 1 failed;"),
        "{}",
        ran.stdout
    );
    assert_eq!(lab.results().file("journal.jsonl"), before);
}

/// A job that went away with its directory, of which nothing is here yet.
#[test]
fn a_target_that_lost_the_job_is_not_waited_for_for_ever() {
    let lab = Lab::with_board();
    let args = [&["--detach"], LONG].concat();
    lab.run("many", &["board"], &args).expect_code(0);
    lab.take_away("board");
    while fs::remove_dir_all(lab.path("board/jobs")).is_err() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    fs::create_dir(lab.path("board/jobs")).unwrap();
    let mut attach = lab.tool();
    attach.args(["attach", "results", "--patience", "1"]);
    let ran = lab.end(attach.spawn().unwrap()).expect_code(1);
    assert!(ran.stderr.contains("does not come back"), "{}", ran.stderr);
}

#[test]
fn a_job_that_is_ended_before_it_begins_does_not_begin() {
    let lab = Lab::with_board();
    let child = lab.command("many", &["board"], LONG).spawn().unwrap();
    let start = std::time::Instant::now();
    while !lab.path("board/store").exists() {
        assert!(start.elapsed().as_secs() < 60);
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    send(child.id(), "-TERM");
    let ran = lab.end(child);
    // The signal may come before it is caught, or after the first test.
    let is_ended = [None, Some(143)].contains(&ran.code);
    assert!(is_ended, "{:?} {}", ran.code, ran.stderr);
}

/// The target's clock is five years behind, for the suite and everything that it starts.
#[test]
fn a_clock_that_is_years_off_does_no_harm() {
    let library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
    if !Path::new(library).is_file() {
        eprintln!("left out: libfaketime is not installed (Debian: faketime)");
        return;
    }
    let lab = Lab::new();
    let clock = format!(
        "env = {{ LD_PRELOAD = \"{library}\", FAKETIME = \"-1825d\", DONT_FAKE_MONOTONIC = \"1\" }}"
    );
    lab.add_target("board", "local", &clock);
    let ran = lab.run("many", &["board"], &["--", "a::"]).expect_code(101);
    assert!(
        ran.stdout.contains("19 passed; 1 failed;"),
        "{}",
        ran.stdout
    );
    let here = lab.at_home("many", &["a::"]);
    assert_same_results(&lab.results(), &here);
    let began = |tree: &Tree| {
        let keyval = fs::read_to_string(tree.jobdir().join("keyval")).unwrap();
        let line = keyval
            .lines()
            .find_map(|line| line.strip_prefix("job_started="));
        line.unwrap().parse::<u64>().unwrap()
    };
    assert!(began(&lab.results()) + 1000 * 86400 < began(&here));
}

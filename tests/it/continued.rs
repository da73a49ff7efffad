//! `--results DIR --continue`: one command line until the job has ended.

use std::fs;
use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::time::Duration;

use autotest_core::Event;
use autotest_report::Record;

use super::binary::{Tree, fixture, fixture_command};
use super::interrupts::wait_until;
use super::random::Random;
use super::resume::{counted, kills};

const ALWAYS: &[&str] = &["--results", "results", "--continue"];

fn start(home: &Path, fixture: &str, args: &[&str]) -> Child {
    let mut command = fixture_command(home, fixture);
    command.args(ALWAYS).args(args);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

fn run(home: &Path, fixture: &str, args: &[&str]) -> Output {
    let mut command = fixture_command(home, fixture);
    command.args(ALWAYS).args(args).output().unwrap()
}

#[track_caller]
fn check(output: &Output, code: i32, stderr: &str) {
    assert_eq!(String::from_utf8_lossy(&output.stderr), stderr);
    assert_eq!(output.status.code(), Some(code));
}

fn journal(home: &Path) -> Vec<u8> {
    fs::read(home.join("results/journal.jsonl")).unwrap()
}

const ENDED: &str = "note: the job in `results` has ended, so nothing runs\n";

#[test]
fn a_job_begins_goes_on_after_each_kill_and_is_not_repeated() {
    let undisturbed = fixture("many", &[]).expect_code(101);
    let expected = counted(&undisturbed.file("status.log"));
    let mut random = Random::new();
    let mut killed = 0;
    while killed < kills() / 2 {
        let home = tempfile::tempdir().unwrap();
        let mut time = Duration::from_millis(200);
        let code = loop {
            let mut job = start(home.path(), "many", &["--attempts", "1000"]);
            std::thread::sleep(random.up_to(time));
            match job.try_wait().unwrap() {
                Some(status) => break status.code(),
                None => {
                    job.kill().unwrap();
                    job.wait().unwrap();
                    killed += 1;
                }
            }
            time += Duration::from_millis(60);
        };
        assert_eq!(code, Some(101));
        let tree = Tree::at(home.path(), "results");
        assert_eq!(counted(&tree.file("status.log")), expected);
        let before = journal(home.path());
        let again = run(home.path(), "many", &["--attempts", "1000"]);
        let note = ENDED;
        check(&again, 101, note);
        assert!(journal(home.path()) == before);
    }
    eprintln!("killed {killed} times");
}

#[test]
fn the_exit_code_of_a_job_that_passed_is_0_whenever_it_is_asked_for() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("results")).unwrap();
    check(&run(home.path(), "many", &["a::t00"]), 0, "");
    for _ in 0..2 {
        let note = ENDED;
        check(&run(home.path(), "many", &["a::t00"]), 0, note);
    }
}

#[test]
fn a_command_line_is_the_same_however_it_is_spelled() {
    let home = tempfile::tempdir().unwrap();
    let first = fixture_command(home.path(), "many")
        .args(["a::t0", "--iterations", "2", "-q", "--results", "results"])
        .output()
        .unwrap();
    assert_eq!(first.status.code(), Some(101));
    let note = ENDED;
    let again = run(home.path(), "many", &["--iterations=2", "--quiet", "a::t0"]);
    check(&again, 101, note);
}

#[test]
fn other_arguments_are_refused() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(run(home.path(), "many", &["a::t00"]).status.code(), Some(0));
    let refused = |there: &str, here: &str| {
        format!(
            "error: the job in `results` was started with {there}, and this command line has {here}: give the same \
             arguments, or another directory\n"
        )
    };
    let other = run(home.path(), "many", &["a::t01", "--fail-fast"]);
    check(&other, 2, &refused("`a::t00`", "`--fail-fast a::t01`"));
    let none = run(home.path(), "many", &[]);
    check(&none, 2, &refused("`a::t00`", "no other arguments"));
    let preset = fixture_command(home.path(), "many")
        .args(ALWAYS)
        .arg("a::t00")
        .env("AUTOTEST_OPTIONS", "--fail-fast")
        .output()
        .unwrap();
    check(&preset, 2, &refused("no other arguments", "`--fail-fast`"));
    let mut mended = fixture_command(home.path(), "mended");
    let mended = mended.args(["--results", "of mended", "--continue", "c_errors"]);
    assert_eq!(mended.output().unwrap().status.code(), Some(101));
    let variable = mended
        .env("AUTOTEST_PARAM_MENDED", "file")
        .output()
        .unwrap();
    let expected =
        "with no other arguments, and this command line has `AUTOTEST_PARAM_MENDED=file`: give";
    assert!(
        String::from_utf8_lossy(&variable.stderr).contains(expected),
        "{variable:?}"
    );
    let nowhere = fixture_command(home.path(), "many")
        .arg("--continue")
        .output();
    let requires = "error: `--continue` has an effect only with `--results`; give both\n";
    check(&nowhere.unwrap(), 2, requires);
}

#[test]
fn a_directory_with_other_files_is_refused() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("results")).unwrap();
    fs::write(home.path().join("results/mine"), "").unwrap();
    let refused =
        "error: the results directory `results` is not empty: name another one, or remove it\n";
    check(&run(home.path(), "many", &[]), 2, refused);
}

#[test]
fn a_job_that_was_killed_before_its_first_record_begins_anew() {
    for begun in ["", "{\"seq\":0,\"run\":0"] {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("results")).unwrap();
        fs::write(home.path().join("results/journal.jsonl"), begun).unwrap();
        check(&run(home.path(), "many", &["a::t00"]), 0, "");
    }
}

/// Of two that are started at once, one has the job; the other says so, or finds it ended.
#[test]
fn two_at_once_run_each_test_once() {
    for _ in 0..10 {
        let home = tempfile::tempdir().unwrap();
        let two = [(); 2].map(|()| {
            let mut command = fixture_command(home.path(), "many");
            command.args(ALWAYS).args(["a::"]);
            command.stdout(Stdio::null()).stderr(Stdio::piped());
            command.spawn().unwrap()
        });
        let mut codes: Vec<_> = two
            .into_iter()
            .map(|process| {
                let output = process.wait_with_output().unwrap();
                let stderr = String::from_utf8(output.stderr).unwrap();
                if output.status.code() == Some(2) {
                    let locked = "error: another process writes the journal of this job; wait for its end\n";
                    let begins = "error: the results directory `results` is not empty: name another one, or remove it\n";
                    assert!([locked, begins].contains(&stderr.as_str()), "{stderr}");
                }
                output.status.code()
            })
            .collect();
        codes.sort_unstable();
        assert!(
            codes == [Some(2), Some(101)] || codes == [Some(101), Some(101)],
            "{codes:?}"
        );
        let journal = String::from_utf8(journal(home.path())).unwrap();
        let records = journal
            .lines()
            .map(|line| serde_json::from_str::<Record>(line).unwrap());
        let starts = records.filter(
            |record| matches!(&record.event, Event::TestStart(start) if start.parent.is_none()),
        );
        assert_eq!(starts.count(), 20);
    }
}

/// A pod that is stopped gets SIGTERM first.
#[test]
fn a_job_that_a_signal_ended_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let mut job = start(home.path(), "many", &[]);
    wait_until("a test has ended", || {
        let journal = fs::read_to_string(home.path().join("results/journal.jsonl"));
        journal.is_ok_and(|journal| journal.contains("test_end"))
    });
    let pid = rustix::process::Pid::from_raw(i32::try_from(job.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(job.wait().unwrap().code(), Some(143));
    assert_eq!(run(home.path(), "many", &[]).status.code(), Some(101));
    let undisturbed = fixture("many", &[]).expect_code(101);
    let expected = counted(&undisturbed.file("status.log"));
    let tree = Tree::at(home.path(), "results");
    assert_eq!(counted(&tree.file("status.log")), expected);
}

/// A job whose control function reboots the target.
#[test]
fn a_job_goes_on_after_a_reboot() {
    let home = tempfile::tempdir().unwrap();
    let args = ["--control", "reboots"];
    assert_eq!(run(home.path(), "controls", &args).status.code(), Some(75));
    let after = run(home.path(), "controls", &args);
    assert_eq!(
        after.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&after.stderr)
    );
    let note = ENDED;
    check(&run(home.path(), "controls", &args), 0, note);
}

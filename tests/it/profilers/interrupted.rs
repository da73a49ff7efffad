//! Jobs that are interrupted while profilers measure, that go on, and whose reports are made again.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};

use expect_test::expect;

use super::{profiling, verdicts};
use crate::binary::{fixture, fixture_command, fixture_with};
use crate::interrupts::{is_running, send, wait_until};
use crate::tree::Tree;

/// Commands that run until somebody ends them, and `notes`.
const PROFILERS: [&str; 4] = [
    "--profiler",
    "notes",
    "--profiler",
    r#"cmd:cmds=["exec sleep 1000"]"#,
];

/// A job whose test is in its profiled iteration.
fn measured(home: &Path) -> Child {
    let mut command = fixture_command(home, "profiled");
    command.args(PROFILERS);
    command.args([
        "--exact",
        "works",
        "--param",
        "time=2s",
        "--results",
        "results",
    ]);
    let job = command.stdout(Stdio::null()).spawn().unwrap();
    let jobdir = home.join("results");
    wait_until("the command of a profiler runs", || {
        jobdir.join("works/profiler").exists()
            && fs::read_to_string(jobdir.join("works/profiling/cmdprofile"))
                .is_ok_and(|text| !text.is_empty())
    });
    job
}

/// The process of the profiler `notes`.
fn profiler(home: &Path) -> u32 {
    let pids = fs::read_to_string(home.join("results/works/profiler")).unwrap();
    pids.lines().last().unwrap().parse().unwrap()
}

#[test]
fn profilers_end_with_a_killed_supervisor_and_measure_again_when_the_job_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let mut job = measured(home.path());
    let before = profiler(home.path());
    send("-KILL", job.id());
    job.wait().unwrap();
    wait_until("the profiler is gone", || !is_running(before));
    let mut command = fixture_command(home.path(), "profiled");
    let output = command.args(["--resume", "results"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let tree = Tree::at(home.path(), "results");
    let notes = |dir: &str| tree.file(&format!("{dir}/notes"));
    expect![[r#"
        note initialize 2
        note before_start 2
        note start 2
        note stop 2
        note report 2
    "#]]
    .assert_eq(&notes("works/profiling/iteration.2"));
    expect![[r#"
        note initialize 2
        note before_start 2
        note start 2
    "#]]
    .assert_eq(&notes("works.attempt-1/profiling"));
}

#[test]
fn profilers_of_a_job_that_is_told_to_end_are_stopped_and_report() {
    let home = tempfile::tempdir().unwrap();
    let mut job = measured(home.path());
    let before = profiler(home.path());
    send("-TERM", job.id());
    assert_eq!(job.wait().unwrap().code(), Some(143));
    assert!(!is_running(before));
    let tree = Tree::at(home.path(), "results");
    let notes = tree.file("works/profiling/iteration.2/notes");
    assert!(notes.ends_with("note stop 2\nnote report 2\n"), "{notes}");
    let log = tree.log("status.log");
    assert!(log.contains("ABORT→works→works→"), "{log}");
}

#[test]
fn tests_at_once_have_profilers_of_their_own() {
    let args = [
        "--test-threads",
        "2",
        "--param",
        "time=200ms",
        "--exact",
        "works",
        "passes",
    ];
    let ran = fixture("profiled", &[&PROFILERS[..], &args].concat());
    let mut lines: Vec<_> = verdicts(&ran).lines().map(str::to_owned).collect();
    lines.sort();
    assert_eq!(lines, ["test passes ... ok", "test works ... ok"]);
    expect![[r#"
        passes/profiling/iteration.2/cmdprofile
        passes/profiling/iteration.2/marks
        passes/profiling/iteration.2/notes
        works/profiling/iteration.2/cmdprofile
        works/profiling/iteration.2/marks
        works/profiling/iteration.2/notes
    "#]]
    .assert_eq(&profiling(&ran));
}

#[test]
fn a_job_file_has_profilers_and_its_reports_are_made_again() {
    let home = tempfile::tempdir().unwrap();
    let job = r#"{"settings": {"profilers": ["notes:text=file", "bad:step=stop,how=fail"]}, "runs": [{"test": "passes"}]}"#;
    fs::write(home.path().join("job.json"), job).unwrap();
    let job = home.path().join("job.json");
    let ran = fixture_with(&[], "profiled", &["--job", job.to_str().unwrap()]).expect_code(0);
    let expected = "test passes ... ok (WARN: the profiler `bad` failed in `stop`: no such tool; install it)\n";
    assert_eq!(verdicts(&ran), expected);
    assert!(
        ran.file("passes/profiling/iteration.2/notes")
            .starts_with("file initialize 2\n")
    );
    let (log, tree) = (ran.log("status.log"), ran.tree());
    let jobdir = ran.jobdir();
    let output = fixture_command(home.path(), "profiled")
        .arg("--replay")
        .arg(&jobdir)
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains(expected), "{stdout}");
    assert_eq!((ran.log("status.log"), ran.tree()), (log, tree));
}

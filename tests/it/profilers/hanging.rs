//! Profilers that do not return: their time is limited, and neither the tests nor the end of the job wait longer.

use std::fs::{self, File};
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::binary::fixture_command;
use crate::interrupts::{send, wait_until};
use crate::tree::Tree;

/// Longer than any of these jobs takes, and shorter than the shortest limit that must not apply.
const PATIENCE: Duration = Duration::from_secs(45);

const ISOLATIONS: [&str; 2] = ["fork", "exec"];

/// A job in progress.
struct Running {
    home: TempDir,
    job: Child,
}

/// A job that ended.
struct Ended {
    status: ExitStatus,
    stdout: String,
    tree: Tree,
    _home: TempDir,
}

impl Running {
    fn start(args: &[&str]) -> Running {
        let home = tempfile::tempdir().unwrap();
        let stdout = File::create(home.path().join("stdout")).unwrap();
        let mut command = fixture_command(home.path(), "profiled");
        command.args(["--results", "results"]).args(args);
        let job = command.stdout(stdout).spawn().unwrap();
        Running { home, job }
    }

    /// Waits until a profiler hangs.
    fn hangs(self, test: &str) -> Running {
        let hangs = self.home.path().join("results").join(test).join("hangs");
        wait_until("a profiler hangs", || hangs.exists());
        self
    }

    /// Waits for the end of the job; one that hangs is killed.
    #[track_caller]
    fn end(mut self) -> Ended {
        let begin = Instant::now();
        let status = loop {
            if let Some(status) = self.job.try_wait().unwrap() {
                break status;
            }
            if begin.elapsed() > PATIENCE {
                self.job.kill().unwrap();
                self.job.wait().unwrap();
                panic!("the job hangs: {}", self.stdout());
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        Ended {
            status,
            stdout: self.stdout(),
            tree: Tree::at(self.home.path(), "results"),
            _home: self.home,
        }
    }

    fn stdout(&self) -> String {
        fs::read_to_string(self.home.path().join("stdout")).unwrap()
    }
}

/// The verdicts, and what is told beside them.
fn told(ended: &Ended) -> String {
    let is_told = |line: &&str| line.contains(" ... ") || line.contains("also ");
    let lines = ended.stdout.lines().filter(is_told);
    lines.map(|line| line.trim().to_owned() + "\n").collect()
}

/// Checks a job that is told to end while its profiler hangs in a step.
fn check_interrupted(isolation: &str, step: &str, test: &str, verdict: &str) {
    let bad = format!("bad:step={step},how=hang");
    let isolation = ["--isolation", isolation];
    let args = [&["--profiler", &bad], &isolation[..], &["--exact", test]].concat();
    let running = Running::start(&args).hangs(test);
    send("-TERM", running.job.id());
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(143), "{}", ended.stdout);
    let expected = format!(
        "test {test} ... FAILED ({verdict})\n\
         also end: WARN: the profiler `bad` was ended in `{step}`: it did not return within 2 s\n"
    );
    assert_eq!(told(&ended), expected);
}

#[test]
fn a_job_that_is_told_to_end_waits_for_no_profiler() {
    std::thread::scope(|scope| {
        for isolation in ISOLATIONS {
            scope.spawn(move || check_interrupted(isolation, "setup", "passes", "ABORT"));
            scope.spawn(move || check_interrupted(isolation, "report", "passes", "ABORT"));
            // The process of this test has ended, and so its verdict is decided.
            scope.spawn(move || check_interrupted(isolation, "report", "crashes", "ERROR"));
        }
    });
}

#[test]
fn a_job_that_is_out_of_time_waits_for_no_profiler() {
    for step in ["setup", "report"] {
        let bad = format!("bad:step={step},how=hang");
        let args = [
            "--profiler",
            &bad,
            "--job-timeout",
            "3s",
            "--exact",
            "passes",
        ];
        let ended = Running::start(&args).end();
        assert_eq!(ended.status.code(), Some(101), "{}", ended.stdout);
        let log = ended.tree.log("status.log");
        assert!(
            log.ends_with("→the job exceeded its time limit of 3s\n"),
            "{log}"
        );
    }
}

#[test]
fn a_profiler_that_does_not_return_is_ended_and_the_next_test_is_run_as_usual() {
    std::thread::scope(|scope| {
        for isolation in ISOLATIONS {
            for step in ["setup", "report"] {
                scope.spawn(move || check_ended(isolation, step, "hang"));
                scope.spawn(move || check_ended(isolation, step, "chatter"));
            }
        }
    });
}

#[track_caller]
fn check_ended(isolation: &str, step: &str, how: &str) {
    let hasty = format!("hasty:step={step},how={how}");
    let profilers = ["--profiler", "notes", "--profiler", &hasty];
    let tests = ["crashes", "fails", "passes", "passes_too"];
    let isolation = ["--isolation", isolation, "--exact"];
    let ended = Running::start(&[&profilers[..], &isolation, &tests].concat()).end();
    let trouble =
        format!("WARN: the profiler `hasty` was ended in `{step}`: it did not return within 2 s");
    let expected = format!(
        "test crashes ... FAILED (ERROR)\n\
         test fails ... FAILED (FAIL)\n\
         test passes ... ok ({trouble})\n\
         test passes_too ... ok ({trouble})\n\
         also end: {trouble}\n\
         also end: {trouble}\n"
    );
    assert_eq!(told(&ended), expected);
    for test in tests {
        let notes = ended
            .tree
            .file(&format!("{test}/profiling/iteration.2/notes"));
        assert!(
            notes.ends_with("note stop 2\nnote report 2\n"),
            "{test}: {notes}"
        );
    }
    if how == "chatter" {
        let printed = ended.tree.jobdir().join("passes/debug/hasty.stdout");
        assert!(fs::metadata(printed).unwrap().len() < 9 << 20);
    }
}

//! Packages whose jobs are interrupted.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use autotest_core::{Event, Status};
use autotest_report::Record;
use tempfile::TempDir;

use super::super::binary::{Tree, fixture_command};
use super::super::interrupts::{send, wait_until};
use super::super::random::Random;
use super::super::resume::kills;
use super::packed::package;

/// A job in which a package's test waits for a file.
struct Waiting {
    home: TempDir,
}

impl Waiting {
    fn new() -> Waiting {
        Waiting {
            home: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn trace(&self) -> String {
        fs::read_to_string(self.path("trace")).unwrap_or_default()
    }

    fn tree(&self) -> Tree {
        Tree::at(self.home.path(), "results")
    }

    /// Installs the package, so that this takes none of a later job's time.
    fn install(&self) {
        let mut command = fixture_command(self.home.path(), "packaged");
        command.arg("--package").arg(package("packaged"));
        let status = command
            .args(["--results", "before"])
            .stdout(Stdio::null())
            .status();
        assert!(status.unwrap().success());
    }

    /// Starts the job, and waits until the package's test waits.
    fn start(&self, args: &[&str]) -> Child {
        let until = format!("until={}", self.path("gate").display());
        let trace = format!("trace={}", self.path("trace").display());
        let mut command = fixture_command(self.home.path(), "packaged");
        command.arg("--package").arg(package("packaged"));
        command.args(["--results", "results", "--param", &until, "--param", &trace]);
        let child = command.args(args).stdout(Stdio::null()).spawn().unwrap();
        wait_until("the package's test waits", || {
            let journal = fs::read_to_string(self.path("results/journal.jsonl"));
            let is_on_record = journal.is_ok_and(|text| text.contains("\"packaged/job/waits\""));
            is_on_record && self.trace().ends_with("begins\n")
        });
        child
    }

    /// Lets the test pass, and continues the job.
    fn resume(&self) -> Option<i32> {
        fs::write(self.path("gate"), "").unwrap();
        let mut command = fixture_command(self.home.path(), "packaged");
        let status = command
            .args(["--resume", "results"])
            .stdout(Stdio::null())
            .status();
        status.unwrap().code()
    }

    /// The runs of a job, each with its subdir and the statuses of its ends; `None` for an attempt.
    fn runs(&self, jobdir: &str) -> Vec<(String, Vec<Option<Status>>)> {
        let journal = fs::read_to_string(self.path(jobdir).join("journal.jsonl")).unwrap();
        let mut runs: BTreeMap<u32, (String, Vec<Option<Status>>)> = BTreeMap::new();
        for line in journal.lines() {
            let record: Record = serde_json::from_str(line).unwrap();
            match record.event {
                Event::TestStart(start) => {
                    runs.insert(record.run, (start.subdir, Vec::new()));
                }
                Event::TestEnd { status, .. } => {
                    runs.get_mut(&record.run).unwrap().1.push(Some(status));
                }
                Event::Attempt { .. } => runs.get_mut(&record.run).unwrap().1.push(None),
                _ => {}
            }
        }
        runs.into_values().collect()
    }
}

fn run(subdir: &str, ends: &[Option<Status>]) -> (String, Vec<Option<Status>>) {
    (subdir.to_owned(), ends.to_vec())
}

const GOOD: Option<Status> = Some(Status::Good);
const ABORT: Option<Status> = Some(Status::Abort);
const ERROR: Option<Status> = Some(Status::Error);

#[test]
fn a_timeout_ends_its_tests_with_their_cleanup() {
    let job = Waiting::new();
    job.install();
    let code = job.start(&["--timeout", "5s"]).wait().unwrap().code();
    assert_eq!(code, Some(101));
    assert_eq!(job.trace(), "begins\ncleans up\n");
    assert_eq!(
        job.runs("results"),
        [
            run("packaged", &[ERROR]),
            run("packaged/job/may_fail", &[GOOD]),
            run("packaged/job/takes", &[GOOD]),
            run("packaged/job/waits", &[ABORT]),
        ]
    );
    let log = job.tree().log("status.log");
    assert!(
        log.contains("ERROR→packaged→packaged→timestamp=.→localtime=.→timed out after 5s\n"),
        "{log}"
    );
}

#[test]
fn a_signal_ends_its_tests_with_their_cleanup_and_it_is_resumed() {
    let job = Waiting::new();
    let mut child = job.start(&[]);
    send("-TERM", child.id());
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert_eq!(job.trace(), "begins\ncleans up\n");
    assert_eq!(job.resume(), Some(0));
    check_resumed(&job, &[ABORT, None]);
}

#[test]
fn a_killed_job_is_resumed_with_one_verdict_for_the_package() {
    let job = Waiting::new();
    let mut child = job.start(&[]);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(job.resume(), Some(0));
    check_resumed(&job, &[None]);
}

/// The first run of the package is an attempt, with these ends, and the second one passed.
#[track_caller]
fn check_resumed(job: &Waiting, attempt: &[Option<Status>]) {
    let runs = job.runs("results");
    assert_eq!(runs[0], run("packaged", attempt));
    assert_eq!(
        runs[1..3],
        [
            run("packaged/job/may_fail", &[GOOD]),
            run("packaged/job/takes", &[GOOD])
        ]
    );
    assert_eq!(runs[3].0, "packaged/job/waits");
    assert_eq!(runs[3].1.len(), 1, "{runs:?}");
    let again =
        ["may_fail", "takes", "waits"].map(|test| run(&format!("packaged/job/{test}"), &[GOOD]));
    assert_eq!(
        runs[4],
        run("packaged", &[GOOD]),
        "{}",
        job.tree().log("status.log")
    );
    assert_eq!(runs[5..], again);
    let tree = job.tree();
    assert!(
        tree.tree()
            .contains(&"packaged.attempt-1/job/waits/".to_owned())
    );
    let log = tree.log("status.log");
    assert!(log.contains("→END GOOD→packaged→packaged→"), "{log}");
    super::super::tko::check_tree(&tree.jobdir());
}

#[test]
fn an_executable_that_is_killed_loses_no_verdict() {
    let job = Waiting::new();
    let mut child = job.start(&[]);
    let executable = "/packaged/packaged\0--results\0";
    let supervisor = || {
        let processes = fs::read_dir("/proc").unwrap();
        let mut pids =
            processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
        let home = job.home.path().to_str().unwrap().to_owned();
        pids.find(|pid| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).into_owned();
            line.contains(executable)
                && line.contains(&home)
                && fs::read_to_string(format!("/proc/{pid}/stat"))
                    .is_ok_and(|stat| !stat.contains(") Z"))
        })
    };
    send("-KILL", supervisor().unwrap());
    assert_eq!(child.wait().unwrap().code(), Some(101));
    let runs = job.runs("results");
    assert_eq!(runs[0], run("packaged", &[ERROR]));
    assert_eq!(runs[3], run("packaged/job/waits", &[ABORT]));
}

/// A sixth of the kills of a job of short tests, since each takes longer.
#[test]
fn a_package_that_is_killed_again_and_again_has_one_verdict() {
    let mut random = Random::new();
    let mut killed = 0;
    while killed < kills() / 6 {
        let job = Waiting::new();
        job.install();
        fs::write(job.path("gate"), "").unwrap();
        let package = package("packaged");
        let mut args = vec![
            "--results",
            "results",
            "--package",
            package.to_str().unwrap(),
        ];
        let mut time = Duration::from_millis(200);
        loop {
            let mut command = fixture_command(job.home.path(), "packaged");
            let mut child = command.args(&args).stdout(Stdio::null()).spawn().unwrap();
            std::thread::sleep(random.up_to(time));
            if let Some(status) = child.try_wait().unwrap() {
                assert_eq!(status.code(), Some(0));
                break;
            }
            child.kill().unwrap();
            child.wait().unwrap();
            killed += 1;
            time += Duration::from_millis(40);
            let journal = fs::read_to_string(job.path("results/journal.jsonl"));
            match journal.is_ok_and(|journal| journal.contains('\n')) {
                true => args = vec!["--resume", "results", "--attempts", "1000"],
                false => drop(fs::remove_dir_all(job.path("results"))),
            }
        }
        check_verdicts(&job);
    }
    eprintln!("killed {killed} times");
}

/// Each attempt of the package ended as one, the last one passed, and each of its tests with it.
#[track_caller]
fn check_verdicts(job: &Waiting) {
    let runs = job.runs("results");
    let mut packages: Vec<_> = runs
        .iter()
        .filter(|(subdir, _)| subdir == "packaged")
        .collect();
    assert_eq!(packages.pop().unwrap().1, [GOOD]);
    assert!(packages.iter().all(|(_, ends)| *ends == [None]), "{runs:?}");
    assert!(runs.iter().all(|(_, ends)| ends.len() == 1), "{runs:?}");
    let last =
        ["may_fail", "takes", "waits"].map(|test| run(&format!("packaged/job/{test}"), &[GOOD]));
    assert!(runs.ends_with(&last), "{runs:?}");
    super::super::tko::check_tree(&job.path("results"));
}

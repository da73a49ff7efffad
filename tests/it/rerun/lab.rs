//! Where jobs run one after another.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use autotest_core::{Event, JobStart};
use autotest_report::Record;

use crate::binary::fixture_command;

/// A directory in which jobs run one after another.
pub(super) struct Lab(tempfile::TempDir);

impl Lab {
    pub(super) fn new() -> Lab {
        Lab(tempfile::tempdir().unwrap())
    }

    pub(super) fn home(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn command(&self, fixture: &str, args: &[&str]) -> Command {
        let mut command = fixture_command(self.home(), fixture);
        command.args(args);
        command
    }

    pub(super) fn run(&self, fixture: &str, args: &[&str]) -> Output {
        self.command(fixture, args).output().unwrap()
    }

    /// Runs the fixture `mended`, and checks its exit code.
    #[track_caller]
    pub(super) fn mended(&self, args: &[&str], code: i32) -> Output {
        let output = self.run("mended", args);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{stderr}");
        output
    }

    /// The first job, with a secret and a tag.
    pub(super) fn first(&self) {
        let mended = format!("mended={}", self.home().join("mended").display());
        let params = [
            "--param",
            "token=s3cret",
            "--param",
            &mended,
            "--param",
            "mb=3",
        ];
        self.mended(
            &[&["--results", "one", "--tag", "v1"], &params[..]].concat(),
            101,
        );
    }

    pub(super) fn mend(&self) {
        fs::write(self.home().join("mended"), "").unwrap();
    }

    pub(super) fn records(&self, job: &str) -> Vec<Record> {
        let journal = fs::read_to_string(self.home().join(job).join("journal.jsonl")).unwrap();
        let lines = journal.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    pub(super) fn start(&self, job: &str) -> JobStart {
        match self.records(job).swap_remove(0).event {
            Event::JobStart(start) => *start,
            other => panic!("{other:?}"),
        }
    }

    /// The names of the planned runs.
    pub(super) fn plan(&self, job: &str) -> Vec<String> {
        let plan = self.start(job).plan.into_iter();
        plan.map(|planned| planned.operation).collect()
    }

    /// The status of each run, in the order of the ends.
    pub(super) fn verdicts(&self, job: &str) -> Vec<String> {
        let log = fs::read_to_string(self.home().join(job).join("status.log")).unwrap();
        let ends = log
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("END "));
        ends.map(|end| end.split('\t').take(2).collect::<Vec<_>>().join(" "))
            .collect()
    }

    pub(super) fn file(&self, path: &str) -> String {
        fs::read_to_string(self.home().join(path)).unwrap()
    }
}

#[track_caller]
pub(super) fn check_refused(output: &Output, expected: &str) {
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        format!("error: {expected}\n")
    );
    assert_eq!(output.status.code(), Some(2));
}

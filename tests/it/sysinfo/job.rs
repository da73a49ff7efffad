//! A job of the fixture whose results are looked at.

use std::fs;
use std::ops::Deref;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::binary::{Tree, fixture_command, fixture_path};

/// Where dpkg has its database.
const DATABASE: &str = "/var/lib/dpkg/status";

/// A job: its directory `results`, beside the files that its tests get.
pub(super) struct Job {
    home: TempDir,
    tree: Tree,
    settings: Value,
    is_flag_given: bool,
}

impl Deref for Job {
    type Target = Tree;

    fn deref(&self) -> &Tree {
        &self.tree
    }
}

impl Job {
    pub(super) fn new() -> Job {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("log"), "from before\n").unwrap();
        let tree = Tree::at(home.path(), "results");
        Job {
            home,
            tree,
            settings: json!({}),
            is_flag_given: true,
        }
    }

    pub(super) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(super) fn without_flag(mut self) -> Job {
        self.is_flag_given = false;
        self
    }

    /// With these rows, of which a file is below the home.
    pub(super) fn with_rows(mut self, commands: Value, files: &Value) -> Job {
        let home = self.home.path().to_str().unwrap();
        let files: Value =
            serde_json::from_str(&files.to_string().replace("<root>", home)).unwrap();
        self.settings = json!({"sysinfo": {"commands": commands, "files": files}});
        self
    }

    /// With the log `log` as a row.
    pub(super) fn with_log(self) -> Job {
        self.with_rows(json!([]), &json!(["<root>/log"]))
    }

    /// Runs tests of the command line.
    pub(super) fn run(self, args: &[&str], code: i32) -> Job {
        let flag: &[&str] = if self.is_flag_given {
            &["--sysinfo"]
        } else {
            &[]
        };
        self.again(&[flag, &["--results", "results"], args].concat(), code)
    }

    /// Runs tests as a job file that has the settings.
    pub(super) fn run_file(self, tests: &[&str], args: &[&str], code: i32) -> Job {
        let runs = tests.iter().map(|test| json!({"test": test}));
        self.run_runs(&runs.collect(), args, code)
    }

    pub(super) fn run_runs(self, runs: &Value, args: &[&str], code: i32) -> Job {
        self.write_file(runs);
        let file = ["--job", "job.json"];
        self.run(&[&file, args].concat(), code)
    }

    pub(super) fn write_file(&self, runs: &Value) {
        let log = self.home.path().join("log");
        let elsewhere = self.home.path().join("elsewhere");
        let params = json!({"log": log, "elsewhere": elsewhere, "database": DATABASE});
        let file = json!({"settings": self.settings, "params": params, "runs": runs});
        fs::write(self.home.path().join("job.json"), file.to_string()).unwrap();
    }

    /// Runs tests with a database of packages, which takes root. `None`, and says why, without.
    pub(super) fn run_with_database(self, tests: &[&str]) -> Option<Job> {
        let database = "Package: old\nStatus: install ok installed\nVersion: 1\n\n\
                        Package: kept\nStatus: install ok installed\nVersion: 2\n\n";
        let own = self.home.path().join("status");
        fs::write(&own, database).unwrap();
        self.write_file(&tests.iter().map(|test| json!({"test": test})).collect());
        let bind = format!("mount --bind \"$1\" {DATABASE} && shift && exec \"$@\"");
        let mut command = Command::new("unshare");
        command
            .args([
                "--mount",
                "--propagation",
                "private",
                "sh",
                "-c",
                &bind,
                "sh",
            ])
            .args([&own, fixture_path("informed")])
            .args(["--sysinfo", "--job", "job.json", "--results", "results"])
            .current_dir(self.home.path());
        let output = command.output().unwrap();
        if !output.status.success() && !self.path("journal.jsonl").exists() {
            let reason = String::from_utf8_lossy(&output.stderr);
            eprintln!("left out: packages ({})", reason.trim());
            return None;
        }
        assert!(output.status.success(), "{output:?}");
        Some(self)
    }

    /// Runs tests of which one kills the supervisor.
    pub(super) fn killed(self, tests: &[&str]) -> Job {
        self.write_file(&tests.iter().map(|test| json!({"test": test})).collect());
        let args = ["--job", "job.json", "--results", "results"];
        let status = self.command(&args).output().unwrap().status;
        assert_eq!(status.signal(), Some(9), "{status}");
        self
    }

    pub(super) fn resume(self, code: i32) -> Job {
        self.again(&["--resume", "results"], code)
    }

    /// Runs the fixture with these arguments.
    pub(super) fn again(self, args: &[&str], code: i32) -> Job {
        let Output {
            status,
            stdout,
            stderr,
        } = self.command(args).output().unwrap();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let said = text(&stdout) + &text(&stderr);
        assert_eq!(status.code(), Some(code), "{said}");
        crate::tko::check_tree(&self.tree.jobdir());
        self
    }

    /// Runs tests as another user, who has no right to write where the modes do not give it. `None`, and says why,
    /// where that is not possible.
    pub(super) fn run_as_nobody(self, tests: &[&str]) -> Option<Job> {
        self.write_file(&tests.iter().map(|test| json!({"test": test})).collect());
        let binary = self.home.path().join("informed");
        let copied = Command::new("cp")
            .args([fixture_path("informed"), &binary])
            .status();
        assert!(copied.unwrap().success());
        let script = "chmod 777 . && chmod 666 log && exec setpriv --reuid=65533 --clear-groups \
                      ./informed --job job.json --results results";
        let mut command = Command::new("sh");
        command.args(["-c", script]).current_dir(self.home.path());
        let output = command.env("TMPDIR", self.home.path()).output().unwrap();
        if !self.path("journal.jsonl").exists() {
            let reason = String::from_utf8_lossy(&output.stderr);
            eprintln!("left out: another user ({})", reason.trim());
            return None;
        }
        assert!(output.status.success(), "{output:?}");
        Some(self)
    }

    pub(super) fn command(&self, args: &[&str]) -> Command {
        let mut command = fixture_command(self.home.path(), "informed");
        command.args(args);
        command
    }

    pub(super) fn path(&self, below: &str) -> PathBuf {
        self.tree.jobdir().join(below)
    }

    /// What a test has of the log; empty without a file.
    pub(super) fn log_of(&self, test: &str) -> String {
        fs::read_to_string(self.path(&format!("{test}/sysinfo/log"))).unwrap_or_default()
    }

    /// The names in a directory, sorted.
    pub(super) fn names(&self, dir: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(dir)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    /// What is in the directories of tests, a line each; without the logs of this machine.
    pub(super) fn of_tests(&self, tests: &[&str]) -> String {
        let of_machine = ["dmesg", "journal", "messages", "syslog"];
        let mut lines = String::new();
        for test in tests {
            lines.push_str(&format!("{test}\n"));
            for name in self.names(&format!("{test}/sysinfo")) {
                let path = format!("{test}/sysinfo/{name}");
                match fs::read_link(self.path(&path)) {
                    _ if of_machine.contains(&name.as_str()) => {}
                    Ok(to) => lines.push_str(&format!("{path} -> {}\n", to.display())),
                    Err(_) if self.path(&path).is_dir() => lines.push_str(&format!("{path}/\n")),
                    Err(_) => lines.push_str(&format!("{path}\n")),
                }
            }
        }
        lines
    }

    /// The lines of the status log about sysinfo, and notes beside verdicts: code, test, message.
    pub(super) fn notes(&self) -> String {
        let journal = fs::read_to_string(self.path("journal.jsonl")).unwrap();
        let mut notes = String::new();
        for line in journal.lines() {
            let record: Value = serde_json::from_str(line).unwrap();
            let event = &record["event"];
            let (status, suppressed) = (&event["status"], &event["suppressed"]);
            let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            let note = match (status["message"].as_str(), suppressed["origin"].as_str()) {
                (Some(message), _) if message.starts_with("sysinfo: ") => {
                    let code = status["code"].as_str().unwrap_or_default();
                    format!(
                        "{} {} {message}\n",
                        code.to_uppercase(),
                        text(&status["subdir"])
                    )
                }
                (_, Some("sysinfo")) => {
                    format!(
                        "run {}: {}\n",
                        record["run"],
                        text(&suppressed["verdict"]["reason"])
                    )
                }
                _ => continue,
            };
            notes.push_str(&note);
        }
        self.normal(&notes)
    }
}

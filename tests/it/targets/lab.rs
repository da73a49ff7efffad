//! A lab for a test: a host's directory with `autotest.toml`, and targets whose directories are beside it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use autotest_core::Event;
use autotest_report::Digest;
use autotest_report::journal::Records;
use tempfile::TempDir;

use super::super::binary::{Tree, fixture_path};
use super::super::host_tool::tool;

/// The tests that most tests run: some pass, some fail, with output, subtests and files.
pub(crate) const SELECTED: &[&str] = &["says::", "raises::", "nests::", "parts"];

/// A host and its targets.
pub(crate) struct Lab {
    home: TempDir,
}

/// A run that ended.
pub(crate) struct Tested {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Tested {
    #[track_caller]
    pub(crate) fn expect_code(self, code: i32) -> Tested {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }
}

/// A fixture without its debug information, which would take long to copy.
pub(crate) fn stripped(name: &str) -> PathBuf {
    static HOME: OnceLock<TempDir> = OnceLock::new();
    let home = HOME.get_or_init(|| tempfile::tempdir().unwrap());
    let path = home.path().join(name);
    static MADE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _made = MADE.lock().unwrap();
    if !path.exists() {
        let new = home.path().join(format!("{name}.new"));
        let mut strip = Command::new("strip");
        let is_stripped = strip.arg("-o").arg(&new).arg(fixture_path(name)).status();
        if !is_stripped.is_ok_and(|status| status.success()) {
            let mut cp = Command::new("cp");
            assert!(
                cp.arg(fixture_path(name))
                    .arg(&new)
                    .status()
                    .unwrap()
                    .success()
            );
        }
        fs::rename(new, &path).unwrap();
    }
    path
}

impl Lab {
    pub(crate) fn new() -> Lab {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("host")).unwrap();
        Lab { home }
    }

    /// A lab with the target `board`, which is this machine.
    pub(crate) fn with_board() -> Lab {
        let lab = Lab::new();
        lab.add_target("board", "local", "");
        lab
    }

    /// A path in the lab.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The directory of the host.
    pub(crate) fn host(&self) -> PathBuf {
        self.path("host")
    }

    /// Configures a target whose directory on the target is `NAME` in the lab.
    pub(crate) fn add_target(&self, name: &str, address: &str, more: &str) {
        let path = self.host().join("autotest.toml");
        let before = fs::read_to_string(&path).unwrap_or_default();
        let directory = self.path(name).display().to_string();
        let target = format!(
            "[targets.{name}]\naddress = \"{address}\"\ndirectory = \"{directory}\"\n{more}\n"
        );
        fs::write(path, before + &target).unwrap();
    }

    /// The tool, in the directory of the host.
    pub(crate) fn tool(&self) -> Command {
        let mut command = tool(&self.host());
        command.env_remove("RUST_BACKTRACE").stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// `cargo autotest run` of a fixture, with results in `results`.
    pub(crate) fn command(&self, fixture: &str, on: &[&str], args: &[&str]) -> Command {
        let mut command = self.tool();
        command.arg("run").arg(stripped(fixture));
        on.iter().for_each(|on| {
            command.args(["--on", on]);
        });
        command.args(["--results", "results"]).args(args);
        command
    }

    pub(crate) fn run(&self, fixture: &str, on: &[&str], args: &[&str]) -> Tested {
        self.end(self.command(fixture, on, args).spawn().unwrap())
    }

    /// What the tool printed, without what differs from run to run.
    pub(crate) fn end(&self, child: Child) -> Tested {
        let Output {
            status,
            stdout,
            stderr,
        } = child.wait_with_output().unwrap();
        let home = self.home.path().display().to_string();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).replace(&home, "[LAB]");
        Tested {
            code: status.code(),
            stdout: text(stdout),
            stderr: text(stderr),
        }
    }

    /// The results, normalized.
    pub(crate) fn results(&self) -> Tree {
        Tree::at(&self.host(), "results")
    }

    /// The results of the same fixture here, as its own binary leaves them.
    pub(crate) fn at_home(&self, fixture: &str, args: &[&str]) -> Tree {
        let home = self.path("at-home");
        fs::create_dir_all(&home).unwrap();
        let mut command = Command::new(stripped(fixture));
        for (name, _) in std::env::vars() {
            let others = ["AUTOTEST", "CARGO", "NEXTEST", "RUST_BACKTRACE"];
            if others.iter().any(|prefix| name.starts_with(prefix)) {
                command.env_remove(name);
            }
        }
        let output = command
            .current_dir(&home)
            .args(["--results", "results"])
            .args(args)
            .stdin(Stdio::null())
            .output();
        output.unwrap();
        Tree::at(&home, "results")
    }

    /// A program in the way of the system's own; returns the `PATH` that finds it.
    pub(crate) fn add_program(&self, name: &str, script: &str) -> String {
        let bin = self.path("bin");
        fs::create_dir_all(&bin).unwrap();
        let path = bin.join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        format!("{}:{}", bin.display(), std::env::var("PATH").unwrap())
    }

    /// Configures a device behind a program like `adb`, which `shell` serves; it is gone while there is a file
    /// `gone.NAME`, and hangs while there is a file `hangs.NAME`. Returns the `PATH` that finds the program.
    pub(crate) fn add_device(&self, name: &str, shell: &str) -> String {
        self.add_target(name, &format!("adb:{name}"), "");
        let gone = self.path("gone").display().to_string();
        let hangs = self.path("hangs").display().to_string();
        self.add_program(
            "adb",
            &format!(
                "while [ -e {hangs}.$2 ]; do sleep 0.02; done
[ -e {gone}.$2 ] && {{ echo \"error: device '$2' not found\" >&2; exit 1; }}
case $3 in
get-state) echo device ;;
shell) exec {shell} -c \"$5\" ;;
esac"
            ),
        )
    }

    /// From now on, a device does not answer.
    pub(crate) fn hang(&self, name: &str) {
        fs::write(self.path(&format!("hangs.{name}")), "").unwrap();
    }

    /// Lets a device that hangs go on.
    pub(crate) fn answer_again(&self, name: &str) {
        fs::remove_file(self.path(&format!("hangs.{name}"))).unwrap();
    }

    /// Takes a device away, with everything that runs on it.
    pub(crate) fn take_away(&self, name: &str) {
        fs::write(self.path(&format!("gone.{name}")), "").unwrap();
        for (pid, _) in self.processes_on(name) {
            send(pid, "-KILL");
        }
    }

    /// The processes on a target, with their command lines.
    pub(crate) fn processes_on(&self, name: &str) -> Vec<(u32, String)> {
        let directory = fs::canonicalize(self.path(name)).unwrap();
        let is_there = |pid: u32| {
            let cwd = fs::read_link(format!("/proc/{pid}/cwd"));
            cwd.is_ok_and(|cwd| cwd.starts_with(&directory))
        };
        let all = processes().into_iter();
        all.filter(|(pid, _)| is_there(*pid)).collect()
    }

    /// The processes whose command lines name something in the lab.
    pub(crate) fn processes_of_host(&self) -> Vec<(u32, String)> {
        let home = self.path("").display().to_string();
        let all = processes().into_iter();
        all.filter(|(_, line)| line.contains(&home)).collect()
    }

    /// Brings a device back.
    pub(crate) fn bring_back(&self, name: &str) {
        fs::remove_file(self.path(&format!("gone.{name}"))).unwrap();
    }

    /// Waits until a job on a target has sent something that contains this text; returns its journal.
    pub(crate) fn wait_for(&self, target: &str, text: &str) -> PathBuf {
        let start = Instant::now();
        loop {
            let mut journals = self
                .jobs_on(target)
                .into_iter()
                .map(|job| job.join("results/journal.jsonl"));
            let is_there =
                |path: &PathBuf| fs::read_to_string(path).is_ok_and(|it| it.contains(text));
            if let Some(journal) = journals.find(is_there) {
                return journal;
            }
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "nothing has `{text}`"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Kills the supervisor of a job.
    pub(crate) fn kill_supervisor(&self, journal: &Path) {
        let pid = supervisor(journal);
        Command::new("kill")
            .args(["-KILL", &pid.to_string()])
            .status()
            .unwrap();
    }

    /// What is left of jobs on a target.
    pub(crate) fn jobs_on(&self, target: &str) -> Vec<PathBuf> {
        let jobs = fs::read_dir(self.path(target).join("jobs"));
        let jobs = jobs.into_iter().flatten();
        jobs.map(|job| job.unwrap().path()).collect()
    }
}

/// All processes, with their command lines.
fn processes() -> Vec<(u32, String)> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let with_lines = pids.filter_map(|pid: u32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        Some((pid, String::from_utf8_lossy(&line).replace('\0', " ")))
    });
    with_lines.collect()
}

/// Sends a signal to a process, unless it has ended.
pub(crate) fn send(pid: u32, signal: &str) {
    let mut kill = Command::new("kill");
    kill.args([signal, &pid.to_string()]).output().unwrap();
}

/// The process id of the last supervisor of a job.
fn supervisor(journal: &Path) -> u32 {
    let file = fs::File::open(journal).unwrap();
    let pids = Records::new(file).filter_map(|record| match record.event {
        Event::JobStart(job) => Some(job.pid),
        Event::JobResume(job) => Some(job.pid),
        _ => None,
    });
    pids.last().unwrap()
}

/// The top-level tests of a job, each with its end, sorted. Attempts have ends, too.
pub(crate) fn verdicts(jobdir: &Path) -> Vec<String> {
    let journal = fs::File::open(jobdir.join("journal.jsonl")).unwrap();
    let digest = Digest::of(journal).unwrap();
    let tests = digest.tests();
    let mut verdicts: Vec<String> = tests
        .map(|run| format!("{} {:?}", run.name, run.end))
        .collect();
    verdicts.sort();
    verdicts
}

/// The same without attempts.
pub(crate) fn finals(tree: &Tree) -> Vec<String> {
    let mut verdicts = verdicts(&tree.jobdir());
    verdicts.retain(|verdict| !verdict.ends_with(" Attempt"));
    verdicts
}

/// Checks that two jobs left the same files with the same content, but for what differs from run to run.
#[track_caller]
pub(crate) fn assert_same_results(there: &Tree, here: &Tree) {
    let paths = |tree: &Tree| {
        let mut paths = tree.tree();
        paths.retain(|path| !path.starts_with(".autotest-run"));
        paths
    };
    assert_eq!(paths(there), paths(here));
    for path in paths(here).iter().filter(|path| !path.ends_with('/')) {
        // They have the command line, the times of all events, and a process id.
        if path == "journal.jsonl" || path == ".autoserv_execute" {
            continue;
        }
        let mode = |tree: &Tree| {
            let metadata = fs::symlink_metadata(tree.jobdir().join(path)).unwrap();
            metadata.permissions().mode()
        };
        let content = |tree: &Tree| without_times(path, &tree.file(path));
        assert_eq!(content(there), content(here), "{path}");
        assert_eq!(mode(there), mode(here), "{path}");
    }
}

/// The content of a file; lines of a log begin with the time.
fn without_times(path: &str, text: &str) -> String {
    const TIME: usize = "11/30 00:54:33.861 ".len();
    let is_log = [".DEBUG", ".INFO", ".WARNING", ".ERROR"];
    if !is_log.iter().any(|end| path.ends_with(end)) {
        return text.to_owned();
    }
    let lines = text.lines().map(|line| line.get(TIME..).unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

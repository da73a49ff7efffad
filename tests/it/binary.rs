//! Runs a test binary and shows what it printed and left, without what differs from run to run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use tempfile::TempDir;

/// The name of the results directory has what paths may have.
const RESULTS: &str = "résults with blanks";

/// A binary that ended.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    stdout: String,
    stderr: String,
    root: TempDir,
}

/// Runs a fixture of this package.
pub(crate) fn fixture(name: &str, args: &[&str]) -> Ran {
    run(fixture_path(name), args, &[])
}

/// Runs a fixture with variables.
pub(crate) fn fixture_with(variables: &[(&str, &str)], name: &str, args: &[&str]) -> Ran {
    run(fixture_path(name), args, variables)
}

fn fixture_path(name: &str) -> &'static Path {
    Path::new(match name {
        "faulty" => env!("CARGO_BIN_EXE_faulty"),
        "selected" => env!("CARGO_BIN_EXE_selected"),
        "twins" => env!("CARGO_BIN_EXE_twins"),
        other => panic!("no fixture is called {other}"),
    })
}

/// Runs an example, which is built if it is not.
pub(crate) fn example(name: &str, args: &[&str]) -> Ran {
    run(&examples_dir().join(name), args, &[])
}

fn examples_dir() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let profile_dir = Path::new(env!("CARGO_BIN_EXE_faulty")).parent().unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args([
            "build",
            "--quiet",
            "--package",
            "autotest-examples",
            "--examples",
        ]);
        cargo.arg("--target-dir").arg(profile_dir.parent().unwrap());
        assert!(
            cargo.status().unwrap().success(),
            "the examples do not build"
        );
        profile_dir.join("examples")
    })
}

fn run(program: &Path, args: &[&str], variables: &[(&str, &str)]) -> Ran {
    let root = tempfile::tempdir().unwrap();
    let mut command = command(program, root.path());
    command
        .arg("--results")
        .arg(root.path().join(RESULTS))
        .args(args)
        .envs(variables.iter().copied());
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran {
        code: status.code(),
        stdout: text(stdout),
        stderr: text(stderr),
        root,
    }
}

/// Runs an example whose results go to the place that it chooses below `home`; what it printed.
pub(crate) fn example_at_home(home: &Path, name: &str, args: &[&str]) -> String {
    let mut command = command(&examples_dir().join(name), home);
    let Output { status, stdout, .. } = command.args(args).output().unwrap();
    assert!(status.success(), "{status}");
    String::from_utf8(stdout).unwrap()
}

/// A fixture, ready to be started by the test itself.
pub(crate) fn fixture_command(home: &Path, name: &str) -> Command {
    command(fixture_path(name), home)
}

/// The program, with nothing of this environment but what it is told here.
fn command(program: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(home)
        .env_clear()
        .env("TZ", "UTC0")
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("TMPDIR", home);
    command
}

impl Ran {
    #[track_caller]
    pub(crate) fn expect_code(self, code: i32) -> Ran {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        self
    }

    pub(crate) fn stdout(&self) -> String {
        self.normal(&self.stdout)
    }

    pub(crate) fn stderr(&self) -> String {
        self.normal(&self.stderr)
    }

    pub(crate) fn jobdir(&self) -> PathBuf {
        self.root.path().join(RESULTS)
    }

    /// A file of the results tree.
    pub(crate) fn file(&self, path: &str) -> String {
        let path = self.jobdir().join(path);
        self.normal(
            &fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())),
        )
    }

    /// A status log of the results tree, with its tabs visible.
    pub(crate) fn log(&self, path: &str) -> String {
        self.file(path).replace('\t', "→")
    }

    /// The paths below the job's directory, sorted; directories end in `/`.
    pub(crate) fn tree(&self) -> Vec<String> {
        let mut paths = Vec::new();
        walk(&self.jobdir(), "", &mut paths);
        paths.sort();
        paths
    }

    /// What is left where temporary directories are made.
    pub(crate) fn left_in_tmp(&self) -> Vec<String> {
        let entries = fs::read_dir(self.root.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names
            .filter(|name| name != RESULTS && name != "autotest-results")
            .collect()
    }

    /// The one place that knows what differs from run to run.
    fn normal(&self, text: &str) -> String {
        let root = self.root.path().to_str().unwrap();
        let text = text.replace(root, "<root>").replace(RESULTS, "<results>");
        let lines = text.split_inclusive('\n').map(|line| {
            let line = masked(line, "timestamp=", |c| c.is_ascii_digit());
            let line = masked(&line, "localtime=", |c| c != '\t');
            let line = masked(&line, "job_started=", |c| c.is_ascii_digit());
            let line = masked(&line, "job_finished=", |c| c.is_ascii_digit());
            let line = masked(&line, "hostname=", |c| c != '\n');
            let line = masked(&line, "user=", |c| c != '\n');
            let line = masked_pids(&line);
            masked(&line, "finished in ", |c| c != '\n')
        });
        lines.collect()
    }
}

/// `line` with a dot for each process id in it, as in `sleep (123)`.
fn masked_pids(line: &str) -> String {
    let mut parts = line.split(" (");
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_pid = rest.len() < part.len() && rest.starts_with(')');
        masked.push_str(if is_pid { " (." } else { " (" });
        masked.push_str(if is_pid { rest } else { part });
    }
    masked
}

/// `line` with what follows `mark` replaced by a dot.
fn masked(line: &str, mark: &str, is_value: fn(char) -> bool) -> String {
    match line.split_once(mark) {
        Some((before, after)) => {
            format!("{before}{mark}.{}", after.trim_start_matches(is_value))
        }
        None => line.to_owned(),
    }
}

fn walk(dir: &Path, prefix: &str, paths: &mut Vec<String>) {
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            paths.push(format!("{prefix}{name}/"));
            walk(&entry.path(), &format!("{prefix}{name}/"), paths);
        } else {
            paths.push(format!("{prefix}{name}"));
        }
    }
}

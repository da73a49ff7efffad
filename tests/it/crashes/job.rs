//! Jobs of the fixture, and what they keep.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use super::super::binary::{Tree, fixture_command, walk};

/// A job of the fixture that ended.
pub(super) struct Job {
    pub(super) home: tempfile::TempDir,
    pub(super) output: Output,
}

impl Job {
    pub(super) fn run(args: &[&str]) -> Job {
        Job::with(args, &[])
    }

    pub(super) fn with(args: &[&str], variables: &[(&str, &str)]) -> Job {
        let args = [&["--crash-handler", "--allow-unknown-params"], args].concat();
        Job::without_flag(tempfile::tempdir().unwrap(), &args, variables)
    }

    pub(super) fn without_flag(
        home: tempfile::TempDir,
        args: &[&str],
        variables: &[(&str, &str)],
    ) -> Job {
        let mut command = fixture_command(home.path(), "crashes");
        command.args(["--results", "results"]);
        let output = command
            .args(args)
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        Job { home, output }
    }

    pub(super) fn tree(&self) -> Tree {
        Tree::at(self.home.path(), "results")
    }

    /// What it printed of failures.
    pub(super) fn failures(&self) -> String {
        let stdout = normal(&self.tree(), &String::from_utf8_lossy(&self.output.stdout));
        let failures = stdout.split("failures:\n").nth(1).unwrap_or_default();
        // A stack ends in the first line of a function or in the next one.
        let (first, next) = ("crashes.rs:36\n", "crashes.rs:37\n");
        failures.replace(first, next)
    }

    /// The files of crashes of a run, and their paths without process ids.
    pub(super) fn kept(&self, run: &str) -> Vec<String> {
        let dir = self.tree().jobdir().join(run).join("crash");
        if !dir.is_dir() {
            return Vec::new();
        }
        let paths = walk(&dir).into_iter().map(|path| without_ids(&path));
        paths.collect()
    }

    /// A file of the only crash of a run.
    pub(super) fn file(&self, run: &str, name: &str) -> String {
        let dir = self.tree().jobdir().join(run).join("crash");
        let crash = fs::read_dir(dir).unwrap().next().unwrap().unwrap().path();
        fs::read_to_string(crash.join(name)).unwrap()
    }
}

/// A text without process ids.
pub(super) fn normal(tree: &Tree, text: &str) -> String {
    let lines = tree.normal(text);
    let lines = lines.split_inclusive('\n').map(without_ids);
    lines.collect()
}

/// `crashes.123` becomes `crashes.N`.
pub(super) fn without_ids(text: &str) -> String {
    let mut parts = text.split('.');
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_id =
            rest.len() < part.len() && (masked.ends_with("crashes") || masked.ends_with("sh"));
        masked.push('.');
        masked.push_str(if is_id { "N" } else { "" });
        masked.push_str(if is_id { rest } else { part });
    }
    masked
}

pub(super) fn has_gdb() -> bool {
    let found = ["/usr/local/bin/gdb", "/usr/bin/gdb", "/bin/gdb"];
    let has_it = found.iter().any(|path| fs::exists(path).unwrap_or(false));
    if !has_it {
        eprintln!("left out: places in the source (gdb is not installed)");
    }
    has_it
}

/// A directory of programs without gdb.
pub(super) fn programs_without_gdb() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for program in ["sh", "setsid"] {
        let there = ["/usr/bin", "/bin"].map(|dir| format!("{dir}/{program}"));
        let path = there.iter().find(|path| fs::exists(path).unwrap()).unwrap();
        std::os::unix::fs::symlink(path, dir.path().join(program)).unwrap();
    }
    dir
}

/// Creates a script. Another test that forks meanwhile must not have it open for writing, so `cp` writes it.
pub(super) fn create_script(path: &Path, text: &str) {
    let source = path.with_extension("source");
    fs::write(&source, text).unwrap();
    fs::set_permissions(&source, PermissionsExt::from_mode(0o755)).unwrap();
    let copied = Command::new("cp").arg(&source).arg(path).status().unwrap();
    assert!(copied.success());
}

//! What a job left, without what differs from run to run.

use std::fs;
use std::path::{Path, PathBuf};

/// The results of a job.
pub(crate) struct Tree {
    /// The directory that everything of the job is below.
    home: PathBuf,
    /// The name of the job's directory in it.
    results: String,
}

impl Tree {
    pub(crate) fn at(home: &Path, results: &str) -> Tree {
        Tree {
            home: home.to_owned(),
            results: results.to_owned(),
        }
    }

    pub(crate) fn jobdir(&self) -> PathBuf {
        self.home.join(&self.results)
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
        walk(&self.jobdir())
    }

    /// What is left where temporary directories are made.
    pub(crate) fn left_in_tmp(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.home).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names
            .filter(|name| *name != self.results && name != "autotest-results")
            .collect()
    }

    /// The one place that knows what differs from run to run.
    pub(crate) fn normal(&self, text: &str) -> String {
        let root = self.home.to_str().unwrap();
        let text = text.replace(root, "<root>");
        let text = match self.results.as_str() {
            "results" => text,
            other => text.replace(other, "<results>"),
        };
        let lines = text.split_inclusive('\n').map(|line| {
            let line = masked(line, "timestamp=", |c| c.is_ascii_digit());
            let line = masked(&line, "localtime=", |c| c != '\t');
            let line = masked(&line, "kernel=", |c| c != '\t');
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

/// The paths below a directory, sorted; directories end in `/`.
pub(crate) fn walk(dir: &Path) -> Vec<String> {
    let mut paths = Vec::new();
    walk_below(dir, "", &mut paths);
    paths.sort();
    paths
}

fn walk_below(dir: &Path, prefix: &str, paths: &mut Vec<String>) {
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            paths.push(format!("{prefix}{name}/"));
            walk_below(&entry.path(), &format!("{prefix}{name}/"), paths);
        } else {
            paths.push(format!("{prefix}{name}"));
        }
    }
}

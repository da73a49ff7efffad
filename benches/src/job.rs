//! Jobs of a test binary, and what the floor does in their stead, each with results of its own.
//!
//! It must not know why they are run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::process::{self, Used};
use crate::row::LeftOut;

/// How the results of a job are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sync {
    None,
    Test,
}

impl Sync {
    /// As the test binary's flag has it, and the floor's argument.
    fn name(self) -> &'static str {
        match self {
            Sync::None => "none",
            Sync::Test => "test",
        }
    }
}

/// A place where one job at a time leaves its results.
pub(crate) struct Place {
    dir: TempDir,
}

impl Place {
    pub(crate) fn new(dir: TempDir) -> Result<Place, LeftOut> {
        fs::create_dir(dir.path().join("tmp"))?;
        Ok(Place { dir })
    }

    /// Where the results of the job are.
    pub(crate) fn jobdir(&self) -> PathBuf {
        self.dir.path().join("job")
    }

    /// Where a job is that was kept.
    pub(crate) fn kept(&self) -> PathBuf {
        self.dir.path().join("kept")
    }

    /// Keeps the job that was run last.
    pub(crate) fn keep(&self) -> Result<(), LeftOut> {
        remove(&self.kept())?;
        Ok(fs::rename(self.jobdir(), self.kept())?)
    }

    /// The command of a job; it is quiet, and its temporary directories are beside its results.
    pub(crate) fn job(&self, binary: &Path, sync: Sync, args: &[&str]) -> Command {
        let mut command = process::bare(binary);
        command.arg("--results").arg(self.jobdir());
        command.args(["--sync", sync.name(), "-q"]).args(args);
        command.env("TMPDIR", self.dir.path().join("tmp"));
        command
    }

    /// The command of the floor: as many tests as are said, each leaving what one of the kept job left.
    /// It prints how many seconds the `last` of them took.
    pub(crate) fn floor(&self, floor: &Path, sync: Sync, runs: usize, last: usize) -> Command {
        let mut command = process::bare(floor);
        command.arg("job").arg(self.kept()).arg(self.jobdir());
        command.arg(self.dir.path().join("tmp"));
        command.args([&runs.to_string(), &last.to_string(), sync.name()]);
        command
    }

    /// Runs one of these commands; what the one before it left is removed first.
    pub(crate) fn run(&self, command: &mut Command) -> Result<Used, LeftOut> {
        self.clear()?;
        process::measure(command)
    }

    /// Removes what a job left.
    pub(crate) fn clear(&self) -> Result<(), LeftOut> {
        remove(&self.jobdir())
    }
}

fn remove(dir: &Path) -> Result<(), LeftOut> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// The value of a key in the keyval file of a test.
pub(crate) fn keyval(jobdir: &Path, test: &str, key: &str) -> Result<f64, LeftOut> {
    let path = jobdir.join(test).join("keyval");
    let text = fs::read_to_string(&path)
        .map_err(|error| LeftOut::because(format!("failed to read `{}`", path.display()), error))?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    let value = line.and_then(|value| value.parse().ok());
    value.ok_or_else(|| LeftOut(format!("`{test}` left no {key}")))
}

/// What a results tree has: its paths, and how many bytes all files have together.
pub(crate) fn tree(jobdir: &Path) -> Result<(Vec<PathBuf>, u64), LeftOut> {
    let (mut paths, mut bytes) = (Vec::new(), 0);
    let mut open = vec![jobdir.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            match metadata.is_dir() {
                true => open.push(entry.path()),
                false => bytes += metadata.len(),
            }
            let path = entry.path();
            paths.extend(path.strip_prefix(jobdir).map(Path::to_owned));
        }
    }
    paths.sort();
    Ok((paths, bytes))
}

//! Finds the jobs below directories.
//!
//! It must not read a journal.

use std::io;
use std::path::{Path, PathBuf};

use autotest_report::journal;

use crate::run::TARGETS;

/// The name of a directory beside those of jobs, which has the files of `setup`.
const INSTALLED: &str = "installed";

/// A directory that has no results.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FindError {
    #[error("failed to read the directory `{path}`: {error}", path = .0.display(), error = .1)]
    Unreadable(PathBuf, io::Error),
    #[error(
        "`{path}` has no results: name the directory of a job, which has a `journal.jsonl`, or one with several",
        path = .0.display()
    )]
    NoJob(PathBuf),
}

impl FindError {
    /// Whether the user named something that is not there.
    pub(crate) fn is_usage(&self) -> bool {
        match self {
            FindError::NoJob(_) => true,
            FindError::Unreadable(_, error) => matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ),
        }
    }
}

/// The directories of all jobs in `dirs`, each once. A link is followed only if the user named it.
///
/// # Errors
/// If a directory cannot be read, or one that the user named has no job.
pub(crate) fn jobs(dirs: &[PathBuf]) -> Result<Vec<PathBuf>, FindError> {
    let mut found: Vec<PathBuf> = Vec::new();
    for named in dirs {
        let unreadable = |error| FindError::Unreadable(named.clone(), error);
        let dir = std::fs::canonicalize(named).map_err(unreadable)?;
        let mut below = Vec::new();
        walk(&dir, &mut below)?;
        if below.is_empty() {
            return Err(FindError::NoJob(named.clone()));
        }
        below.retain(|job| !found.contains(job));
        found.extend(below);
    }
    Ok(found)
}

/// The directories of the jobs of a run on several targets, whose merged results are in `dir`; none if there are none.
/// A target that had nothing to do has no job, but an empty journal.
///
/// # Errors
/// If a directory cannot be read.
pub(crate) fn of_targets(dir: &Path) -> Result<Vec<PathBuf>, FindError> {
    let targets = dir.join(TARGETS);
    let mut found = Vec::new();
    if targets.is_dir() {
        walk(&targets, &mut found)?;
    }
    let has_begun = |dir: &PathBuf| {
        let journal = std::fs::metadata(dir.join(journal::NAME));
        journal.is_ok_and(|journal| journal.len() > 0)
    };
    found.retain(has_begun);
    Ok(found)
}

/// Adds the jobs in a directory, sorted by name. It does not look inside a job: a package that was run as a test has
/// its own job there, whose runs are in the outer job's journal, too.
fn walk(dir: &Path, found: &mut Vec<PathBuf>) -> Result<(), FindError> {
    let is_there = |metadata: std::fs::Metadata| metadata.is_file();
    if std::fs::symlink_metadata(dir.join(journal::NAME)).is_ok_and(is_there) {
        found.push(dir.to_owned());
        return Ok(());
    }
    for below in directories(dir).map_err(|error| FindError::Unreadable(dir.to_owned(), error))? {
        walk(&below, found)?;
    }
    Ok(())
}

fn directories(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut below = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_hidden = name.as_encoded_bytes().starts_with(b".");
        if entry.file_type()?.is_dir() && !is_hidden && name != INSTALLED {
            below.push(entry.path());
        }
    }
    below.sort();
    Ok(below)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    /// The jobs in a directory with jobs at these paths.
    fn found(jobs: &[&str], named: &[&str]) -> Result<Vec<String>, String> {
        let home = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(home.path()).unwrap();
        for job in jobs {
            fs::create_dir_all(root.join(job)).unwrap();
            fs::write(root.join(job).join(journal::NAME), "").unwrap();
        }
        fs::create_dir_all(root.join("empty")).unwrap();
        symlink("a", root.join("latest")).unwrap();
        let named: Vec<_> = named.iter().map(|name| root.join(name)).collect();
        let relative = |job: PathBuf| job.strip_prefix(&root).unwrap().display().to_string();
        let found = super::jobs(&named).map(|found| found.into_iter().map(relative).collect());
        found.map_err(|error| error.to_string().replace(&*root.to_string_lossy(), "[DIR]"))
    }

    #[test]
    fn jobs_are_found_at_any_depth_but_not_in_jobs() {
        let jobs = ["b/two", "b/one", "a", "a/pkg", "b/installed/x", "b/.hidden"];
        assert_eq!(found(&jobs, &["b", "a"]).unwrap(), ["b/one", "b/two", "a"]);
    }

    #[test]
    fn the_jobs_of_targets_are_found_in_their_directory_only() {
        let home = tempfile::tempdir().unwrap();
        for (job, journal) in [
            ("", "{}"),
            (".targets/board1", "{}"),
            (".targets/board2", "{}"),
            (".targets/idle", ""),
        ] {
            let dir = home.path().join(job);
            fs::create_dir_all(&dir).unwrap();
            fs::write(dir.join(journal::NAME), journal).unwrap();
        }
        let targets = home.path().join(TARGETS);
        let found = of_targets(home.path()).unwrap();
        assert_eq!(found, ["board1", "board2"].map(|name| targets.join(name)));
        assert_eq!(of_targets(&targets).unwrap(), [""; 0].map(PathBuf::from));
    }

    #[test]
    fn a_link_is_followed_if_it_is_named_and_a_job_is_found_once() {
        assert_eq!(found(&["a"], &["latest", "a", "."]).unwrap(), ["a"]);
    }

    #[test]
    fn a_directory_without_a_job_is_refused() {
        let error = found(&["a"], &["a", "empty"]).unwrap_err();
        let expected = "`[DIR]/empty` has no results: name the directory of a job, which has a \
                        `journal.jsonl`, or one with several";
        assert_eq!(error, expected);
    }
}

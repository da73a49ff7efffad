//! Finds the jobs that a user means by a word: a build, a commit, a job, some days, or a directory of results.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use autotest_core::{any_of, excerpt};
use autotest_report::sanitize;

use super::measured::Job;
use super::since::{DAY_S, days_since_1970};
use super::source::{Source, SourceError};
use crate::journals::{self, FindError};

/// An error when finding the jobs that a word means.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SelectError {
    #[error(
        "the database has no job `{0}`: name a build, a commit, a job, a day such as 2026-11-30, days such as \
         2026-11-01..2026-11-08, or a directory of results; `cargo autotest db query 'SELECT job, build FROM jobs'` lists \
         them"
    )]
    Nothing(String),
    #[error("`{0}` may mean {1}; write more of it")]
    Ambiguous(String, String),
    #[error("the database has no job of the days {0}")]
    NoSuchDays(String),
    #[error("the last of the days {0} is before the first")]
    Backwards(String),
    #[error("no job in `{path}` is in the database; import it with `cargo autotest db import`", path = .0.display())]
    NotImported(PathBuf),
    #[error(transparent)]
    Find(#[from] FindError),
    #[error("cannot use the job in `{path}`: {error}", path = .0.display(), error = .1)]
    Job(PathBuf, SourceError),
}

impl SelectError {
    /// Whether the command line is wrong.
    pub(crate) fn is_usage(&self) -> bool {
        match self {
            SelectError::Find(error) => error.is_usage(),
            SelectError::Job(..) => false,
            SelectError::Nothing(_)
            | SelectError::Ambiguous(..)
            | SelectError::NoSuchDays(_)
            | SelectError::Backwards(_)
            | SelectError::NotImported(_) => true,
        }
    }
}

/// The jobs that a word means, in the order in which they began.
///
/// # Errors
/// If it means none, or is ambiguous.
pub(super) fn select<'j>(word: &str, jobs: &'j [Job]) -> Result<Vec<&'j Job>, SelectError> {
    if let Some(days) = days(word) {
        return of_days(word, days?, jobs);
    }
    let exact = of_names(jobs, |name| name == word);
    if !exact.is_empty() {
        return Ok(exact);
    }
    let dir = Path::new(word);
    if dir.is_dir() {
        return of_directory(dir, jobs);
    }
    let names: BTreeSet<&str> = jobs
        .iter()
        .flat_map(Job::names)
        .filter(|name| name.starts_with(word) && !word.is_empty())
        .collect();
    let means: Vec<Vec<&Job>> = names
        .iter()
        .map(|meant| of_names(jobs, |name| name == *meant))
        .collect();
    match means.first() {
        None => Err(SelectError::Nothing(excerpt(word).into_owned())),
        // A build and its commit may have the same prefix, and mean the same jobs.
        Some(first) if means.iter().all(|other| other == first) => Ok(first.clone()),
        Some(_) => {
            let few = names.into_iter().take(4).map(sanitize::single_line);
            let few: Vec<String> = few.collect();
            let few: Vec<&str> = few.iter().map(String::as_str).collect();
            Err(SelectError::Ambiguous(
                excerpt(word).into_owned(),
                any_of(&few),
            ))
        }
    }
}

impl Job {
    /// The names by which a user can select it.
    fn names(&self) -> impl Iterator<Item = &str> {
        [&self.build, &self.commit, &self.job]
            .into_iter()
            .map(String::as_str)
            .filter(|name| !name.is_empty())
    }
}

fn of_names(jobs: &[Job], is_meant: impl Fn(&str) -> bool) -> Vec<&Job> {
    let is_meant = |job: &&Job| job.names().any(&is_meant);
    jobs.iter().filter(is_meant).collect()
}

/// The times, in seconds since 1970, of the days that a word such as `2026-11-30` or `2026-11-01..2026-11-08` names,
/// including the last day. `None` if the word names no days.
fn days(word: &str) -> Option<Result<Range<f64>, SelectError>> {
    let (first, last) = word.split_once("..").unwrap_or((word, word));
    let (first, last) = (days_since_1970(first)?, days_since_1970(last)?);
    let backwards = || SelectError::Backwards(word.to_owned());
    let is_forwards = (first <= last).then(|| first as f64 * DAY_S..(last + 1) as f64 * DAY_S);
    Some(is_forwards.ok_or_else(backwards))
}

fn of_days<'j>(word: &str, days: Range<f64>, jobs: &'j [Job]) -> Result<Vec<&'j Job>, SelectError> {
    let of_days: Vec<&Job> = jobs
        .iter()
        .filter(|job| days.contains(&job.started_t))
        .collect();
    match of_days.is_empty() {
        true => Err(SelectError::NoSuchDays(word.to_owned())),
        false => Ok(of_days),
    }
}

/// The jobs of a directory, identified by their targets and ids.
fn of_directory<'j>(dir: &Path, jobs: &'j [Job]) -> Result<Vec<&'j Job>, SelectError> {
    let mut keys = BTreeSet::new();
    for jobdir in journals::jobs(&[dir.to_owned()])? {
        let source = Source::read(&jobdir).map_err(|error| SelectError::Job(jobdir, error))?;
        let job = source.digest.job;
        match job.merged.is_empty() {
            true => keys.extend([(job.hostname, job.id)]),
            false => keys.extend(job.merged),
        }
    }
    let is_there = |job: &&Job| keys.contains(&(job.target.clone(), job.job.clone()));
    let found: Vec<&Job> = jobs.iter().filter(is_there).collect();
    match found.is_empty() {
        true => Err(SelectError::NotImported(dir.to_owned())),
        false => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Jobs of successive days from 2026-11-01 on: each with its id, build and commit.
    const JOBS: [[&str; 3]; 5] = [
        ["job-1", "3c5e19d0", "a1b2"],
        ["job-2", "3c5e19d0", "a1b2"],
        ["job-3", "3c77", ""],
        ["other", "77aa", "77aa01"],
        ["a1", "9999", "ffff"],
    ];

    fn jobs() -> Vec<Job> {
        let first_t = days_since_1970("2026-11-01").unwrap() as f64 * DAY_S;
        let job = |(day, [job, build, commit]): (usize, &[&str; 3])| Job {
            id: day as i64,
            job: (*job).to_owned(),
            build: (*build).to_owned(),
            commit: (*commit).to_owned(),
            started_t: first_t + (day as f64 + 0.5) * DAY_S,
            ..Job::default()
        };
        JOBS.iter().enumerate().map(job).collect()
    }

    #[track_caller]
    fn check(word: &str, expected: &[&str]) {
        let jobs = jobs();
        let selected = select(word, &jobs).unwrap();
        let ids: Vec<&str> = selected.iter().map(|job| job.job.as_str()).collect();
        assert_eq!(ids, expected, "{word}");
    }

    #[track_caller]
    fn check_error(word: &str, expected: &str) {
        let error = select(word, &jobs()).unwrap_err();
        assert!(error.is_usage());
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn a_word_is_a_build_a_commit_or_a_job() {
        check("3c5e19d0", &["job-1", "job-2"]);
        check("a1b2", &["job-1", "job-2"]);
        check("job-3", &["job-3"]);
    }

    #[test]
    fn a_part_is_enough_if_it_means_one() {
        check("3c5", &["job-1", "job-2"]);
        check("oth", &["other"]);
        // The build and the commit of the same job.
        check("77a", &["other"]);
        // Also a prefix of a commit, but the exact name of a job.
        check("a1", &["a1"]);
        check_error("3c", "`3c` may mean `3c5e19d0` or `3c77`; write more of it");
    }

    #[test]
    fn days_are_those_in_utc() {
        check("2026-11-02", &["job-2"]);
        check("2026-11-02..2026-11-04", &["job-2", "job-3", "other"]);
        check_error(
            "2026-12-01",
            "the database has no job of the days 2026-12-01",
        );
        check_error(
            "2026-11-04..2026-11-01",
            "the last of the days 2026-11-04..2026-11-01 is before the first",
        );
    }

    #[test]
    fn a_word_that_means_nothing_is_an_error() {
        for word in ["nothing", "", "2026-13-01"] {
            let error = select(word, &jobs()).unwrap_err().to_string();
            let beginning = format!("the database has no job `{word}`: name a build");
            assert!(error.starts_with(&beginning), "{error}");
        }
    }
}

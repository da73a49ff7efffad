//! `db import`: writes jobs into the database, each as a whole or not at all.

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use autotest_report::sanitize::single_line;

use super::cell::Cell;
use super::engine::{Engine, EngineError, transaction};
use super::rows::{self, WriteError};
use super::source::{Source, SourceError};
use super::{Database, DbError};
use crate::{cli, journals};

/// The number of jobs that are read ahead.
const AHEAD: usize = 4;

/// An import that did not import everything.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Incomplete {
    #[error(
        "{problems} of {all} jobs cannot be imported, for the reasons above; the others: {done}",
        problems = done.problems,
        all = done.jobs
    )]
    Problems { done: Done },
    #[error(
        "the database {database} failed: {error}; jobs imported before: {done}; run the same command again for the rest"
    )]
    Failed {
        database: String,
        error: EngineError,
        done: Done,
    },
}

/// The number of jobs, by outcome.
#[derive(Debug, Default)]
pub(crate) struct Done {
    jobs: usize,
    added: usize,
    grown: usize,
    known: usize,
    problems: usize,
}

/// The outcome for a job that could be imported.
enum Imported {
    Added,
    /// It was there in its state before it was resumed, and is replaced.
    Grown,
    /// It was there already, or a later state of it.
    Known,
}

/// An error when importing a job.
#[derive(Debug, thiserror::Error)]
enum ImportError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(
        "another job of this host and id was imported from `{0}`; one of the two is an altered copy"
    )]
    Differs(String),
    #[error(
        "it was merged from other jobs, of which the database lacks {0}; import the directories of those"
    )]
    Merged(String),
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl From<EngineError> for ImportError {
    fn from(error: EngineError) -> ImportError {
        ImportError::Write(error.into())
    }
}

/// Imports all jobs in the directories. Returns a summary.
///
/// # Errors
/// If a directory has no job, the database cannot be used, or a job cannot be imported; the others are imported.
pub(crate) fn run(args: &cli::Import) -> Result<String, DbError> {
    let dirs = journals::jobs(&args.dirs)?;
    let mut database = Database::write(&args.place)?;
    let done = thread::scope(|scope| {
        let (send, sources) = sync_channel(AHEAD);
        scope.spawn(move || {
            for dir in dirs {
                if !send_all(dir, &send) {
                    return;
                }
            }
        });
        import_all(&mut database, sources)
    })?;
    match done.problems {
        0 => Ok(format!("jobs imported: {done} ({})\n", database.name)),
        _ => Err(Incomplete::Problems { done }.into()),
    }
}

/// A directory with the job that was read from it.
type Read = (PathBuf, Result<Source, SourceError>);

/// Reads the job in a directory, and sends it. If it is that of a run on several targets, their own jobs are sent first.
/// Returns `false` if nobody receives them any more.
fn send_all(dir: PathBuf, send: &SyncSender<Read>) -> bool {
    let source = Source::read(&dir);
    let merged = source.as_ref().map_or(&[][..], Source::merged);
    if !merged.is_empty() {
        // If it cannot be read, the jobs are missed below.
        for jobdir in journals::of_targets(&dir).unwrap_or_default() {
            let source = Source::read(&jobdir).map(|source| source.named_as_in(merged));
            if send.send((jobdir, source)).is_err() {
                return false;
            }
        }
    }
    send.send((dir, source)).is_ok()
}

/// Imports the jobs. The error of a job is printed and counted; only a failure of the database ends the import. A merged
/// job is not imported itself: the database has the jobs that it was made of, or it is an error.
fn import_all(database: &mut Database, sources: Receiver<Read>) -> Result<Done, Incomplete> {
    let mut done = Done::default();
    let mut merged = Vec::new();
    for (dir, source) in sources {
        let imported = match source {
            Ok(source) if !source.merged().is_empty() => {
                merged.push((dir, source.digest.job.merged));
                continue;
            }
            source => source.map_err(ImportError::from),
        };
        let imported = imported.and_then(|source| import(database.engine.as_mut(), &source));
        done.count(database, &dir, imported)?;
    }
    for (dir, jobs) in merged {
        if let Err(error) = check_merged(database.engine.as_mut(), &jobs) {
            done.count(database, &dir, Err(error))?;
        }
    }
    Ok(done)
}

impl Done {
    /// Counts a job. Its error is printed, unless the database failed.
    fn count(
        &mut self,
        database: &Database,
        dir: &Path,
        imported: Result<Imported, ImportError>,
    ) -> Result<(), Incomplete> {
        self.jobs += 1;
        match imported {
            Ok(Imported::Added) => self.added += 1,
            Ok(Imported::Grown) => self.grown += 1,
            Ok(Imported::Known) => self.known += 1,
            Err(ImportError::Write(WriteError::Engine(error @ EngineError::Failed(_)))) => {
                return Err(Incomplete::Failed {
                    database: database.name.clone(),
                    error,
                    done: std::mem::take(self),
                });
            }
            Err(error) => {
                self.problems += 1;
                say("error", dir, &error);
            }
        }
        Ok(())
    }
}

/// Checks that the database has all jobs that a merged one was made of.
fn check_merged(engine: &mut dyn Engine, jobs: &[(String, String)]) -> Result<(), ImportError> {
    let mut missing = Vec::new();
    for (target, id) in jobs {
        if Known::find(engine, (target, id))?.is_none() {
            missing.push(single_line(&format!("`{id}` of `{target}`")));
        }
    }
    match missing.split_first() {
        None => Ok(()),
        Some((first, [])) => Err(ImportError::Merged(first.clone())),
        Some((first, more)) => {
            let text = format!("{first} and {} more", more.len());
            Err(ImportError::Merged(text))
        }
    }
}

fn say(what: &str, dir: &Path, message: &dyn fmt::Display) {
    let _ = writeln!(io::stderr(), "{what}: `{}`: {message}", dir.display());
}

fn import(engine: &mut dyn Engine, source: &Source) -> Result<Imported, ImportError> {
    if source.is_cut {
        let message = "the journal ends within a record; the job is imported as interrupted there";
        say("note", &source.dir, &message);
    }
    let digest = &source.digest.job;
    let job = (digest.hostname.as_str(), digest.id.as_str());
    let key = format!("{} {}", digest.id, digest.hostname);
    transaction(engine, &key, |engine| match Known::find(engine, job)? {
        None => {
            rows::add(engine, source)?;
            Ok(Imported::Added)
        }
        Some(known) if known.bytes > source.bytes && known.start_sha256 == source.start_sha256 => {
            Ok(Imported::Known)
        }
        Some(known) if known.bytes == source.bytes && known.sha256 == source.sha256 => {
            Ok(Imported::Known)
        }
        Some(known) if known.bytes < source.bytes && known.is_beginning_of(source)? => {
            rows::replace(engine, source, known.id, known.target)?;
            Ok(Imported::Grown)
        }
        Some(known) => Err(ImportError::Differs(known.dir)),
    })
}

/// A job that is in the database.
struct Known {
    id: i64,
    target: i64,
    bytes: u64,
    sha256: String,
    start_sha256: String,
    dir: String,
}

impl Known {
    /// The job of a target with an id.
    fn find(
        engine: &mut dyn Engine,
        (target, id): (&str, &str),
    ) -> Result<Option<Known>, EngineError> {
        let key = [Cell::text(id), Cell::text(target)];
        let rows = engine.rows(
            "SELECT jobs.id, target_id, journal_bytes, journal_sha256, start_sha256, directory FROM jobs \
             JOIN targets ON targets.id = target_id WHERE job = $1 AND hostname = $2",
            &key,
        )?;
        let Some(row) = rows.into_iter().next() else {
            return Ok(None);
        };
        let mut cells = row.into_iter();
        let mut next = || cells.next().unwrap_or(Cell::Null);
        Ok(Some(Known {
            id: next().as_int(),
            target: next().as_int(),
            bytes: next().as_int().unsigned_abs(),
            sha256: next().into_text(),
            start_sha256: next().into_text(),
            dir: next().into_text(),
        }))
    }

    fn is_beginning_of(&self, source: &Source) -> Result<bool, SourceError> {
        Ok(source.continues(self.bytes, &self.sha256)?)
    }
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Done {
            added,
            grown,
            known,
            ..
        } = self;
        write!(f, "{added} new, {grown} grown, {known} already there")
    }
}

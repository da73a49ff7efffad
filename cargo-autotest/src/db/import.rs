//! `db import`: writes jobs into the database, each as a whole or not at all.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

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
        let dirs = &dirs;
        scope.spawn(move || {
            for dir in dirs {
                if send.send((dir.as_path(), Source::read(dir))).is_err() {
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

/// Imports the jobs. The error of a job is printed and counted; only a failure of the database ends the import.
fn import_all(
    database: &mut Database,
    sources: Receiver<(&Path, Result<Source, SourceError>)>,
) -> Result<Done, Incomplete> {
    let mut done = Done::default();
    for (dir, source) in sources {
        done.jobs += 1;
        let imported = source.map_err(ImportError::from);
        match imported.and_then(|source| import(database.engine.as_mut(), &source)) {
            Ok(Imported::Added) => done.added += 1,
            Ok(Imported::Grown) => done.grown += 1,
            Ok(Imported::Known) => done.known += 1,
            Err(ImportError::Write(WriteError::Engine(error @ EngineError::Failed(_)))) => {
                let database = database.name.clone();
                return Err(Incomplete::Failed {
                    database,
                    error,
                    done,
                });
            }
            Err(error) => {
                done.problems += 1;
                say("error", dir, &error);
            }
        }
    }
    Ok(done)
}

fn say(what: &str, dir: &Path, message: &dyn fmt::Display) {
    let _ = writeln!(io::stderr(), "{what}: `{}`: {message}", dir.display());
}

fn import(engine: &mut dyn Engine, source: &Source) -> Result<Imported, ImportError> {
    if source.is_cut {
        let message = "the journal ends within a record; the job is imported as interrupted there";
        say("note", &source.dir, &message);
    }
    let job = &source.digest.job;
    let key = format!("{} {}", job.id, job.hostname);
    transaction(engine, &key, |engine| match Known::find(engine, source)? {
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
    fn find(engine: &mut dyn Engine, source: &Source) -> Result<Option<Known>, EngineError> {
        let job = &source.digest.job;
        let key = [Cell::text(&job.id), Cell::text(&job.hostname)];
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

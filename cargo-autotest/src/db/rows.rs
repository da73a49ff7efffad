//! Writes the rows of a job into the tables.

mod job;
mod run;

use autotest_report::Digest;

use super::cell::Cell;
use super::engine::{Engine, EngineError};
use super::source::Source;

pub(crate) use job::TooManyRuns;
use job::{EVENTS, LEFT_OUT};
use run::{DECLARED, ITERATIONS, KEYVALS, RUNS, SAMPLES};

/// The size of the range of run ids that a job has.
const RUNS_OF_JOB: i64 = 10_000_000;

/// An error when writing a job.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    TooManyRuns(#[from] TooManyRuns),
}

/// Adds a job.
///
/// # Errors
/// If it has too many runs, or the database fails.
pub(crate) fn add(engine: &mut dyn Engine, source: &Source) -> Result<(), WriteError> {
    let target = id_of(engine, "targets", "hostname", &source.digest.job.hostname)?;
    let kernels = job::kernels(engine, &source.digest)?;
    let id = job::insert(engine, source, target, &kernels)?;
    add_rest(engine, &source.digest, id, target, &kernels)
}

/// Replaces a job. It keeps its id.
///
/// # Errors
/// As [`add`].
pub(crate) fn replace(
    engine: &mut dyn Engine,
    source: &Source,
    id: i64,
    target: i64,
) -> Result<(), WriteError> {
    let (first, end) = (id * RUNS_OF_JOB, (id + 1) * RUNS_OF_JOB);
    for target in [&DECLARED, &KEYVALS, &ITERATIONS, &SAMPLES] {
        let sql = format!(
            "DELETE FROM {} WHERE run_id >= $1 AND run_id < $2",
            target.table
        );
        engine.rows(&sql, &[Cell::Int(first), Cell::Int(end)])?;
    }
    for target in [&EVENTS, &LEFT_OUT, &RUNS] {
        let sql = format!("DELETE FROM {} WHERE job_id = $1", target.table);
        engine.rows(&sql, &[Cell::Int(id)])?;
    }
    let kernels = job::kernels(engine, &source.digest)?;
    job::update(engine, source, id, target, &kernels)?;
    add_rest(engine, &source.digest, id, target, &kernels)
}

fn add_rest(
    engine: &mut dyn Engine,
    digest: &Digest,
    id: i64,
    target: i64,
    kernels: &job::Kernels,
) -> Result<(), WriteError> {
    let runs = run::Rows::of(digest, id, target, kernels);
    RUNS.insert(engine, runs.runs)?;
    DECLARED.insert(engine, runs.declared)?;
    KEYVALS.insert(engine, runs.keyvals)?;
    ITERATIONS.insert(engine, runs.iterations)?;
    SAMPLES.insert(engine, runs.samples)?;
    LEFT_OUT.insert(engine, job::left_out(digest, id))?;
    EVENTS.insert(engine, job::events(digest, id))?;
    Ok(())
}

/// The id of a name in a table of names. Adds the name if it is missing.
fn id_of(
    engine: &mut dyn Engine,
    table: &str,
    column: &str,
    name: &str,
) -> Result<i64, EngineError> {
    let name = [Cell::text(name)];
    let select = format!("SELECT id FROM {table} WHERE {column} = $1");
    let found = engine.rows(&select, &name)?;
    if let Some(row) = found.first() {
        return Ok(row[0].as_int());
    }
    // Another import may add it at the same time.
    let insert = format!("INSERT INTO {table} ({column}) VALUES ($1) ON CONFLICT DO NOTHING");
    engine.rows(&insert, &name)?;
    let found = engine.rows(&select, &name)?;
    let missing = || EngineError::Failed(format!("`{table}` does not keep its rows"));
    Ok(found.first().ok_or_else(missing)?[0].as_int())
}

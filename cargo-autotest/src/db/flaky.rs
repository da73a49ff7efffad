//! `db flaky`: tests whose verdict changed although the build and the target did not.

use super::cell::Cell;
use super::engine::Table;
use super::{Database, DbError, since, table};
use crate::cli;

const COLUMNS: [&str; 6] = ["test", "score", "runs", "failed", "changes", "last_failed"];

/// Selects, for each test, the share of runs whose verdict is not that of the run before, with the same build on the
/// same target.
const SELECT: &str = "\
    WITH verdicts AS ( \
        SELECT runs.name AS name, runs.grade AS grade, runs.started_t AS started_t, \
            LAG(runs.grade) OVER (PARTITION BY runs.name, runs.target_id, jobs.build \
                ORDER BY runs.started_t, runs.id) AS previous \
        FROM runs JOIN jobs ON jobs.id = runs.job_id \
        WHERE runs.kind = 'test' AND runs.grade <> 'skipped' AND runs.status <> 'ABORT' AND runs.started_t >= $1 \
    ), counts AS ( \
        SELECT name, COUNT(*) AS runs, COUNT(previous) AS pairs, \
            SUM(CASE WHEN grade = 'failed' THEN 1 ELSE 0 END) AS failed, \
            SUM(CASE WHEN grade <> previous THEN 1 ELSE 0 END) AS changes, \
            MAX(CASE WHEN grade = 'failed' THEN started_t END) AS last_failed_t \
        FROM verdicts GROUP BY name \
    ) \
    SELECT name, CAST(changes AS DOUBLE PRECISION) / pairs AS score, runs, CAST(failed AS BIGINT), \
        CAST(changes AS BIGINT), UTC_TIME(last_failed_t) \
    FROM counts WHERE changes > 0 ORDER BY score DESC, changes DESC, name";

/// Returns the flaky tests, as they are printed.
///
/// # Errors
/// If the database cannot be read.
pub(crate) fn run(args: &cli::Flaky) -> Result<String, DbError> {
    let mut database = Database::read(&args.place)?;
    let since = match &args.since {
        None => 0.0,
        Some(text) => since::time(&mut database, text)?,
    };
    let mut rows = database.rows(SELECT, &[Cell::Real(since)])?;
    for row in &mut rows {
        row[1] = table::rounded(&row[1], 3);
    }
    let table = Table {
        columns: COLUMNS.map(str::to_owned).to_vec(),
        rows,
    };
    Ok(table::print(&table, args.output.format))
}

//! The tables, and their migration to a newer version.

use super::cell::Cell;
use super::engine::{Engine, EngineError, transaction};

/// Each step migrates the schema to the next version. A step that has been released must not be changed.
const STEPS: [&str; 2] = [
    include_str!("schema/1-tables.sql"),
    include_str!("schema/2-tko.sql"),
];

/// The version that this program reads and writes.
const CURRENT: i64 = STEPS.len() as i64;

/// The table that says which version a database has.
const VERSION_TABLE: &str = "autotest_schema";

/// An error about the tables of a database.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SchemaError {
    #[error(
        "it has version {0} of the tables, and this program knows {CURRENT}; use a newer cargo-autotest, or another \
         database"
    )]
    Newer(i64),
    #[error(
        "it has version {0} of the tables, and this program reads {CURRENT}; the next `cargo autotest db import` brings it up to date"
    )]
    Older(i64),
    #[error("it has no results; `cargo autotest db import DIR` imports some")]
    Empty,
    #[error(
        "it is another program's: it has tables, but none of them is `{VERSION_TABLE}`; name another with --db"
    )]
    Foreign,
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Creates the tables, or migrates those of an earlier version, in one transaction.
///
/// # Errors
/// If the version is newer, or the database fails.
pub(crate) fn prepare(engine: &mut dyn Engine) -> Result<(), SchemaError> {
    if version(engine)? == Some(CURRENT) {
        return Ok(());
    }
    transaction(engine, "autotest schema", |engine| {
        let found = version(engine)?;
        let done = match found {
            Some(newer) if newer > CURRENT => return Err(SchemaError::Newer(newer)),
            Some(known) => known,
            None if engine.is_of_another_program()? => return Err(SchemaError::Foreign),
            None => {
                engine.script("CREATE TABLE autotest_schema (version BIGINT NOT NULL)")?;
                engine.script("INSERT INTO autotest_schema VALUES (0)")?;
                0
            }
        };
        let skipped = usize::try_from(done).unwrap_or(0);
        for step in STEPS.iter().skip(skipped) {
            let sql = engine.dialect().sql(step);
            engine.script(&sql)?;
        }
        engine.script(&format!("UPDATE autotest_schema SET version = {CURRENT}"))?;
        Ok(())
    })
}

/// Checks that the database has the tables of this version.
///
/// # Errors
/// If it has another version, or none.
pub(crate) fn check(engine: &mut dyn Engine) -> Result<(), SchemaError> {
    match version(engine)? {
        Some(CURRENT) => Ok(()),
        Some(newer) if newer > CURRENT => Err(SchemaError::Newer(newer)),
        Some(older) => Err(SchemaError::Older(older)),
        None if engine.is_of_another_program()? => Err(SchemaError::Foreign),
        None => Err(SchemaError::Empty),
    }
}

fn version(engine: &mut dyn Engine) -> Result<Option<i64>, EngineError> {
    if !engine.has_table(VERSION_TABLE)? {
        return Ok(None);
    }
    let rows = engine.rows("SELECT MAX(version) FROM autotest_schema", &[])?;
    Ok(rows.first().and_then(|row| row.first()).map(Cell::as_int))
}

//! `db query`: prints the rows that a statement selects.

use super::engine::EngineError;
use super::{Database, DbError, table};
use crate::cli;

/// Returns the rows, as they are printed.
///
/// # Errors
/// If the statement is wrong or would change something.
pub(crate) fn run(args: &cli::Query) -> Result<String, DbError> {
    let mut database = Database::read(&args.place)?;
    let table = database
        .engine
        .query(&args.sql)
        .map_err(|error| match error {
            EngineError::Refused(reason) => DbError::Statement(reason),
            error => DbError::Failed(database.name.clone(), error),
        })?;
    Ok(table::print(&table, args.output.format))
}

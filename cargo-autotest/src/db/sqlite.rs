//! The engine for SQLite.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql, params_from_iter};

use super::cell::Cell;
use super::engine::{Dialect, Engine, EngineError, Table};

/// The number of prepared statements that are kept for reuse.
const KEPT_STATEMENTS: usize = 64;

/// A database file.
pub(crate) struct Sqlite {
    connection: Connection,
}

/// An error when opening a database file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error(
        "there is no database `{path}`; make it with `cargo autotest db import DIR`, or name another with --db",
        path = .0.display()
    )]
    Missing(PathBuf),
    #[error("failed to open the database `{path}`: {error}", path = .0.display(), error = .1)]
    Failed(PathBuf, EngineError),
}

/// The purpose for which a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// The file must exist.
    Read,
    /// The file is created if it does not exist.
    Write,
}

impl Sqlite {
    /// Opens a file.
    ///
    /// # Errors
    /// If it does not exist, or cannot be opened.
    pub(crate) fn open(path: &Path, access: Access, wait: Duration) -> Result<Sqlite, OpenError> {
        let failed = |error| OpenError::Failed(path.to_owned(), error);
        if path.is_dir() {
            return Err(failed(EngineError::Failed("it is a directory".to_owned())));
        }
        if access == Access::Read {
            match path.metadata() {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Err(OpenError::Missing(path.to_owned()));
                }
                Err(error) => return Err(failed(EngineError::Failed(error.to_string()))),
                Ok(_) => roll_back_what_was_killed(path, wait),
            }
        }
        let connection = connect(path, access, wait).map_err(|error| failed(error.into()))?;
        connection.set_prepared_statement_cache_capacity(KEPT_STATEMENTS);
        Ok(Sqlite { connection })
    }
}

fn connect(path: &Path, access: Access, wait: Duration) -> rusqlite::Result<Connection> {
    let flags = match access {
        Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    };
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(wait)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

/// Rolls back an import that was killed. It leaves a journal beside the file, and nobody can read the database until a
/// process with write access has rolled it back. If that fails here, reading fails with a reason.
fn roll_back_what_was_killed(path: &Path, wait: Duration) {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-journal");
    if Path::new(&journal).exists() {
        let read = |connection: Connection| {
            connection.query_row("SELECT COUNT(*) FROM sqlite_master", (), |_| Ok(()))
        };
        let _ = connect(path, Access::Write, wait).and_then(read);
    }
}

impl Engine for Sqlite {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn script(&mut self, sql: &str) -> Result<(), EngineError> {
        Ok(self.connection.execute_batch(sql)?)
    }

    fn rows(&mut self, sql: &str, parameters: &[Cell]) -> Result<Vec<Vec<Cell>>, EngineError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let columns = statement.column_count();
        let rows = statement.query(params_from_iter(parameters))?;
        Ok(collect(rows, columns)?)
    }

    /// The whole file is locked, so the key does not matter.
    fn begin(&mut self, _key: &str) -> Result<(), EngineError> {
        self.script("BEGIN IMMEDIATE")
    }

    fn has_table(&mut self, name: &str) -> Result<bool, EngineError> {
        let sql = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1";
        let rows = self.rows(sql, &[Cell::text(name)])?;
        Ok(rows[0][0].as_int() > 0)
    }

    fn is_of_another_program(&mut self) -> Result<bool, EngineError> {
        let rows = self.rows("SELECT COUNT(*) FROM sqlite_master", &[])?;
        Ok(rows[0][0].as_int() > 0)
    }

    fn query(&mut self, sql: &str) -> Result<Table, EngineError> {
        let mut statement = self.connection.prepare(sql)?;
        if !statement.readonly() {
            let reason = "the statement would change the database, which is only read here";
            return Err(EngineError::Refused(reason.to_owned()));
        }
        let names = statement.column_names();
        let columns: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let rows = collect(statement.query(())?, columns.len())?;
        Ok(Table { columns, rows })
    }
}

fn collect(mut rows: rusqlite::Rows<'_>, columns: usize) -> rusqlite::Result<Vec<Vec<Cell>>> {
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let cells = (0..columns).map(|column| row.get_ref(column).map(Cell::from));
        all.push(cells.collect::<rusqlite::Result<_>>()?);
    }
    Ok(all)
}

impl From<ValueRef<'_>> for Cell {
    fn from(value: ValueRef<'_>) -> Cell {
        match value {
            ValueRef::Null => Cell::Null,
            ValueRef::Integer(number) => Cell::Int(number),
            ValueRef::Real(number) => Cell::Real(number),
            ValueRef::Text(text) | ValueRef::Blob(text) => {
                Cell::Text(String::from_utf8_lossy(text).into_owned())
            }
        }
    }
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Cell::Null => ToSqlOutput::Owned(Value::Null),
            Cell::Int(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Cell::Real(number) => ToSqlOutput::Owned(Value::Real(*number)),
            Cell::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}

impl From<rusqlite::Error> for EngineError {
    fn from(error: rusqlite::Error) -> EngineError {
        let code = error.sqlite_error_code();
        let message = match code {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "another program keeps it locked; try again, or wait longer with --wait".to_owned()
            }
            Some(ErrorCode::NotADatabase) => "the file is no SQLite database".to_owned(),
            Some(ErrorCode::DatabaseCorrupt) => {
                format!("the file is damaged ({error}); restore it, or import into a new one")
            }
            _ => error.to_string(),
        };
        match code {
            // SQLite's code for a wrong statement has no name of its own.
            None
            | Some(
                ErrorCode::Unknown
                | ErrorCode::TooBig
                | ErrorCode::ConstraintViolation
                | ErrorCode::TypeMismatch,
            ) => EngineError::Refused(message),
            Some(_) => EngineError::Failed(message),
        }
    }
}

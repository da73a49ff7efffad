//! The engine for PostgreSQL.

use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

use bytes::BytesMut;
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Config, NoTls, SimpleQueryMessage, Statement};

use super::cell::Cell;
use super::engine::{Dialect, Engine, EngineError, Table};

/// A connection to a server.
pub(crate) struct Postgres {
    client: Client,
    kept: HashMap<String, Statement>,
}

impl Postgres {
    /// Connects to a server.
    ///
    /// # Errors
    /// If it cannot be reached, or refuses.
    pub(crate) fn connect(config: &Config, wait: Duration) -> Result<Postgres, EngineError> {
        let mut client = config.connect(NoTls)?;
        // The server's notices are not for this user. A limit of 0 would mean none.
        let wait_ms = wait.as_millis().max(1);
        client.batch_execute(&format!(
            "SET client_min_messages = error; SET lock_timeout = {wait_ms}"
        ))?;
        Ok(Postgres {
            client,
            kept: HashMap::new(),
        })
    }

    fn prepared(&mut self, sql: &str) -> Result<Statement, EngineError> {
        if let Some(statement) = self.kept.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql)?;
        self.kept.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

impl Engine for Postgres {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn script(&mut self, sql: &str) -> Result<(), EngineError> {
        Ok(self.client.batch_execute(sql)?)
    }

    fn rows(&mut self, sql: &str, parameters: &[Cell]) -> Result<Vec<Vec<Cell>>, EngineError> {
        let statement = self.prepared(sql)?;
        let parameters: Vec<&(dyn ToSql + Sync)> = parameters
            .iter()
            .map(|cell| cell as &(dyn ToSql + Sync))
            .collect();
        let rows = self.client.query(&statement, &parameters)?;
        let cells = |row: &postgres::Row| {
            let cells = (0..row.len()).map(|column| row.try_get::<_, Option<Cell>>(column));
            let cells = cells.map(|cell| cell.map(|cell| cell.unwrap_or(Cell::Null)));
            cells.collect::<Result<_, _>>()
        };
        Ok(rows.iter().map(cells).collect::<Result<_, _>>()?)
    }

    fn begin(&mut self, key: &str) -> Result<(), EngineError> {
        self.script("BEGIN")?;
        let lock = "SELECT 1 FROM pg_advisory_xact_lock(hashtextextended($1, 0))";
        let locked = self.rows(lock, &[Cell::text(key)]);
        if locked.is_err() {
            let _ = self.script("ROLLBACK");
        }
        locked.map(drop)
    }

    fn has_table(&mut self, name: &str) -> Result<bool, EngineError> {
        // Not to_regclass(): its caches lack a table that another session has just made.
        let sql = "SELECT COUNT(*) FROM pg_catalog.pg_class \
            WHERE CAST(relname AS TEXT) = $1 AND pg_catalog.pg_table_is_visible(oid)";
        Ok(self.rows(sql, &[Cell::text(name)])?[0][0].as_int() > 0)
    }

    fn is_of_another_program(&mut self) -> Result<bool, EngineError> {
        Ok(false)
    }

    /// Uses both protocols: the extended one tells the types of the columns, and refuses several statements; the simple
    /// one returns values of all types as text.
    fn query(&mut self, sql: &str) -> Result<Table, EngineError> {
        self.script("BEGIN TRANSACTION READ ONLY")?;
        let statement = self.client.prepare(sql)?;
        let columns = statement.columns();
        let mut table = Table {
            columns: columns.iter().map(|it| it.name().to_owned()).collect(),
            rows: Vec::new(),
        };
        for message in self.client.simple_query(sql)? {
            if let SimpleQueryMessage::Row(row) = message {
                let cells = columns.iter().enumerate();
                let cells = cells.map(|(at, column)| typed(column.type_(), row.get(at)));
                table.rows.push(cells.collect());
            }
        }
        self.script("ROLLBACK")?;
        Ok(table)
    }
}

/// Converts a value that the server wrote as text. A value of a numeric type becomes a number.
fn typed(kind: &Type, text: Option<&str>) -> Cell {
    let Some(text) = text else {
        return Cell::Null;
    };
    let number = match *kind {
        Type::INT2 | Type::INT4 | Type::INT8 | Type::FLOAT4 | Type::FLOAT8 | Type::NUMERIC => {
            let int = text.parse().map(Cell::Int).ok();
            int.or_else(|| text.parse().map(Cell::Real).ok())
        }
        _ => None,
    };
    match (number, kind) {
        (Some(Cell::Int(number)), &Type::FLOAT4 | &Type::FLOAT8) => Cell::Real(number as f64),
        (Some(number), _) => number,
        (None, _) => Cell::text(text),
    }
}

impl ToSql for Cell {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self, ty) {
            (Cell::Null, _) => Ok(IsNull::Yes),
            (Cell::Int(number), &Type::FLOAT8) => (*number as f64).to_sql(ty, out),
            (Cell::Int(number), &Type::INT4) => i32::try_from(*number)?.to_sql(ty, out),
            (Cell::Int(number), _) => number.to_sql(ty, out),
            (Cell::Real(number), _) => number.to_sql(ty, out),
            (Cell::Text(text), _) => text.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT4 | Type::INT8 | Type::FLOAT8 | Type::TEXT)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Cell {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Cell, Box<dyn Error + Sync + Send>> {
        Ok(match *ty {
            Type::INT4 => Cell::Int(i32::from_sql(ty, raw)?.into()),
            Type::INT8 => Cell::Int(i64::from_sql(ty, raw)?),
            Type::FLOAT8 => Cell::Real(f64::from_sql(ty, raw)?),
            _ => Cell::Text(String::from_sql(ty, raw)?),
        })
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT4 | Type::INT8 | Type::FLOAT8 | Type::TEXT)
    }
}

impl From<postgres::Error> for EngineError {
    fn from(error: postgres::Error) -> EngineError {
        let Some(server) = error.as_db_error() else {
            return EngineError::Failed(match error.is_closed() {
                true => "the server closed the connection".to_owned(),
                false => with_causes(&error),
            });
        };
        let mut message = server.message().to_owned();
        if server.code().code() == LOCK_NOT_AVAILABLE {
            message.push_str(
                ": another program keeps it locked; try again, or wait longer with --wait",
            );
        }
        for more in [server.detail(), server.hint()].into_iter().flatten() {
            message.push_str("; ");
            message.push_str(more);
        }
        let code = server.code().code();
        match REFUSALS.iter().any(|class| code.starts_with(class)) {
            true => EngineError::Refused(message),
            false => EngineError::Failed(message),
        }
    }
}

/// The error's message, followed by those of its sources.
pub(super) fn with_causes(error: &postgres::Error) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        message += &format!(": {cause}");
        source = cause.source();
    }
    message
}

/// Prefixes of the codes which say that a row or a statement is wrong: data, integrity, writing in a read-only
/// transaction, syntax, limits.
const REFUSALS: [&str; 5] = ["22", "23", "25", "42", "54"];

const LOCK_NOT_AVAILABLE: &str = "55P03";

//! `db`: keeps the results of jobs in a database, and answers questions about several jobs.
//!
//! Everything in it comes from journals. SQLite and PostgreSQL have the same tables, and all SQL is written once
//! (`db/engine.rs`).

mod cell;
mod compare;
mod earlier;
mod engine;
mod flaky;
mod history;
mod import;
mod insert;
mod measured;
mod noise;
mod place;
mod postgres;
mod query;
mod rows;
mod samples;
mod schema;
mod select;
mod since;
mod slow;
mod source;
mod sqlite;
mod table;
mod trend;

use crate::cli::{self, DbCommand};
use crate::exit::Exit;
use crate::journals::FindError;

pub(crate) use earlier::{Earlier, EarlierRun, earlier};
pub(crate) use measured::Metric;

use cell::Cell;
use compare::CompareError;
use engine::{Engine, EngineError};
use import::Incomplete;
use place::{Place, PlaceError, PlaceKind};
use postgres::Postgres;
use schema::SchemaError;
use select::SelectError;
use since::SinceError;
use sqlite::{Access, OpenError, Sqlite};
use trend::PageError;

/// An error of a `db` command.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DbError {
    #[error(transparent)]
    Find(#[from] FindError),
    #[error(transparent)]
    Place(#[from] PlaceError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("failed to connect to {0}: {1}")]
    Connect(String, EngineError),
    #[error("cannot use the database {0}: {1}")]
    Schema(String, SchemaError),
    #[error("the database {0} failed: {1}")]
    Failed(String, EngineError),
    #[error("{0}")]
    Statement(String),
    #[error(transparent)]
    Since(#[from] SinceError),
    #[error(transparent)]
    NoSuch(#[from] NoSuch),
    #[error(transparent)]
    Select(#[from] SelectError),
    #[error(transparent)]
    Compare(#[from] CompareError),
    #[error(transparent)]
    Page(#[from] PageError),
    #[error(transparent)]
    Incomplete(#[from] Incomplete),
}

/// A name that the database does not have.
#[derive(Debug, thiserror::Error)]
#[error("the database has no {what} `{name}`{hint}")]
pub(crate) struct NoSuch {
    what: &'static str,
    name: String,
    hint: String,
}

impl DbError {
    /// Whether the command line is wrong.
    pub(crate) fn is_usage(&self) -> bool {
        match self {
            DbError::Find(error) => error.is_usage(),
            DbError::Select(error) => error.is_usage(),
            DbError::Place(_)
            | DbError::Open(OpenError::Missing(_))
            | DbError::Statement(_)
            | DbError::Since(_)
            | DbError::NoSuch(_)
            | DbError::Compare(_) => true,
            DbError::Open(OpenError::Failed(..))
            | DbError::Connect(..)
            | DbError::Schema(..)
            | DbError::Failed(..)
            | DbError::Incomplete(_)
            | DbError::Page(_) => false,
        }
    }
}

/// Runs a command. Returns its output and its exit code.
///
/// # Errors
/// If the command line is wrong, or the database or a job cannot be used.
pub(crate) fn run(args: &cli::Db) -> Result<(String, Exit), DbError> {
    let text = match &args.command {
        DbCommand::Import(args) => import::run(args),
        DbCommand::Query(args) => query::run(args),
        DbCommand::History(args) => history::run(args),
        DbCommand::Flaky(args) => flaky::run(args),
        DbCommand::Slow(args) => slow::run(args),
        DbCommand::Samples(args) => samples::run(args),
        DbCommand::Compare(args) => return compare::run(args),
        DbCommand::Trend(args) => trend::run(args),
    };
    text.map(|text| (text, Exit::Done))
}

/// An open database, whose schema has been checked.
struct Database {
    /// Its file or URL in backticks, for messages.
    name: String,
    engine: Box<dyn Engine>,
}

impl Database {
    /// Opens a database to read it.
    fn read(args: &cli::Place) -> Result<Database, DbError> {
        let mut database = Database::open(args, Access::Read)?;
        let checked = schema::check(database.engine.as_mut());
        checked.map_err(|error| DbError::Schema(database.name.clone(), error))?;
        Ok(database)
    }

    /// Opens a database to write it, and makes its tables.
    fn write(args: &cli::Place) -> Result<Database, DbError> {
        let mut database = Database::open(args, Access::Write)?;
        let prepared = schema::prepare(database.engine.as_mut());
        prepared.map_err(|error| DbError::Schema(database.name.clone(), error))?;
        Ok(database)
    }

    fn open(args: &cli::Place, access: Access) -> Result<Database, DbError> {
        let place = Place::of(args)?;
        let name = format!("`{}`", place.kind);
        let engine: Box<dyn Engine> = match &place.kind {
            PlaceKind::Sqlite(path) => Box::new(Sqlite::open(path, access, place.wait)?),
            PlaceKind::Postgres(config) => {
                let connected = Postgres::connect(config, place.wait);
                Box::new(connected.map_err(|error| DbError::Connect(name.clone(), error))?)
            }
        };
        Ok(Database { name, engine })
    }

    /// The rows of a statement of this program, in the database's dialect.
    fn rows(&mut self, sql: &str, parameters: &[Cell]) -> Result<Vec<Vec<Cell>>, DbError> {
        let sql = self.engine.dialect().sql(sql);
        let rows = self.engine.rows(&sql, parameters);
        rows.map_err(|error| DbError::Failed(self.name.clone(), error))
    }
}

//! Inserts many rows with few statements.

use super::cell::Cell;
use super::engine::{Engine, EngineError};

/// The number of rows in a statement. More rows do not make it faster.
const ROWS: usize = 50;

/// A table and the columns of its rows.
pub(crate) struct Target {
    pub(crate) table: &'static str,
    pub(crate) columns: &'static [&'static str],
}

impl Target {
    /// Inserts rows.
    ///
    /// # Errors
    /// The database's.
    pub(crate) fn insert(
        &self,
        engine: &mut dyn Engine,
        rows: Vec<Vec<Cell>>,
    ) -> Result<(), EngineError> {
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let cells: Vec<Cell> = rows.by_ref().take(ROWS).flatten().collect();
            engine.rows(&self.sql(cells.len() / self.columns.len()), &cells)?;
        }
        Ok(())
    }

    fn sql(&self, rows: usize) -> String {
        let mut next = 0;
        let mut parameter = || {
            next += 1;
            format!("${next}")
        };
        let row = || {
            let cells: Vec<String> = self.columns.iter().map(|_| parameter()).collect();
            format!("({})", cells.join(", "))
        };
        let rows: Vec<String> = std::iter::repeat_with(row).take(rows).collect();
        let (table, columns) = (self.table, self.columns.join(", "));
        format!("INSERT INTO {table} ({columns}) VALUES {}", rows.join(", "))
    }
}

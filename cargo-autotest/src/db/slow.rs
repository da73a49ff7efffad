//! `db slow`: the tests that take the most time.

use super::cell::Cell;
use super::engine::Table;
use super::{Database, DbError, since, table};
use crate::cli;

const COLUMNS: [&str; 6] = [
    "test",
    "runs",
    "total_s",
    "mean_s",
    "earlier_mean_s",
    "change",
];

/// Selects, for each test, the number of runs and their total time, since a given time and before it.
const SELECT: &str = "\
    SELECT name, \
        CAST(SUM(CASE WHEN started_t >= $1 THEN 1 ELSE 0 END) AS BIGINT), \
        SUM(CASE WHEN started_t >= $1 THEN elapsed_s ELSE 0 END), \
        CAST(SUM(CASE WHEN started_t < $1 THEN 1 ELSE 0 END) AS BIGINT), \
        SUM(CASE WHEN started_t < $1 THEN elapsed_s ELSE 0 END) \
    FROM runs WHERE kind = 'test' AND grade <> 'skipped' AND status <> 'ABORT' \
    GROUP BY name ORDER BY name";

/// The times of a test.
struct Slow {
    test: Cell,
    runs: i64,
    total_s: f64,
    earlier_runs: i64,
    earlier_total_s: f64,
}

/// Returns the tests, as they are printed.
///
/// # Errors
/// If the database cannot be read.
pub(crate) fn run(args: &cli::Slow) -> Result<String, DbError> {
    let mut database = Database::read(&args.place)?;
    let since = since::time(&mut database, &args.since)?;
    let rows = database.rows(SELECT, &[Cell::Real(since)])?;
    let mut tests: Vec<Slow> = rows.into_iter().filter_map(Slow::of).collect();
    let time = |test: &Slow| match args.by {
        cli::Time::Total => test.total_s,
        cli::Time::Mean => test.total_s / test.runs as f64,
    };
    // The sort is stable: tests with equal times remain sorted by name.
    tests.sort_by(|a, b| time(b).total_cmp(&time(a)));
    tests.truncate(usize::try_from(args.limit).unwrap_or(usize::MAX));
    let table = Table {
        columns: COLUMNS.map(str::to_owned).to_vec(),
        rows: tests.into_iter().map(Slow::row).collect(),
    };
    Ok(table::print(&table, args.output.format))
}

impl Slow {
    /// The times in a row; `None` if the test has not run since then.
    fn of(row: Vec<Cell>) -> Option<Slow> {
        let [test, runs, total_s, earlier_runs, earlier_total_s] = row.try_into().ok()?;
        let slow = Slow {
            test,
            runs: runs.as_int(),
            total_s: total_s.as_real()?,
            earlier_runs: earlier_runs.as_int(),
            earlier_total_s: earlier_total_s.as_real()?,
        };
        (slow.runs > 0).then_some(slow)
    }

    fn row(self) -> Vec<Cell> {
        let mean_s = self.total_s / self.runs as f64;
        let earlier_s = self.earlier_total_s / self.earlier_runs as f64;
        let change = match self.earlier_runs > 0 && earlier_s > 0.0 {
            true => Cell::Text(format!("{:+.0} %", (mean_s / earlier_s - 1.0) * 100.0)),
            false => Cell::Null,
        };
        let seconds = |time: f64| table::rounded(&Cell::real(time), 3);
        vec![
            self.test,
            Cell::Int(self.runs),
            seconds(self.total_s),
            seconds(mean_s),
            seconds(earlier_s),
            change,
        ]
    }
}

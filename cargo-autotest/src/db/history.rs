//! `db history`: the last runs of a test.

use autotest_core::{any_of, excerpt, nearest_few};

use super::cell::Cell;
use super::engine::Table;
use super::{Database, DbError, NoSuch, table};
use crate::cli;

const COLUMNS: [&str; 8] = [
    "time",
    "target",
    "build",
    "status",
    "elapsed_s",
    "name",
    "job",
    "reason",
];

/// Returns the runs, as they are printed.
///
/// # Errors
/// If the database has no such test or target.
pub(crate) fn run(args: &cli::History) -> Result<String, DbError> {
    let mut database = Database::read(&args.place)?;
    // Two statements, so that each can use an index.
    let mut rows = select(&mut database, "test", args)?;
    if rows.is_empty() {
        rows = select(&mut database, "name", args)?;
    }
    if rows.is_empty() {
        return Err(no_such(&mut database, args)?.into());
    }
    let table = Table {
        columns: COLUMNS.map(str::to_owned).to_vec(),
        rows,
    };
    Ok(table::print(&table, args.output.format))
}

fn select(
    database: &mut Database,
    column: &str,
    args: &cli::History,
) -> Result<Vec<Vec<Cell>>, DbError> {
    let mut parameters = vec![Cell::text(&args.test)];
    let of_target = match &args.target {
        None => "",
        Some(target) => {
            parameters.push(Cell::text(target));
            "AND runs.target_id = (SELECT id FROM targets WHERE hostname = $2)"
        }
    };
    parameters.push(Cell::Int(args.limit.into()));
    let limit = parameters.len();
    let sql = format!(
        "SELECT UTC_TIME(runs.started_t), hostname, build, runs.status, runs.elapsed_s, name, job, runs.reason \
         FROM runs JOIN targets ON targets.id = runs.target_id JOIN jobs ON jobs.id = runs.job_id \
         WHERE runs.{column} = $1 {of_target} AND runs.kind <> 'attempt' \
         ORDER BY runs.started_t DESC, runs.id DESC LIMIT ${limit}"
    );
    database.rows(&sql, &parameters)
}

/// Finds what is missing: the target, the test, or runs of it on the target.
fn no_such(database: &mut Database, args: &cli::History) -> Result<NoSuch, DbError> {
    if let Some(target) = &args.target {
        let sql = "SELECT hostname FROM targets ORDER BY hostname";
        if let Some(missing) = missing(database, sql, "target", target)? {
            return Ok(missing);
        }
    }
    let sql = "SELECT DISTINCT test FROM runs ORDER BY test";
    let missing = missing(database, sql, "test", &args.test)?;
    Ok(missing.unwrap_or_else(|| NoSuch {
        what: "run on this target of",
        name: excerpt(&args.test).into_owned(),
        hint: String::new(),
    }))
}

/// The error for a metric without values: it does not exist, or not for the test and target that were asked for.
pub(super) fn no_such_metric(database: &mut Database, metric: &str) -> Result<NoSuch, DbError> {
    let sql = "SELECT DISTINCT metric FROM measurements ORDER BY metric";
    let missing = missing(database, sql, "metric", metric)?;
    Ok(missing.unwrap_or_else(|| NoSuch {
        what: "value on this target, or of this test, of the metric",
        name: excerpt(metric).into_owned(),
        hint: String::new(),
    }))
}

/// The error if a name is not among those that a statement selects; `None` if it is.
pub(super) fn missing(
    database: &mut Database,
    sql: &str,
    what: &'static str,
    name: &str,
) -> Result<Option<NoSuch>, DbError> {
    let rows = database.rows(sql, &[])?;
    let names = rows.into_iter().filter_map(|row| row.into_iter().next());
    let names: Vec<String> = names.map(Cell::into_text).collect();
    if names.iter().any(|known| known == name) {
        return Ok(None);
    }
    let near = nearest_few(name, names.iter().map(String::as_str));
    let hint = match near.is_empty() {
        true => String::new(),
        false => format!("; did you mean {}?", any_of(&near)),
    };
    let name = excerpt(name).into_owned();
    Ok(Some(NoSuch { what, name, hint }))
}

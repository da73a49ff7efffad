//! `db samples`: prints the samples of a metric.

use autotest_report::sanitize;
use serde::Serialize;

use super::cell::Cell;
use super::engine::Table;
use super::history::no_such_metric;
use super::{Database, DbError, table};
use crate::cli::{self, Format};

/// The sample of a metric that a job measured in one test, from one source.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct JobSamples {
    /// The time at which the job began, in seconds since 1970.
    pub(crate) started_t: f64,
    /// The same time as a text, in UTC.
    pub(crate) time: String,
    pub(crate) target: String,
    pub(crate) build: String,
    pub(crate) kernel: String,
    pub(crate) job: String,
    /// The test, with its operation if that says more.
    pub(crate) test: String,
    /// `perf value` or `iteration`.
    pub(crate) source: String,
    /// The unit; empty if there is none.
    pub(crate) units: String,
    /// `up` if higher is better, `down`, or empty if the test does not say it.
    pub(crate) direction: String,
    /// The values, in the order in which they were measured.
    pub(crate) values: Vec<f64>,
}

/// The samples of a metric for each job and test, in chronological order; only those of `test` and of `target`, if
/// given.
///
/// # Errors
/// If the database fails.
pub(super) fn samples(
    database: &mut Database,
    metric: &str,
    test: Option<&str>,
    target: Option<&str>,
) -> Result<Vec<JobSamples>, DbError> {
    let mut parameters = vec![Cell::text(metric)];
    let mut only = String::new();
    if let Some(test) = test {
        parameters.push(Cell::text(test));
        let at = parameters.len();
        only += &format!(" AND (runs.test = ${at} OR runs.name = ${at})");
    }
    if let Some(target) = target {
        parameters.push(Cell::text(target));
        only += &format!(" AND targets.hostname = ${}", parameters.len());
    }
    let sql = format!(
        "SELECT jobs.started_t, UTC_TIME(jobs.started_t), targets.hostname, jobs.build, kernels.release, jobs.job, \
             runs.name, measurements.source, measurements.units, measurements.direction, measurements.value \
         FROM measurements JOIN runs ON runs.id = measurements.run_id JOIN jobs ON jobs.id = runs.job_id \
         JOIN targets ON targets.id = runs.target_id JOIN kernels ON kernels.id = runs.kernel_id \
         WHERE measurements.metric = $1 AND runs.kind <> 'attempt'{only} \
         ORDER BY jobs.started_t, jobs.id, runs.name, measurements.source DESC, runs.id, measurements.position"
    );
    let mut all: Vec<JobSamples> = Vec::new();
    for row in database.rows(&sql, &parameters)? {
        let Some(next) = JobSamples::of(row) else {
            continue;
        };
        match all.last_mut().filter(|last| last.is_with(&next)) {
            Some(last) => last.values.extend(next.values),
            None => all.push(next),
        }
    }
    Ok(all)
}

impl JobSamples {
    /// The sample in a row, which has one value.
    fn of(row: Vec<Cell>) -> Option<JobSamples> {
        let [
            started_t,
            time,
            target,
            build,
            kernel,
            job,
            test,
            source,
            units,
            direction,
            value,
        ] = row.try_into().ok()?;
        Some(JobSamples {
            started_t: started_t.as_real()?,
            time: time.into_text(),
            target: target.into_text(),
            build: build.into_text(),
            kernel: kernel.into_text(),
            job: job.into_text(),
            test: test.into_text(),
            source: source.into_text(),
            units: units.into_text(),
            direction: direction.into_text(),
            values: vec![value.as_real()?],
        })
    }

    /// Whether the values of both belong to one sample.
    fn is_with(&self, other: &JobSamples) -> bool {
        let is_same = |field: fn(&JobSamples) -> &str| field(self) == field(other);
        is_same(|it| &it.target)
            && is_same(|it| &it.job)
            && is_same(|it| &it.test)
            && is_same(|it| &it.source)
            && is_same(|it| &it.units)
    }

    fn row(self) -> Vec<Cell> {
        let mut sorted = self.values;
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let median = match sorted.len() % 2 {
            0 => (sorted[middle - 1] + sorted[middle]) / 2.0,
            _ => sorted[middle],
        };
        let texts = [self.time, self.target, self.build, self.test];
        let (least, most) = (sorted[0], sorted[sorted.len() - 1]);
        let numbers = [least, median, most].map(Cell::real);
        let texts = texts.into_iter().map(Cell::Text);
        let numbers = [Cell::count(sorted.len())].into_iter().chain(numbers);
        texts
            .chain(numbers)
            .chain([Cell::Text(self.units)])
            .collect()
    }
}

const COLUMNS: [&str; 9] = [
    "time", "target", "build", "test", "samples", "min", "median", "max", "units",
];

/// Returns the samples, as they are printed.
///
/// # Errors
/// If the database has no such metric, or none of this test and target.
pub(crate) fn run(args: &cli::Samples) -> Result<String, DbError> {
    let mut database = Database::read(&args.place)?;
    let (test, target) = (args.test.as_deref(), args.target.as_deref());
    let all = samples(&mut database, &args.metric, test, target)?;
    if all.is_empty() {
        return Err(no_such_metric(&mut database, &args.metric)?.into());
    }
    if args.output.format == Format::Json {
        let line = |it: &JobSamples| sanitize::json(it).unwrap_or_default() + "\n";
        return Ok(all.iter().map(line).collect());
    }
    let table = Table {
        columns: COLUMNS.map(str::to_owned).to_vec(),
        rows: all.into_iter().map(JobSamples::row).collect(),
    };
    Ok(table::print(&table, Format::Text))
}

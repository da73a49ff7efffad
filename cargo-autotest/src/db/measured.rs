//! The samples of each metric in a database, job by job.

use std::collections::{BTreeMap, BTreeSet};

use autotest_report::digest::MetricSource;

use super::cell::Cell;
use super::{Database, DbError};

/// The maximum number of jobs of a target that are read besides those compared. More would add nothing to the estimate
/// of the noise between jobs.
const MOST_OTHERS: usize = 200;

/// A job of the database.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Job {
    pub(crate) id: i64,
    pub(crate) target: String,
    /// The id that the job itself has.
    pub(crate) job: String,
    pub(crate) build: String,
    /// Empty if it is not known.
    pub(crate) commit: String,
    pub(crate) kernel: String,
    /// The time at which it began, in seconds since 1970.
    pub(crate) started_t: f64,
    /// The same time as a text, in UTC.
    pub(crate) time: String,
}

/// Identifies a metric. Only samples of the same metric are compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Metric {
    pub(crate) target: String,
    /// The test, with its operation if that says more.
    pub(crate) test: String,
    pub(crate) name: String,
    pub(crate) source: MetricSource,
    /// The unit; empty if there is none.
    pub(crate) units: String,
}

/// The samples of a metric.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Samples {
    pub(crate) higher_is_better: Option<bool>,
    /// The id of each job in the database with its values, in the order in which the jobs began.
    pub(crate) of_jobs: Vec<(i64, Vec<f64>)>,
}

/// Selects the tests and metrics to read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Filter<'a> {
    pub(crate) metric: Option<&'a str>,
    /// The id of a test, or the name of its runs.
    pub(crate) test: Option<&'a str>,
}

impl Metric {
    /// The name for people. It says how the metric is recorded unless it is a perf value.
    pub(crate) fn shown(&self) -> String {
        self.source.shown(&self.name)
    }
}

/// All jobs, or those of a target, in the order in which they began.
///
/// # Errors
/// If the database fails.
pub(crate) fn jobs(database: &mut Database, target: Option<&str>) -> Result<Vec<Job>, DbError> {
    let only = target.map_or("", |_| "WHERE hostname = $1 ");
    let sql = format!(
        "SELECT jobs.id, hostname, job, build, commit_id, release, started_t, UTC_TIME(started_t) \
         FROM jobs JOIN targets ON targets.id = target_id JOIN kernels ON kernels.id = kernel_id \
         {only}ORDER BY started_t, jobs.id"
    );
    let parameters: Vec<Cell> = target.map(Cell::text).into_iter().collect();
    let rows = database.rows(&sql, &parameters)?;
    Ok(rows.into_iter().filter_map(Job::of).collect())
}

/// The latest other jobs of the compared jobs' targets, the newest first.
pub(crate) fn others<'j>(all: &'j [Job], compared: &[&Job]) -> Vec<&'j Job> {
    let ids: BTreeSet<i64> = compared.iter().map(|job| job.id).collect();
    let targets: BTreeSet<&str> = compared.iter().map(|job| job.target.as_str()).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let is_wanted = |job: &&'j Job| {
        let count = counts.entry(&job.target).or_default();
        let is_other = targets.contains(job.target.as_str()) && !ids.contains(&job.id);
        *count += usize::from(is_other);
        is_other && *count <= MOST_OTHERS
    };
    all.iter().rev().filter(is_wanted).collect()
}

/// The samples of some jobs, by metric.
///
/// # Errors
/// If the database fails.
pub(crate) fn samples(
    database: &mut Database,
    jobs: &[&Job],
    filter: Filter<'_>,
) -> Result<BTreeMap<Metric, Samples>, DbError> {
    let mut all = BTreeMap::<Metric, Samples>::new();
    if jobs.is_empty() {
        return Ok(all);
    }
    let (sql, parameters) = statement(jobs, filter);
    for row in database.rows(&sql, &parameters)? {
        let Some((metric, job, direction, value)) = Metric::of(row) else {
            continue;
        };
        let samples = all.entry(metric).or_default();
        samples.higher_is_better = direction.or(samples.higher_is_better);
        match samples.of_jobs.last_mut().filter(|last| last.0 == job) {
            Some((_, values)) => values.push(value),
            None => samples.of_jobs.push((job, vec![value])),
        }
    }
    Ok(all)
}

/// The statement that selects the samples, job by job in chronological order.
fn statement(jobs: &[&Job], filter: Filter<'_>) -> (String, Vec<Cell>) {
    let ids: Vec<String> = jobs.iter().map(|job| job.id.to_string()).collect();
    let mut only = format!("runs.job_id IN ({})", ids.join(", "));
    let mut parameters = Vec::new();
    if let Some(metric) = filter.metric {
        parameters.push(Cell::text(metric));
        only += &format!(" AND measured.metric = ${}", parameters.len());
    }
    if let Some(test) = filter.test {
        parameters.push(Cell::text(test));
        let at = parameters.len();
        only += &format!(" AND (runs.test = ${at} OR runs.name = ${at})");
    }
    let sql = format!(
        "SELECT targets.hostname, runs.name, measured.metric, measured.source, measured.units, measured.direction, \
             runs.job_id, measured.value \
         FROM measurements AS measured JOIN runs ON runs.id = measured.run_id \
         JOIN jobs ON jobs.id = runs.job_id JOIN targets ON targets.id = runs.target_id \
         WHERE {only} AND runs.kind <> 'attempt' \
         ORDER BY jobs.started_t, jobs.id, runs.id, measured.source, measured.position"
    );
    (sql, parameters)
}

impl Job {
    fn of(row: Vec<Cell>) -> Option<Job> {
        let [id, target, job, build, commit, kernel, started_t, time] = row.try_into().ok()?;
        Some(Job {
            id: id.as_int(),
            target: target.into_text(),
            job: job.into_text(),
            build: build.into_text(),
            commit: commit.into_text(),
            kernel: kernel.into_text(),
            started_t: started_t.as_real()?,
            time: time.into_text(),
        })
    }
}

impl Metric {
    /// The metric of a row, with the job, the direction and the value.
    fn of(row: Vec<Cell>) -> Option<(Metric, i64, Option<bool>, f64)> {
        let [target, test, name, source, units, direction, job, value] = row.try_into().ok()?;
        let metric = Metric {
            target: target.into_text(),
            test: test.into_text(),
            name: name.into_text(),
            source: match source.into_text() == MetricSource::Iteration.word() {
                true => MetricSource::Iteration,
                false => MetricSource::PerfValue,
            },
            units: units.into_text(),
        };
        let direction = match direction.into_text().as_str() {
            "up" => Some(true),
            "down" => Some(false),
            _ => None,
        };
        Some((metric, job.as_int(), direction, value.as_real()?))
    }
}

//! The newest earlier run of each test, for `report --since`.

use std::collections::BTreeMap;

use autotest_report::Grade;

use super::cell::Cell;
use super::measured::{self, Filter, Job, Metric, Samples};
use super::noise::noise;
use super::{Database, DbError};
use crate::cli;
use crate::stats::JobNoise;

/// The earlier runs of the tests of some jobs.
pub(crate) struct Earlier {
    /// The database, as messages name it.
    pub(crate) name: String,
    pub(crate) runs: Vec<EarlierRun>,
}

/// The run of a test in the newest earlier job that has one.
pub(crate) struct EarlierRun {
    pub(crate) target: String,
    /// The suite.
    pub(crate) label: String,
    /// The groups around it, outermost first.
    pub(crate) groups: Vec<String>,
    pub(crate) operation: String,
    pub(crate) name: String,
    pub(crate) grade: Grade,
    pub(crate) elapsed_s: f64,
    /// Whether its job is the newest earlier job of the suite on the target. If so, a test that is missing now is gone.
    pub(crate) is_of_newest_job: bool,
    pub(crate) metrics: Vec<EarlierMetric>,
    job: i64,
}

/// A metric of an earlier run.
#[derive(Clone)]
pub(crate) struct EarlierMetric {
    pub(crate) metric: Metric,
    pub(crate) values: Vec<f64>,
    /// The noise between other earlier jobs, if it is known.
    pub(crate) noise: Option<JobNoise>,
}

/// Selects the final runs of a suite before a time, each from the newest job that has it. The targets are inserted.
const SELECT: &str = "\
    WITH ranked AS ( \
        SELECT runs.id AS id, runs.job_id AS job_id, runs.groups_around AS groups_around, \
            runs.operation AS operation, runs.name AS name, runs.grade AS grade, runs.elapsed_s AS elapsed_s, \
            RANK() OVER (PARTITION BY runs.groups_around, runs.operation \
                ORDER BY jobs.started_t DESC, jobs.id DESC) AS age, \
            DENSE_RANK() OVER (ORDER BY jobs.started_t DESC, jobs.id DESC) AS age_of_job \
        FROM runs JOIN jobs ON jobs.id = runs.job_id JOIN targets ON targets.id = jobs.target_id \
        WHERE label = $1 AND jobs.started_t < $2 AND hostname IN (TARGETS) AND runs.kind = 'test' \
    ) \
    SELECT job_id, groups_around, operation, name, grade, elapsed_s, age_of_job FROM ranked WHERE age = 1 ORDER BY id";

/// The earlier runs of the tests of some suites: for each target and suite, those before its jobs began. The shards of a
/// suite may have several targets, separated by commas.
///
/// # Errors
/// If the database cannot be read.
pub(crate) fn earlier(
    place: &cli::Place,
    beginnings: &BTreeMap<(String, String), f64>,
) -> Result<Earlier, DbError> {
    let mut database = Database::read(place)?;
    let mut runs = Vec::new();
    for ((target, label), started_t) in beginnings {
        let of_suite = of_suite(&mut database, target, label, *started_t)?;
        runs.extend(with_metrics(&mut database, of_suite, target, *started_t)?);
    }
    Ok(Earlier {
        name: database.name.trim_matches('`').to_owned(),
        runs,
    })
}

fn of_suite(
    database: &mut Database,
    target: &str,
    label: &str,
    before_t: f64,
) -> Result<Vec<EarlierRun>, DbError> {
    let mut parameters = vec![Cell::text(label), Cell::Real(before_t)];
    parameters.extend(target.split(',').map(Cell::text));
    let targets: Vec<String> = (3..=parameters.len()).map(|n| format!("${n}")).collect();
    let select = SELECT.replace("TARGETS", &targets.join(", "));
    let rows = database.rows(&select, &parameters)?;
    let run = |row: Vec<Cell>| {
        let [job, groups, operation, name, grade, elapsed_s, age_of_job] = row.try_into().ok()?;
        Some(EarlierRun {
            target: target.to_owned(),
            label: label.to_owned(),
            groups: serde_json::from_str(&groups.into_text()).ok()?,
            operation: operation.into_text(),
            name: name.into_text(),
            grade: match grade.into_text().as_str() {
                "passed" => Grade::Passed,
                "skipped" => Grade::Skipped,
                _ => Grade::Failed,
            },
            elapsed_s: elapsed_s.as_real()?,
            is_of_newest_job: age_of_job.as_int() == 1,
            metrics: Vec::new(),
            job: job.as_int(),
        })
    };
    Ok(rows.into_iter().filter_map(run).collect())
}

/// Adds the metrics of the runs, and the noise between the other jobs of the target.
fn with_metrics(
    database: &mut Database,
    mut runs: Vec<EarlierRun>,
    target: &str,
    before_t: f64,
) -> Result<Vec<EarlierRun>, DbError> {
    let mut jobs = Vec::new();
    for target in target.split(',') {
        jobs.extend(measured::jobs(database, Some(target))?);
    }
    jobs.retain(|job| job.started_t < before_t);
    jobs.sort_by(|a, b| a.started_t.total_cmp(&b.started_t).then(a.id.cmp(&b.id)));
    let of_runs: Vec<&Job> = jobs
        .iter()
        .filter(|job| runs.iter().any(|run| run.job == job.id))
        .collect();
    let all = [of_runs.as_slice(), &measured::others(&jobs, &of_runs)].concat();
    let samples = measured::samples(database, &all, Filter::default())?;
    for run in &mut runs {
        let others: Vec<&Job> = all
            .iter()
            .copied()
            .filter(|job| job.id != run.job)
            .collect();
        let of_test = samples.iter().filter(|(metric, _)| metric.test == run.name);
        run.metrics = of_test
            .filter_map(|(metric, samples)| EarlierMetric::of(metric, samples, run.job, &others))
            .collect();
    }
    Ok(runs)
}

impl EarlierMetric {
    fn of(metric: &Metric, samples: &Samples, job: i64, others: &[&Job]) -> Option<EarlierMetric> {
        let (_, values) = samples.of_jobs.iter().find(|(id, _)| *id == job)?;
        Some(EarlierMetric {
            metric: metric.clone(),
            values: values.clone(),
            noise: noise(samples, others),
        })
    }
}

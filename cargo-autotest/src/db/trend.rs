//! `db trend`: prints a metric over many jobs, and the points at which its level changed.

mod page;

use std::collections::BTreeMap;
use std::path::PathBuf;

use autotest_report::sanitize;
use serde::Serialize;

use super::cell::Cell;
use super::engine::Table;
use super::history::no_such_metric;
use super::measured::{self, Filter, Job, Metric, Samples};
use super::{Database, DbError, table};
use crate::cli::{self, Format};
use crate::stats::{ChangePoint, Search, Verdict, change_points, median};
use crate::verdict;

/// An error when writing the page.
#[derive(Debug, thiserror::Error)]
#[error("failed to write `{path}`: {1}", path = .0.display())]
pub(crate) struct PageError(PathBuf, std::io::Error);

/// A metric over the jobs of a target.
struct Series<'d> {
    metric: &'d Metric,
    higher_is_better: Option<bool>,
    points: Vec<Point<'d>>,
    changes: Vec<ChangePoint>,
}

/// The sample of a job: the number of its values, and their median.
struct Point<'d> {
    job: &'d Job,
    values: usize,
    median: f64,
}

/// Returns the series, as they are printed, and writes the page if the user wants one.
///
/// # Errors
/// If the database has no such metric, or none of this test and target, or if the page cannot be written.
pub(crate) fn run(args: &cli::Trend) -> Result<String, DbError> {
    let mut database = Database::read(&args.place)?;
    let jobs = measured::jobs(&mut database, args.target.as_deref())?;
    let filter = Filter {
        metric: Some(&args.metric),
        test: args.test.as_deref(),
    };
    let all: Vec<&Job> = jobs.iter().collect();
    let samples = measured::samples(&mut database, &all, filter)?;
    if samples.is_empty() {
        return Err(no_such_metric(&mut database, &args.metric)?.into());
    }
    let jobs: BTreeMap<i64, &Job> = jobs.iter().map(|job| (job.id, job)).collect();
    let series: Vec<Series<'_>> = samples
        .iter()
        .map(|(metric, samples)| Series::of(metric, samples, &jobs))
        .collect();
    if let Some(path) = &args.html {
        let page = page::page(&args.metric, &series);
        autotest_report::write_whole(path, page.as_bytes())
            .map_err(|error| PageError(path.clone(), error))?;
    }
    Ok(match args.output.format {
        Format::Text => text(&series),
        Format::Json => series.iter().map(Series::json).collect(),
    })
}

impl<'d> Series<'d> {
    fn of(metric: &'d Metric, samples: &Samples, jobs: &BTreeMap<i64, &'d Job>) -> Series<'d> {
        let points = samples.of_jobs.iter().filter_map(|(id, values)| {
            Some(Point {
                job: jobs.get(id)?,
                values: values.len(),
                median: median(values),
            })
        });
        let points: Vec<Point<'d>> = points.collect();
        let medians: Vec<f64> = points.iter().map(|point| point.median).collect();
        Series {
            metric,
            higher_is_better: samples.higher_is_better,
            points,
            changes: change_points(&medians, &Search::default()),
        }
    }

    /// The verdict on a change.
    fn verdict(&self, change: &ChangePoint) -> Verdict {
        Verdict::of_change(change.change(), self.higher_is_better)
    }

    /// The change that begins at the point with this index.
    fn change_at(&self, index: usize) -> Option<&ChangePoint> {
        self.changes.iter().find(|change| change.index == index)
    }

    fn heading(&self) -> String {
        let metric = self.metric;
        let unit = match metric.units.as_str() {
            "" => String::new(),
            units => format!(" ({units})"),
        };
        let heading = format!(
            "{} on {}: {}{unit}",
            metric.test,
            metric.target,
            metric.shown()
        );
        sanitize::single_line(&heading)
    }

    fn table(&self) -> Table {
        let has_commits = self.points.iter().any(|point| !point.job.commit.is_empty());
        let row = |(index, point): (usize, &Point<'_>)| {
            let job = point.job;
            let change = self.change_at(index);
            let change = change.map_or(String::new(), |change| self.described(change));
            let mut cells = vec![&job.time, &job.job, &job.build];
            if has_commits {
                cells.push(&job.commit);
            }
            cells.push(&job.kernel);
            let cells = cells.into_iter().cloned();
            let rest = [verdict::number(point.median), change];
            cells.chain(rest).map(Cell::Text).collect()
        };
        let columns = [
            "time", "job", "build", "commit", "kernel", "median", "change",
        ];
        let is_shown = |column: &&str| has_commits || *column != "commit";
        Table {
            columns: columns
                .into_iter()
                .filter(is_shown)
                .map(str::to_owned)
                .collect(),
            rows: self.points.iter().enumerate().map(row).collect(),
        }
    }

    fn described(&self, change: &ChangePoint) -> String {
        let word = verdict::word(self.verdict(change));
        let percent = verdict::percent(change.change());
        format!("{percent}, p {}: {word}", verdict::number(change.p))
    }

    /// A line for each change, for the summary.
    fn summary(&self) -> impl Iterator<Item = String> {
        self.changes.iter().filter_map(|change| {
            let job = self.points.get(change.index)?.job;
            Some(format!(
                "{}: {} to {} ({}), since job {}, build {}, {}\n",
                self.heading(),
                verdict::number(change.before),
                verdict::number(change.after),
                self.described(change),
                sanitize::single_line(&job.job),
                sanitize::single_line(&job.build),
                job.time
            ))
        })
    }
}

fn text(all: &[Series<'_>]) -> String {
    let tables = all.iter().map(|series| {
        let table = table::print(&series.table(), Format::Text);
        format!("{}\n\n{table}\n", series.heading())
    });
    let tables: String = tables.collect();
    let changes: String = all.iter().flat_map(Series::summary).collect();
    match changes.is_empty() {
        true => format!("{tables}no series changed its level\n"),
        false => format!("{tables}changes:\n{changes}"),
    }
}

/// A JSON line of a series: the common keys, and those of its kind.
#[derive(Clone, Copy, Serialize)]
struct Line<'a, T> {
    kind: &'static str,
    target: &'a str,
    test: &'a str,
    metric: &'a str,
    source: &'static str,
    units: &'a str,
    started_t: f64,
    time: &'a str,
    job: &'a str,
    build: &'a str,
    commit: &'a str,
    kernel: &'a str,
    #[serde(flatten)]
    rest: T,
}

#[derive(Clone, Copy, Serialize)]
struct PointLine {
    samples: usize,
    median: f64,
}

#[derive(Clone, Copy, Serialize)]
struct ChangeLine {
    before: f64,
    after: f64,
    /// Null if it is infinite.
    change: f64,
    p: f64,
    verdict: &'static str,
}

impl Series<'_> {
    fn json(&self) -> String {
        let mut lines = String::new();
        for (index, point) in self.points.iter().enumerate() {
            let rest = PointLine {
                samples: point.values,
                median: point.median,
            };
            lines += &self.line("point", point.job, rest);
            if let Some(change) = self.change_at(index) {
                let rest = ChangeLine {
                    before: change.before,
                    after: change.after,
                    change: change.change(),
                    p: change.p,
                    verdict: verdict::word(self.verdict(change)),
                };
                lines += &self.line("change", point.job, rest);
            }
        }
        lines
    }

    fn line<T: Serialize>(&self, kind: &'static str, job: &Job, rest: T) -> String {
        let metric = self.metric;
        let line = Line {
            kind,
            target: &metric.target,
            test: &metric.test,
            metric: &metric.name,
            source: metric.source.word(),
            units: &metric.units,
            started_t: job.started_t,
            time: &job.time,
            job: &job.job,
            build: &job.build,
            commit: &job.commit,
            kernel: &job.kernel,
            rest,
        };
        sanitize::json(&line).unwrap_or_default() + "\n"
    }
}

//! Perf values over the iterations of a run, with the limits of its constraints.

use autotest_core::ExecuteArgs;
use autotest_core::constraint::Constraint;
use maud::{Markup, html};

use super::plot::{Limit, Series};
use super::words::{line, number};
use crate::digest::{Metric, MetricSource, RunDigest};

/// The maximum number of metrics plotted for a run.
const MAX_PLOTS: usize = 48;
/// The maximum number of rows in the table of values.
const MAX_ROWS: usize = 200;

/// The plots of a run's metrics, and their values as a table.
pub(super) fn section(run: &RunDigest) -> Markup {
    let mut all = all_series(run);
    let left_out = all.len().saturating_sub(MAX_PLOTS);
    all.truncate(MAX_PLOTS);
    add_limits(&mut all, &constraints(run));
    html! {
        @if !all.is_empty() {
            section {
                h3 { "Measurements" }
                .plots { @for series in &all { (series.figure()) } }
                @if left_out > 0 { p.muted { "and " (left_out) " more metrics" } }
                (constraints_list(run))
                (values(&all))
            }
        }
    }
}

/// The constraints of the test and of the run.
fn constraints(run: &RunDigest) -> Vec<String> {
    let of_run = ExecuteArgs::parse(&run.args).map(|args| args.constraints);
    let declared = run.declared.constraints.iter().cloned();
    declared.chain(of_run.unwrap_or_default()).collect()
}

fn constraints_list(run: &RunDigest) -> Markup {
    let constraints = constraints(run);
    html! {
        @if !constraints.is_empty() {
            p { "Constraints: " @for (index, text) in constraints.iter().enumerate() {
                @if index > 0 { ", " }
                code { (line(text)) }
            } }
        }
    }
}

fn add_limits(all: &mut [Series], constraints: &[String]) {
    for constraint in constraints {
        let Ok(constraint) = Constraint::parse(constraint) else {
            continue;
        };
        for bound in constraint.bounds() {
            for series in all.iter_mut().filter(|series| series.name == bound.name) {
                let (relation, value) = (bound.relation, bound.limit);
                series.limits.push(Limit { relation, value });
            }
        }
    }
}

/// The metrics of a run: those of iterations, and the perf values with other names.
fn all_series(run: &RunDigest) -> Vec<Series> {
    let metrics = run.metrics();
    let is_of_iterations = |metric: &&Metric<'_>| metric.source == MetricSource::Iteration;
    let (of_iterations, perf_values): (Vec<_>, Vec<_>) = metrics.iter().partition(is_of_iterations);
    // A perf value of the same name has the unit.
    let unit = |name| perf_values.iter().find(|metric| metric.name == name)?.units;
    let is_new = |metric: &&Metric<'_>| of_iterations.iter().all(|known| known.name != metric.name);
    let iterations = of_iterations
        .iter()
        .map(|metric| Series::of(metric, unit(metric.name)));
    let others = perf_values.iter().copied().filter(is_new);
    iterations
        .chain(others.map(|metric| Series::of(metric, metric.units)))
        .collect()
}

/// All values as a table, for readers who cannot see a plot.
fn values(all: &[Series]) -> Markup {
    let rows = all
        .iter()
        .flat_map(|series| series.points.last())
        .map(|(index, _)| *index);
    let rows = rows.max().unwrap_or_default();
    html! {
        @if rows > 1 {
            details.more {
                summary { "Values as a table" }
                .scroll tabindex="0" role="group" aria-label="Values" {
                    table.data {
                        thead { tr {
                            th scope="col" { "Iteration" }
                            @for series in all { th scope="col" { (line(&series.name)) } }
                        } }
                        tbody { @for row in 1..=rows.min(MAX_ROWS) { (values_row(all, row)) } }
                    }
                }
                @if rows > MAX_ROWS { p.muted { "and " (rows - MAX_ROWS) " more rows" } }
            }
        }
    }
}

fn values_row(all: &[Series], row: usize) -> Markup {
    html! {
        tr {
            th.num scope="row" { (row) }
            @for series in all {
                td.num { (series.at(row).map(number).unwrap_or_default()) }
            }
        }
    }
}

//! `--html`: makes the page with a plot of each series.

use autotest_report::html::{Trend, TrendChange, TrendPoint, TrendSeries, trend_page};

use super::Series;
use crate::verdict;

/// The page about a metric.
pub(super) fn page(metric: &str, all: &[Series<'_>]) -> String {
    trend_page(&Trend {
        title: format!("Trend of {metric}"),
        series: all.iter().map(series).collect(),
    })
}

fn series(series: &Series<'_>) -> TrendSeries {
    let metric = series.metric;
    let points = series.points.iter().map(|point| TrendPoint {
        t: point.job.started_t,
        job: point.job.job.clone(),
        build: point.job.build.clone(),
        commit: point.job.commit.clone(),
        kernel: point.job.kernel.clone(),
        value: point.median,
    });
    let changes = series.changes.iter().map(|change| TrendChange {
        index: change.index,
        before: change.before,
        after: change.after,
        change: change.change(),
        p: change.p,
        verdict: verdict::on_page(series.verdict(change)),
    });
    TrendSeries {
        test: metric.test.clone(),
        target: metric.target.clone(),
        metric: metric.shown(),
        unit: metric.units.clone(),
        points: points.collect(),
        changes: changes.collect(),
    }
}

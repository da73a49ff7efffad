//! Verdicts on the metrics of tests that ran in both jobs.

use autotest_report::html::{Metric, MetricVerdict};
use autotest_report::sanitize;

use super::tests::{Sample, Test};
use crate::db;
use crate::stats::{self, Comparison, Order, Rules, compare_jobs};
use crate::verdict;

/// Comparisons, which are corrected for their number in the end.
#[derive(Default)]
pub(super) struct Metrics {
    compared: Vec<(db::Metric, Comparison)>,
}

impl Metrics {
    /// Compares the metrics of a test.
    pub(super) fn compare(&mut self, test: &str, before: &Test, now: &Test) {
        for (key, sample) in &now.metrics {
            if let Some(earlier) = before.metrics.get(key) {
                let (name, source, units) = key.clone();
                let metric = db::Metric {
                    target: String::new(),
                    test: test.to_owned(),
                    name,
                    source,
                    units,
                };
                self.compared.push((metric, compared(earlier, sample)));
            }
        }
    }

    /// The corrected verdicts, changes first.
    pub(super) fn verdicts(self) -> Vec<Metric> {
        let (metrics, mut comparisons): (Vec<_>, Vec<_>) = self.compared.into_iter().unzip();
        stats::correct(&mut comparisons, &Rules::default());
        let pairs = metrics.iter().zip(&comparisons);
        let mut all: Vec<Metric> = pairs
            .map(|(metric, comparison)| on_page(metric, comparison))
            .collect();
        all.sort_by_key(|metric| !is_change(metric));
        all
    }
}

fn compared(before: &Sample, now: &Sample) -> Comparison {
    let (before_values, now_values) = ([before.values.clone()], [now.values.clone()]);
    compare_jobs(
        &before_values,
        &now_values,
        Order::Apart,
        before.noise,
        now.higher_is_better,
        &Rules::default(),
    )
}

fn on_page(metric: &db::Metric, comparison: &Comparison) -> Metric {
    let change = comparison.change;
    Metric {
        test: metric.test.clone(),
        name: metric.shown(),
        unit: metric.units.clone(),
        before: comparison.before.median,
        now: comparison.after.median,
        change: change.map_or(0.0, |change| change.estimate),
        interval: change.map(|change| (change.low, change.high)),
        verdict: verdict::on_page(comparison.verdict),
    }
}

pub(super) fn is_change(metric: &Metric) -> bool {
    match metric.verdict {
        MetricVerdict::Regress | MetricVerdict::Improve | MetricVerdict::Differ => true,
        MetricVerdict::Same | MetricVerdict::NotEnoughData => false,
    }
}

/// Formats the changes for a person, with the numbers of metrics that did not change or cannot be judged.
pub(super) fn text(metrics: &[Metric]) -> String {
    if metrics.is_empty() {
        return String::new();
    }
    let mut text = "\nperf values:\n".to_owned();
    for metric in metrics.iter().filter(|metric| is_change(metric)) {
        text.push_str(&format!("    {}\n", line(metric)));
    }
    let count = |verdict| {
        let metrics = metrics.iter().filter(|metric| metric.verdict == verdict);
        metrics.count()
    };
    let (same, unknown) = (
        count(MetricVerdict::Same),
        count(MetricVerdict::NotEnoughData),
    );
    text.push_str(&format!("    {same} same, {unknown} without enough data\n"));
    text
}

fn line(metric: &Metric) -> String {
    let interval = metric.interval.map_or(String::new(), |(low, high)| {
        format!(" ({:+.1} to {})", 100.0 * low, verdict::percent(high))
    });
    let line = format!(
        "{}: {} {}: {} to {} {}, {}{interval}",
        metric.verdict.word(),
        metric.test,
        metric.name,
        verdict::number(metric.before),
        verdict::number(metric.now),
        metric.unit,
        verdict::percent(metric.change),
    );
    sanitize::single_line(&line.replace(" , ", ", "))
}

//! The changes since an earlier job, as the comparison found them.

use maud::{Markup, html};

use super::words::{line, number};

/// The changes since an earlier job.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// A description of the earlier job.
    pub since: String,
    /// Tests that fail now and did not fail then.
    pub newly_failing: Vec<Change>,
    /// Tests that failed then and do not fail now.
    pub fixed: Vec<Change>,
    /// Tests whose verdicts are not always the same.
    pub flaky: Vec<Change>,
    /// Tests that took longer.
    pub slower: Vec<Change>,
    /// Tests that no longer ran.
    pub gone: Vec<Change>,
    /// Tests that ran for the first time.
    pub new: Vec<Change>,
    /// The metrics of perf values.
    pub metrics: Vec<Metric>,
    /// The number of other metrics, which are not listed.
    pub omitted_metrics: usize,
}

/// A test that changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Change {
    /// The name of the test, as in the table.
    pub test: String,
    /// A description of the change; may be empty.
    pub what: String,
}

/// How a metric of perf values changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// The test that recorded it.
    pub test: String,
    /// Its name.
    pub name: String,
    /// Its unit; may be empty.
    pub unit: String,
    /// The earlier value.
    pub before: f64,
    /// The value now.
    pub now: f64,
    /// The relative change: `0.05` is 5 % more.
    pub change: f64,
    /// The confidence interval of the relative change.
    pub interval: Option<(f64, f64)>,
    /// The meaning of the change.
    pub verdict: MetricVerdict,
}

/// The meaning of the change of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricVerdict {
    /// It became worse.
    Regress,
    /// It became better.
    Improve,
    /// It changed, but neither direction is known to be better.
    Differ,
    /// It did not change.
    Same,
    /// There are too few values for a verdict.
    NotEnoughData,
}

impl MetricVerdict {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            MetricVerdict::Regress => "regress",
            MetricVerdict::Improve => "improve",
            MetricVerdict::Differ => "differ",
            MetricVerdict::Same => "same",
            MetricVerdict::NotEnoughData => "not enough data",
        }
    }

    pub(super) const fn class(self) -> &'static str {
        match self {
            MetricVerdict::Regress => "fail",
            MetricVerdict::Improve => "pass",
            MetricVerdict::Differ => "warn",
            MetricVerdict::Same | MetricVerdict::NotEnoughData => "skip",
        }
    }
}

/// The section of the summary about changes.
pub(super) fn section(changes: &Changes) -> Markup {
    let kinds = [
        ("Newly failing", &changes.newly_failing),
        ("Fixed", &changes.fixed),
        ("Flaky", &changes.flaky),
        ("Slower", &changes.slower),
        ("Not run any more", &changes.gone),
        ("New", &changes.new),
    ];
    let is_same = kinds.iter().all(|(_, tests)| tests.is_empty());
    html! {
        section.changes aria-labelledby="changes" {
            h2 id="changes" { "What changed" }
            p.muted { "Since " (line(&changes.since)) "." }
            @if is_same { p { "The same tests ran, with the same verdicts." } }
            .kinds {
                @for (kind, tests) in kinds.iter().filter(|(_, tests)| !tests.is_empty()) {
                    (kind_of_change(kind, tests))
                }
            }
            @if !changes.metrics.is_empty() { (metrics(&changes.metrics)) }
            @if changes.omitted_metrics > 0 {
                p.muted { (changes.omitted_metrics) " more metrics are not listed." }
            }
        }
    }
}

fn kind_of_change(kind: &str, tests: &[Change]) -> Markup {
    html! {
        div {
            h3 { (kind) " " span.count { (tests.len()) } }
            ul {
                @for test in tests {
                    li {
                        code { (line(&test.test)) }
                        @if !test.what.is_empty() { " " span.muted { (line(&test.what)) } }
                    }
                }
            }
        }
    }
}

fn metrics(metrics: &[Metric]) -> Markup {
    html! {
        .scroll tabindex="0" role="group" aria-label="Changes of perf values" {
            table.data {
                caption { "Perf values" }
                thead {
                    tr {
                        @for head in ["Test", "Metric", "Before", "Now", "Change", "Interval", "Verdict"] {
                            th scope="col" { (head) }
                        }
                    }
                }
                tbody { @for metric in metrics { (row(metric)) } }
            }
        }
    }
}

fn row(metric: &Metric) -> Markup {
    let value = |value| format!("{} {}", number(value), line(&metric.unit));
    html! {
        tr {
            td { (line(&metric.test)) }
            th scope="row" { (line(&metric.name)) }
            td.num { (value(metric.before)) }
            td.num { (value(metric.now)) }
            td.num { (percent(metric.change)) }
            td.num {
                @if let Some((low, high)) = metric.interval { (percent(low)) " to " (percent(high)) }
            }
            td { span class={ "tag " (metric.verdict.class()) } { (metric.verdict.word()) } }
        }
    }
}

pub(super) fn percent(change: f64) -> String {
    format!("{:+.1}\u{a0}%", change * 100.0)
}

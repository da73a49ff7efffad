//! Finds the changes since earlier jobs, which are in a directory or in a database.

mod metrics;
mod tests;

use autotest_report::html::Metric;
use autotest_report::{Digest, Grade};

use crate::db;
use metrics::Metrics;
use tests::{Test, Tests};

pub(super) use tests::beginnings;

/// A test is slower if it takes at least this many times as long, and at least this many seconds more: short tests vary
/// much, and nobody waits for them.
const SLOWER_FACTOR: f64 = 1.5;
const SLOWER_BY_S: f64 = 1.0;

/// The kind of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    NewlyFailing,
    Flaky,
    Slower,
    Gone,
    New,
    Fixed,
}

/// A change of one test.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Change {
    pub(super) what: What,
    /// The target and the suite if there are several, the groups around it, and its name.
    pub(super) test: String,
    /// Details, such as the reason; may be empty.
    pub(super) detail: String,
}

/// All changes.
pub(super) struct Changes {
    /// The name of the earlier jobs: a directory or a database.
    pub(super) since: String,
    pub(super) tests: Vec<Change>,
    /// All metrics of tests that ran in both jobs, those that changed first.
    pub(super) metrics: Vec<Metric>,
}

/// The earlier jobs.
pub(super) enum Before<'a> {
    Jobs(&'a [Digest]),
    Database(&'a db::Earlier),
}

/// Finds the changes since the jobs in `before`, which messages call `since`.
pub(super) fn changes(since: String, before: &Before<'_>, now: &[Digest]) -> Changes {
    let mut now = Tests::of(now);
    let mut before = match before {
        Before::Jobs(digests) => Tests::of(digests),
        Before::Database(earlier) => Tests::of_database(earlier),
    };
    if before.has_one_target() && now.has_one_target() {
        // If one machine has replaced another, the tests are still the same.
        before.forget_target();
        now.forget_target();
    }
    let (mut changes, mut metrics) = (Vec::new(), Metrics::default());
    for (key, test) in &now.tests {
        let shown = now.shown(key);
        let changed = match before.tests.get(key) {
            None => vec![(What::New, String::new())],
            Some(earlier) => {
                metrics.compare(&shown, earlier, test);
                compared(earlier, test)
            }
        };
        let flaky = test.flaky.clone().map(|detail| (What::Flaky, detail));
        let changed = changed.into_iter().chain(flaky);
        changes.extend(changed.map(|(what, detail)| Change {
            what,
            test: shown.clone(),
            detail,
        }));
    }
    let is_gone = |(key, test): &(&_, &Test)| test.can_be_gone && !now.tests.contains_key(*key);
    let gone = before.tests.iter().filter(is_gone);
    changes.extend(gone.map(|(key, _)| Change {
        what: What::Gone,
        test: before.shown(key),
        detail: String::new(),
    }));
    changes.sort();
    Changes {
        since,
        tests: changes,
        metrics: metrics.verdicts(),
    }
}

fn compared(before: &Test, now: &Test) -> Vec<(What, String)> {
    let (then_s, now_s) = (before.elapsed_s, now.elapsed_s);
    let is_slower = now_s >= then_s * SLOWER_FACTOR && now_s - then_s >= SLOWER_BY_S;
    match (before.grade, now.grade) {
        (Grade::Passed | Grade::Skipped, Grade::Failed) => {
            vec![(What::NewlyFailing, now.reason.clone())]
        }
        (Grade::Failed, Grade::Passed) => vec![(What::Fixed, String::new())],
        (Grade::Passed, Grade::Passed) if is_slower => {
            vec![(
                What::Slower,
                format!("{then_s:.2}s before, {now_s:.2}s now"),
            )]
        }
        _ => Vec::new(),
    }
}

/// Formats the changes for a person.
pub(super) fn text(changes: &Changes) -> String {
    const HEADINGS: [(What, &str); 6] = [
        (What::NewlyFailing, "newly failing"),
        (What::Flaky, "flaky"),
        (What::Slower, "slower"),
        (What::Gone, "gone"),
        (What::New, "new"),
        (What::Fixed, "fixed"),
    ];
    let mut text = String::new();
    if changes.tests.is_empty() && !changes.metrics.iter().any(metrics::is_change) {
        text.push_str("\nnothing changed\n");
    }
    let metrics = metrics::text(&changes.metrics);
    let changes = &changes.tests;
    for (what, heading) in HEADINGS {
        let of_kind: Vec<_> = changes
            .iter()
            .filter(|change| change.what == what)
            .collect();
        if of_kind.is_empty() {
            continue;
        }
        text.push_str(&format!("\n{heading}:\n"));
        for change in of_kind {
            let detail = match change.detail.as_str() {
                "" => String::new(),
                detail => format!(": {detail}"),
            };
            text.push_str(&format!("    {}{detail}\n", change.test));
        }
    }
    text + &metrics
}

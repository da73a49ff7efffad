//! `--html`: makes the page about all jobs.

use std::io;
use std::path::Path;

use autotest_report::Digest;
use autotest_report::html::{self, HtmlJob, Page};

use super::since::{Changes, What};

/// The maximum number of metrics that the page lists; those that changed come first.
const MOST_METRICS: usize = 300;

/// Makes the page that goes to `file`. The directories of runs are in `jobdir`.
///
/// # Errors
/// If the current directory is not known, which a relative path needs.
pub(super) fn page(
    file: &Path,
    jobdir: &Path,
    digests: &[Digest],
    problems: &[String],
    changes: Option<&Changes>,
) -> io::Result<String> {
    let file = std::path::absolute(file)?;
    let jobs: Vec<_> = digests
        .iter()
        .map(|digest| HtmlJob {
            digest,
            dir: jobdir,
        })
        .collect();
    let changes = changes.map(sorted);
    Ok(html::page(&Page {
        jobs: &jobs,
        problems,
        changes: changes.as_ref(),
        base: file.parent(),
        ..Page::default()
    }))
}

/// Sorts the changes by kind.
fn sorted(changes: &Changes) -> html::Changes {
    let of = |what: What| {
        let changes = changes
            .tests
            .iter()
            .filter(move |change| change.what == what);
        changes.map(|change| html::Change {
            test: change.test.clone(),
            what: change.detail.clone(),
        })
    };
    html::Changes {
        since: changes.since.clone(),
        newly_failing: of(What::NewlyFailing).collect(),
        fixed: of(What::Fixed).collect(),
        flaky: of(What::Flaky).collect(),
        slower: of(What::Slower).collect(),
        gone: of(What::Gone).collect(),
        new: of(What::New).collect(),
        metrics: changes.metrics.iter().take(MOST_METRICS).cloned().collect(),
        omitted_metrics: changes.metrics.len().saturating_sub(MOST_METRICS),
    }
}

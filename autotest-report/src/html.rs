//! The HTML report: one self-contained page about a job or several.
//!
//! A [`Page`] is made from [digests](crate::digest) and from the files in the directories of the jobs. A test can do
//! anything to those, so they are read without following links and with limits. Nothing that a test names, prints or
//! records becomes markup: the templates escape every text, and the page's content security policy lets a browser
//! execute only the page's own script.
//!
//! This module must not write a file, nor know how several jobs are merged or compared.

mod again;
mod changes;
#[cfg(feature = "crash-handler")]
mod crashes;
mod details;
mod difference;
mod entries;
mod filter;
mod head;
mod jobs;
mod links;
mod output;
mod perf;
mod phases;
mod pictures;
mod plot;
mod report;
mod run_files;
mod summary;
mod sysinfo;
mod table;
mod timeline;
mod trend;
mod verdict;
mod words;

use std::path::Path;

use maud::{DOCTYPE, Markup, html};

use crate::digest::Digest;
use entries::Entries;

pub use changes::{Change, Changes, Metric, MetricVerdict};
pub use report::Html;
pub use trend::{Trend, TrendChange, TrendPoint, TrendSeries, trend_page};

/// The input of a page.
#[derive(Clone, Copy, Debug, Default)]
pub struct Page<'a> {
    /// Its title; the names of the jobs if it is empty.
    pub title: &'a str,
    /// The jobs, in the order in which they are shown.
    pub jobs: &'a [HtmlJob<'a>],
    /// Runs that a later job repeated: each is shown as an attempt of the final one.
    pub superseded: &'a [Superseded],
    /// Contradictions and missing parts, as messages.
    pub problems: &'a [String],
    /// The changes since an earlier job.
    pub changes: Option<&'a Changes>,
    /// The directory of the page, for links to files.
    pub base: Option<&'a Path>,
}

/// A job on a page.
#[derive(Clone, Copy, Debug)]
pub struct HtmlJob<'a> {
    /// Its digest.
    pub digest: &'a Digest,
    /// Its directory.
    pub dir: &'a Path,
}

/// A run that was repeated by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Superseded {
    /// The earlier run.
    pub run: RunRef,
    /// The final one.
    pub by: RunRef,
}

/// A run of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunRef {
    /// The index of its job among the page's.
    pub job: usize,
    /// Its index among the runs of the job's digest.
    pub run: usize,
}

/// The HTML of a page.
pub fn page(page: &Page<'_>) -> String {
    document(page).into_string()
}

fn document(page: &Page<'_>) -> Markup {
    let entries = Entries::of(page);
    let title = words::line(&title(page));
    html! {
        (DOCTYPE)
        html lang="en" {
            (head::head(&title))
            body {
                a.skip-link href="#tests" { "Skip to the tests" }
                (summary::header(page, &title, &entries))
                main {
                    (summary::section(page, &entries))
                    (table::section(page, &entries))
                    (timeline::section(&entries))
                    (jobs::section(page))
                }
                (summary::footer(page))
                (head::script())
            }
        }
    }
}

/// The page's title or the names of its jobs, each once.
fn title(page: &Page<'_>) -> String {
    const NAMED: usize = 3;
    if !page.title.is_empty() {
        return page.title.to_owned();
    }
    let mut names: Vec<&str> = Vec::new();
    for job in page.jobs {
        let name = job.digest.job.label.as_str();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    match more {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

//! The summary of the jobs as a whole: verdicts, failures, changes, tests that did not run.

use maud::{Markup, html};

use super::entries::{Entries, Entry};
use super::verdict::Shown;
use super::words::{count, line, moment, seconds};
use super::{Page, changes, jobs, timeline};
use crate::sanitize::first_line;

/// The maximum number of failures listed.
const MAX_FAILURES: usize = 15;
/// The width of the bar of verdicts, in units of the picture.
const BAR_WIDTH: usize = 1000;

pub(super) fn header(page: &Page<'_>, title: &str, entries: &Entries<'_>) -> Markup {
    let failed = entries
        .tests()
        .filter(|(_, entry)| entry.has_failed())
        .count();
    let is_aborted = page.jobs.iter().any(|job| job.digest.job.is_aborted());
    let (class, word) = match (failed, is_aborted) {
        (0, false) if page.problems.is_empty() => ("pass", "passed"),
        (0, true) => ("abort", "aborted"),
        _ => ("fail", "failed"),
    };
    html! {
        header.top {
            h1 { (title) " " span class={ "verdict " (class) } { (word) } }
            p.muted { (jobs::in_a_line(page.jobs)) }
            nav aria-label="Sections" {
                a href="#summary" { "Summary" } " "
                a href="#tests" { "Tests" } " "
                @if timeline::is_shown(entries) { a href="#timeline" { "Time line" } " " }
                a href="#target" { "Target and job" }
            }
        }
    }
}

pub(super) fn section(page: &Page<'_>, entries: &Entries<'_>) -> Markup {
    let failures: Vec<_> = entries
        .tests()
        .filter(|(_, entry)| entry.has_failed())
        .collect();
    let not_run = page.jobs.iter().map(|job| job.digest.not_run.len()).sum();
    html! {
        section aria-labelledby="summary" {
            h2 id="summary" tabindex="-1" { "Summary" }
            (counts(page, entries))
            @for problem in page.problems { p.problem { (line(problem)) } }
            @for job in page.jobs.iter().filter(|job| job.digest.job.is_aborted()) {
                p.problem {
                    "The job " (line(&job.digest.job.label)) " was aborted"
                    @if !job.digest.job.reason.is_empty() { ": " (line(&job.digest.job.reason)) }
                }
            }
            @if not_run > 0 {
                p.problem { (count(not_run, "planned test")) " never ran; " a href="#target" { "which" } }
            }
            @if !failures.is_empty() { (what_failed(entries, &failures)) }
        }
        @if let Some(changes) = page.changes { (changes::section(changes)) }
    }
}

fn what_failed(entries: &Entries<'_>, failures: &[(usize, &Entry<'_>)]) -> Markup {
    html! {
        h3 { "What failed" }
        ul.failures {
            @for (row, entry) in failures.iter().take(MAX_FAILURES) {
                li {
                    a href={ "#t" (row) } { (line(&entry.run.name)) }
                    @let place = entries.place(entry);
                    @if !place.is_empty() { " " span.place { "(" (place) ")" } }
                    @if let Some(verdict) = &entry.run.verdict {
                        " " span.why { (first_line(&verdict.reason)) }
                    }
                }
            }
        }
        @if failures.len() > MAX_FAILURES {
            p.muted { "and " (failures.len() - MAX_FAILURES) " more in the table" }
        }
    }
}

/// The number of tests with each verdict, the worst first, and their shares as a bar.
fn counts(page: &Page<'_>, entries: &Entries<'_>) -> Markup {
    let of = |shown| {
        entries
            .tests()
            .filter(|(_, entry)| entry.shown == shown)
            .count()
    };
    let mut counts: Vec<_> = Shown::ALL.map(|shown| (shown, of(shown))).into();
    counts.retain(|(_, count)| *count > 0);
    let tests = entries.tests().count();
    let subtests = entries.rows.len() - tests;
    let ignored: usize = page
        .jobs
        .iter()
        .map(|job| job.digest.job.ignored.len())
        .sum();
    html! {
        (bar(&counts, tests))
        ul.counts {
            @for (shown, count) in &counts {
                li { span class={ "key " (shown.word()) } {} b { (count) } " " (shown.counted()) }
            }
            li.muted {
                "of " (count(tests, "test"))
                @if subtests > 0 { " and " (count(subtests, "subtest")) }
                @if ignored > 0 { "; " (ignored) " ignored" }
            }
        }
    }
}

fn bar(counts: &[(Shown, usize)], tests: usize) -> Markup {
    let mut end = 0;
    let shares = counts.iter().map(|(shown, count)| {
        let (x, width) = (end, (BAR_WIDTH * count / tests).max(4));
        end += width;
        (shown.word(), x, width)
    });
    let shares: Vec<_> = shares.collect();
    html! {
        svg.share viewBox={ "0 0 " (end) " 8" } preserveAspectRatio="none" aria-hidden="true" {
            @for (word, x, width) in shares { rect class=(word) x=(x) width=(width) height="8" {} }
        }
    }
}

/// Times of the page as a whole.
pub(super) fn footer(page: &Page<'_>) -> Markup {
    let ended_t = page
        .jobs
        .iter()
        .map(|job| job.digest.job.ended_t)
        .fold(0.0, f64::max);
    let whole_s: f64 = page.jobs.iter().map(|job| job.digest.job.elapsed_s()).sum();
    html! {
        footer.muted {
            "The last record is of " (moment(ended_t)) "; all jobs together took " (seconds(whole_s)) ". "
            "Made by autotest from the journal; nothing on this page is loaded from elsewhere."
        }
    }
}

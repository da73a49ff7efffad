//! The table of runs, whose rows open. Screen readers see a table, too, though its rows are laid out as a grid, so that
//! a browser lays out only visible rows.

use autotest_core::Value;
use maud::{Markup, html};

use super::Page;
use super::details;
use super::entries::{Entries, Entry, Try};
use super::filter;
use super::run_files::Sheet;
use super::verdict::Shown;
use super::words::{count, line, seconds};
use crate::digest::RunDigest;
use crate::sanitize::first_line;

pub(super) fn section(page: &Page<'_>, entries: &Entries<'_>) -> Markup {
    let sheet = Sheet::new(page.base);
    html! {
        section aria-labelledby="tests" {
            h2 id="tests" tabindex="-1" { "Tests" }
            (filter::form(entries))
            table.tests role="table" aria-labelledby="tests" {
                thead role="rowgroup" {
                    tr role="row" {
                        @for head in ["Verdict", "Test", "Time"] {
                            th role="columnheader" scope="col" { (head) }
                        }
                    }
                }
                tbody role="rowgroup" {
                    @for (index, entry) in entries.rows.iter().enumerate() {
                        (row(&sheet, index, entry, entries))
                    }
                }
            }
        }
    }
}

fn row(sheet: &Sheet<'_>, index: usize, entry: &Entry<'_>, entries: &Entries<'_>) -> Markup {
    let word = entry.shown.word();
    let depth = (entry.depth > 0).then(|| format!("sub d{}", entry.depth.min(4)));
    html! {
        tr id={ "t" (index) } class=[depth] data-v=(word) {
            td { span class={ "tag " (word) } { (word) } }
            td {
                details {
                    summary { (name(entry, entries)) }
                    .body { (details::of_run(sheet, Try { job: entry.job, run: entry.run })) (attempts(sheet, entry)) }
                }
            }
            td { (seconds(entry.run.elapsed_s)) }
        }
    }
}

/// The part of a row that is visible while it is closed.
fn name(entry: &Entry<'_>, entries: &Entries<'_>) -> Markup {
    let run = entry.run;
    let reason = run
        .verdict
        .as_ref()
        .map(|verdict| first_line(&verdict.reason));
    let place = entries.place(entry);
    let parent = entry.parent.map(|row| line(&entries.rows[row].run.name));
    html! {
        b {
            (line(&run.name))
            @if let Some(parent) = parent { span.unseen { ", a subtest of " (parent) } }
        }
        @if !place.is_empty() { " " span.place { "(" (place) ")" } }
        @if let Some(retries) = retries(run) { " " i { "passed after " (retries) } }
        @if !entry.attempts.is_empty() { " " i { (count(entry.attempts.len(), "earlier attempt")) } }
        @if let Some(reason) = reason { " " span.why { (reason) } }
    }
}

/// A note of how often iterations were retried.
fn retries(run: &RunDigest) -> Option<String> {
    let mut keyvals = run.keyvals.iter();
    let (_, retries) = keyvals.find(|(name, _)| name == "test_retries_before_success")?;
    match retries {
        Value::Int(0) => None,
        Value::Int(1) => Some("1 retry".to_owned()),
        retries => Some(format!("{} retries", line(&retries.to_string()))),
    }
}

/// Earlier tries of the same run.
fn attempts(sheet: &Sheet<'_>, entry: &Entry<'_>) -> Markup {
    html! {
        @for (index, attempt) in entry.attempts.iter().enumerate() {
            @let word = Shown::of(attempt.run).word();
            details.attempt {
                summary {
                    "Attempt " (index + 1) " " span class={ "tag " (word) } { (word) } " "
                    span.muted { (seconds(attempt.run.elapsed_s)) }
                }
                .body { (details::of_run(sheet, *attempt)) }
            }
        }
    }
}

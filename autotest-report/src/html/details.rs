//! The details of a run, shown when its row of the table is opened.

use autotest_core::status::Code;
use autotest_core::{Arg, Value, Verdict};
use maud::{Markup, html};

#[cfg(feature = "crash-handler")]
use super::crashes;
use super::entries::Try;
use super::links::is_below;
use super::run_files::{RunFiles, Sheet, Size, scrolled};
use super::verdict::Shown;
use super::words::{bytes, line, lines, moment, seconds};
use super::{again, output, perf, phases, pictures, sysinfo};
use crate::digest::RunDigest;

/// The maximum number of keyvals, lines of the status log or artifacts shown.
const MAX_ROWS: usize = 500;

/// The keyval that every test has.
const VERSION: &str = "version";

pub(super) fn of_run(sheet: &Sheet<'_>, Try { job, run }: Try<'_>) -> Markup {
    let size = match Shown::of(run) {
        Shown::Pass | Shown::Skip => Size::Short,
        Shown::Fail | Shown::Error | Shown::Abort | Shown::Warn | Shown::Known => Size::Long,
    };
    let files = RunFiles::of(sheet, job, run, size);
    html! {
        (reason(run))
        (facts(Try { job, run }, &files))
        (status_lines(run))
        @if cfg!(feature = "crash-handler") { (crashes_of(run, &files)) }
        (output::section(&files))
        (perf::section(run))
        (phases::section(run, size))
        (pictures::section(&files))
        (sysinfo::section(&files))
        (arguments(run))
        (keyvals(run))
        (artifacts(run, &files))
        @if run.parent.is_none() {
            p.again { "Run again: " code { (again::command(&job.digest.job, run)) } }
        }
    }
}

#[cfg(feature = "crash-handler")]
fn crashes_of(run: &RunDigest, files: &RunFiles<'_>) -> Markup {
    crashes::section(files, &run.crashes)
}

#[cfg(not(feature = "crash-handler"))]
fn crashes_of(_: &RunDigest, _: &RunFiles<'_>) -> Markup {
    html! {}
}

/// The reason why it did not pass, and all other errors.
fn reason(run: &RunDigest) -> Markup {
    html! {
        @if let Some(verdict) = &run.verdict { (of_verdict(verdict, run)) }
        @if let Some(reason) = &run.known_failure {
            p { "A failure that was expected: " (line(reason)) }
        }
        @for note in &run.notes { p.note { "also " (lines(note)) } }
    }
}

fn of_verdict(verdict: &Verdict, run: &RunDigest) -> Markup {
    html! {
        div class={ "reason " (Shown::of(run).word()) } {
            pre { (lines(&verdict.reason)) }
            @if let Some(place) = &verdict.location { p.muted { "at " code { (line(place)) } } }
        }
        @if let Some(backtrace) = &verdict.backtrace {
            section {
                h3 { "Backtrace" }
                (scrolled(backtrace.len(), "Backtrace", &html! { (lines(backtrace)) }))
            }
        }
    }
}

fn facts(Try { job, run }: Try<'_>, files: &RunFiles<'_>) -> Markup {
    let groups = job.digest.groups_around(run);
    html! {
        p.facts {
            (moment(run.started_t))
            @if let Some(timeout_s) = run.timeout_s { " · timeout " (seconds(timeout_s)) }
            @if let Some((_, version)) = version_of(run) { " · version " (line(&version.to_string())) }
            @if !groups.is_empty() { " · in " (line(&groups.join(" › "))) }
            @if files.folder.is_some() { " · " (files.link_to_all(&line(&run.subdir))) }
            @for suite in &run.declared.suites { " " i.s { (line(suite)) } }
            @for attribute in &run.declared.attributes { " " i.a { (line(attribute)) } }
        }
    }
}

fn version_of(run: &RunDigest) -> Option<&(String, Value)> {
    run.keyvals.iter().find(|(name, _)| name == VERSION)
}

fn status_lines(run: &RunDigest) -> Markup {
    html! {
        @if !run.status_lines.is_empty() {
            section {
                h3 { "Status log" }
                ul.status {
                    @for entry in run.status_lines.iter().take(MAX_ROWS) {
                        li {
                            @let code = entry.value.code;
                            span class={ "tag " (class_of(code)) } { (code) }
                            " " (lines(&entry.value.message))
                            " " span.muted { "after " (seconds(entry.t - run.started_t)) }
                        }
                    }
                }
                (more(run.status_lines.len()))
            }
        }
    }
}

fn class_of(code: Code) -> &'static str {
    match code.to_string().as_str() {
        "FAIL" => "fail",
        "ERROR" => "error",
        "ABORT" => "abort",
        "WARN" | "ALERT" => "warn",
        "GOOD" => "pass",
        _ => "skip",
    }
}

fn arguments(run: &RunDigest) -> Markup {
    let rows: Vec<_> = run
        .args
        .iter()
        .map(|(name, arg)| (name, text_of(arg)))
        .collect();
    table(
        "Arguments",
        rows.iter().map(|(name, text)| (*name, text.as_str())),
    )
}

fn text_of(arg: &Arg) -> String {
    arg.to_string()
}

/// The keyvals of the test; the arguments have a separate table.
fn keyvals(run: &RunDigest) -> Markup {
    let is_own = |name: &str| name != VERSION && !name.starts_with("param-");
    let own = run.keyvals.iter().filter(|(name, _)| is_own(name));
    let rows: Vec<_> = own
        .map(|(name, value)| (name, Value::to_string(value)))
        .collect();
    table(
        "Keyvals",
        rows.iter()
            .map(|(name, text)| (name.as_str(), text.as_str())),
    )
}

fn table<'r>(title: &str, rows: impl ExactSizeIterator<Item = (&'r str, &'r str)>) -> Markup {
    let length = rows.len();
    html! {
        @if length > 0 {
            section {
                h3 { (title) }
                table.data {
                    tbody {
                        @for (name, text) in rows.take(MAX_ROWS) {
                            tr { th scope="row" { (line(name)) } td { (lines(text)) } }
                        }
                    }
                }
                (more(length))
            }
        }
    }
}

fn more(length: usize) -> Markup {
    html! {
        @if length > MAX_ROWS { p.muted { "and " (length - MAX_ROWS) " more" } }
    }
}

/// The files that the test declared. Only existing ones are links.
fn artifacts(run: &RunDigest, files: &RunFiles<'_>) -> Markup {
    html! {
        @if !run.artifacts.is_empty() {
            section {
                h3 { "Artifacts" }
                ul { @for path in run.artifacts.iter().take(MAX_ROWS) { li { (artifact(path, files)) } } }
                (more(run.artifacts.len()))
            }
        }
    }
}

fn artifact(path: &str, files: &RunFiles<'_>) -> Markup {
    let found = is_below(path).then(|| files.file(path)).flatten();
    html! {
        @match found {
            Some(file) => { (files.link(path, &line(path))) " " span.muted { (bytes(file.bytes)) } },
            None => { code { (line(path)) } " " span.muted { "(no such file)" } },
        }
    }
}

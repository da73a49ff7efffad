//! The output of a test: its log with levels, and what it printed.

use maud::{Markup, html};

use super::run_files::RunFiles;
use super::words::lines;
use crate::captured::STREAMS;
use crate::sanitize;

/// The log and the printed output of a run.
pub(super) fn section(files: &RunFiles<'_>) -> Markup {
    let logs = files.names("debug");
    let logs = logs.iter().filter(|name| name.ends_with(".DEBUG"));
    html! {
        @for log in logs { (files.text(&format!("debug/{log}"), "Log", log_lines).unwrap_or_default()) }
        @for stream in STREAMS {
            (files.text(&format!("debug/{stream}"), stream, printed).unwrap_or_default())
        }
    }
}

/// Text without the colours of a terminal.
pub(super) fn printed(text: &str) -> Markup {
    html! { (lines(&strip_ansi_escapes::strip_str(text))) "\n" }
}

/// Lines of a log. Warnings and errors are marked.
fn log_lines(text: &str) -> Markup {
    html! {
        @for line in text.lines() {
            @let line = sanitize::printable(line);
            @match class_of_line(&line) {
                Some(class) => { span class=(class) { (line) } },
                None => (line),
            }
            "\n"
        }
    }
}

/// The level is the third word: `11/29 20:25:43.316 WARN |`.
fn class_of_line(line: &str) -> Option<&'static str> {
    let (before, _) = line.split_once('|')?;
    match before.split_whitespace().nth(2)? {
        "WARNI" | "WARN" => Some("warn"),
        "ERROR" | "CRITI" => Some("fail"),
        _ => None,
    }
}

//! The sysinfo of a run: differences between before and after, and lines added to logs.

use std::collections::BTreeSet;

use super::difference::Difference;
use super::output::printed;
use super::run_files::{RunFiles, scrolled};
use super::words::{line, lines};
use maud::{Markup, html};

/// A larger file is not compared.
const MAX_FILE_BYTES: u64 = 256 << 10;

pub(super) fn section(files: &RunFiles<'_>) -> Markup {
    let names = files.names("sysinfo");
    let mut iterations: Vec<_> = names
        .iter()
        .filter(|name| name.starts_with("iteration."))
        .collect();
    iterations.sort_by_key(|name| number(name));
    let mut left = files.size().sysinfo_bytes();
    let texts: Vec<_> = names
        .iter()
        .filter_map(|name| text(files, name, &mut left))
        .collect();
    let differences: Vec<_> = iterations
        .iter()
        .map(|name| of_iteration(files, name, &mut left))
        .collect();
    html! {
        @if !texts.is_empty() || !differences.is_empty() {
            section {
                h3 { "Sysinfo " small { (files.link("sysinfo", "all files")) } }
                @for text in texts { (text) }
                @for difference in differences { (difference) }
            }
        }
    }
}

fn number(name: &str) -> Option<u64> {
    name.strip_prefix("iteration.")?.parse().ok()
}

/// A file that was written after the test.
fn text(files: &RunFiles<'_>, name: &str, left: &mut usize) -> Option<Markup> {
    let path = format!("sysinfo/{name}");
    let bytes = usize::try_from(files.file(&path)?.bytes).ok()?;
    *left = left.checked_sub(bytes.min(1 << 16))?;
    let text = files.text(&path, name, printed)?;
    Some(html! { details.more { summary { (line(name)) } (text) } })
}

/// The files around an iteration. Equal ones are left out.
fn of_iteration(files: &RunFiles<'_>, dir: &str, left: &mut usize) -> Markup {
    let names = files.names(&format!("sysinfo/{dir}"));
    let before = names.iter().filter_map(|name| name.strip_suffix(".before"));
    let both: BTreeSet<_> = before
        .filter(|name| names.contains(&format!("{name}.after")))
        .collect();
    let differences: Vec<_> = both
        .into_iter()
        .filter_map(|name| Some((name, difference(files, &format!("sysinfo/{dir}/{name}"))?)))
        .collect();
    html! {
        @for (name, difference) in differences {
            details.more {
                summary {
                    "Iteration " (number(dir).unwrap_or_default()) ": " code { (line(name)) } " "
                    span.muted { (difference.changed) " lines differ" }
                }
                (shown(&difference, left))
            }
        }
    }
}

fn difference(files: &RunFiles<'_>, path: &str) -> Option<Difference> {
    let read = |suffix: &str| {
        files
            .file(&format!("{path}.{suffix}"))?
            .whole(MAX_FILE_BYTES)
    };
    Difference::of(&lines(&read("before")?), &lines(&read("after")?))
}

fn shown(difference: &Difference, left: &mut usize) -> Markup {
    let rest = left.checked_sub(difference.text.len());
    *left = rest.unwrap_or(*left);
    html! {
        @if rest.is_none() {
            p.muted { "Too long for this page." }
        } @else {
            (scrolled(difference.text.len(), "Difference", &marked(&difference.text)))
        }
    }
}

fn marked(text: &str) -> Markup {
    html! {
        @for line in text.lines() {
            @match line.as_bytes().first() {
                Some(b'+') => { ins { (line) } },
                Some(b'-') => { del { (line) } },
                Some(b'@') => { span.muted { (line) } },
                _ => (line),
            }
            "\n"
        }
    }
}

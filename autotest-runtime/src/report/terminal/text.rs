//! The texts of a terminal report. A test's own text must not move the cursor, colour the terminal or
//! look like a line of ours.

use std::io::{self, Write};
use std::path::Path;

use autotest_core::Verdict;
use autotest_core::status::Status;

use super::Shown;

/// `ok`, with what makes it less than a plain pass, or `FAILED`.
pub(super) fn result_word(status: Status, has_failed: bool, verdict: Option<&Verdict>) -> String {
    match verdict {
        None => "ok".to_owned(),
        Some(_) if has_failed => format!("FAILED ({status})"),
        Some(verdict) => format!("ok ({status}: {})", in_a_line(&verdict.reason)),
    }
}

pub(super) fn show_notes(out: &mut impl Write, shown: &Shown, indent: &str) -> io::Result<()> {
    let mut notes = shown.notes.iter();
    notes.try_for_each(|note| writeln!(out, "{indent}    {note}"))
}

pub(super) fn show_verdict(
    out: &mut impl Write,
    verdict: &Verdict,
    indent: &str,
) -> io::Result<()> {
    let reason = shown(verdict.reason.trim_end());
    let mut lines = reason.lines();
    let first = lines.next().unwrap_or_default();
    writeln!(out, "{indent}{}: {first}", verdict.kind.status())?;
    lines.try_for_each(|line| writeln!(out, "{indent}  {line}"))?;
    if let Some(location) = &verdict.location {
        writeln!(out, "{indent}    at {location}")?;
    }
    let mut backtrace = verdict.backtrace.iter().flat_map(|trace| trace.lines());
    backtrace.try_for_each(|line| writeln!(out, "{indent}    {line}"))
}

/// The end of what a test printed.
pub(super) fn show_output(out: &mut impl Write, jobdir: &Path, of: &Shown) -> io::Result<()> {
    for stream in ["stdout", "stderr"] {
        let path = jobdir.join(&of.subdir).join("debug").join(stream);
        if let Some(text) = end_of(&path).filter(|_| !of.subdir.is_empty()) {
            writeln!(out, "  {stream}:")?;
            let mut lines = text.lines();
            lines.try_for_each(|line| writeln!(out, "    {}", shown(line)))?;
        }
    }
    Ok(())
}

pub(super) fn has_output(jobdir: &Path, of: &Shown) -> bool {
    let debugdir = jobdir.join(&of.subdir).join("debug");
    ["stdout", "stderr"]
        .iter()
        .any(|stream| debugdir.join(stream).exists())
}

/// The last bytes of a file, if it has any.
pub(super) fn end_of(path: &Path) -> Option<String> {
    use std::os::unix::fs::{FileExt, OpenOptionsExt};
    const SHOWN_BYTES: u64 = 16 << 10;
    let mut options = std::fs::OpenOptions::new();
    options
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let file = options.open(path).ok()?;
    let metadata = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
    let length = metadata.len();
    let skipped = length.saturating_sub(SHOWN_BYTES);
    let mut bytes = vec![0; usize::try_from(length - skipped).ok()?];
    file.read_exact_at(&mut bytes, skipped).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let text = match skipped {
        0 => text.into_owned(),
        skipped => format!("[{skipped} bytes before this]\n{text}"),
    };
    (!text.is_empty()).then_some(text)
}

/// The first line of a text that must not look like a line of ours.
pub(super) fn in_a_line(text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    shown(first).replace('\t', " ")
}

/// A test's text must not move the cursor or colour the terminal.
pub(super) fn shown(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() && c != '\n' && c != '\t' {
                '?'
            } else {
                c
            }
        })
        .collect()
}

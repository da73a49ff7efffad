//! Describes a run for people: its verdict, other errors, the end of its output.

use std::io::{self, Write};
use std::path::Path;

use autotest_core::Verdict;

use crate::captured::{self, STREAMS};
use crate::sanitize::{first_line, printable};

/// Writes the errors other than the verdict.
pub(crate) fn show_notes(out: &mut dyn Write, notes: &[String], indent: &str) -> io::Result<()> {
    for note in notes {
        let note = printable(note.trim_end());
        let mut lines = note.lines();
        writeln!(out, "{indent}    also {}", lines.next().unwrap_or_default())?;
        lines.try_for_each(|line| writeln!(out, "{indent}      {line}"))?;
    }
    Ok(())
}

/// Writes the reason of a verdict and its place.
pub(crate) fn show_verdict(out: &mut dyn Write, verdict: &Verdict, indent: &str) -> io::Result<()> {
    let reason = printable(verdict.reason.trim_end());
    let mut lines = reason.lines();
    let first = lines.next().unwrap_or_default();
    writeln!(out, "{indent}{}: {first}", verdict.kind.status())?;
    lines.try_for_each(|line| writeln!(out, "{indent}  {line}"))?;
    if let Some(location) = &verdict.location {
        writeln!(out, "{indent}    at {}", first_line(location))?;
    }
    let mut backtrace = verdict.backtrace.iter().flat_map(|trace| trace.lines());
    backtrace.try_for_each(|line| writeln!(out, "{indent}    {}", printable(line)))
}

/// Writes the end of a test's output.
pub(crate) fn show_output(out: &mut dyn Write, jobdir: &Path, subdir: &str) -> io::Result<()> {
    for stream in STREAMS {
        if let Some(text) = captured::end_of_stream(jobdir, subdir, stream) {
            writeln!(out, "  {stream}:")?;
            let mut lines = text.lines();
            lines.try_for_each(|line| writeln!(out, "    {}", printable(line)))?;
        }
    }
    Ok(())
}

pub(crate) fn has_output(jobdir: &Path, subdir: &str) -> bool {
    let mut streams = STREAMS.iter();
    streams.any(|stream| captured::has_stream(jobdir, subdir, stream))
}

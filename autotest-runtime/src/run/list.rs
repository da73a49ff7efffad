//! `--list`: prints the selected tests in lines for people, as names only, or as libtest's JSON lines.

use std::io::{self, Write};

use autotest_report::Style;
use serde::Serialize;

use super::notes;
use crate::cli::{Format, Options};
use crate::plan::{Ignored, select, will_run};
use crate::registry::{Controls, Registry, Test};

/// # Errors
/// If standard output cannot be written.
pub(super) fn list(
    registry: &'static Registry,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let selection = &options.plan.selection;
    let mut tests = select(registry, selection);
    tests.retain(|test| selection.ignored != Ignored::Only || will_run(test, selection));
    notes::print_case_conflicts(&tests, options.plan.given.tag.as_deref());
    let all = tests.iter().copied();
    match (options.format, options.style) {
        (Format::Json, _) => json(all, out),
        // These formats only describe runs, so only names are listed.
        (Format::Junit | Format::Tap(_) | Format::Ktap | Format::Lava | Format::JsonEvents, _)
        | (Format::Terminal, Style::Terse) => names(all, out).map(drop),
        (Format::Terminal, Style::Pretty) => {
            let count = names(all, out)?;
            let s = if count == 1 { "" } else { "s" };
            writeln!(out, "\n{count} test{s}, 0 benchmarks")?;
            replaced(registry, &tests, out)
        }
    }
}

/// Writes a line for each listed test that replaces another, as a site's own version.
fn replaced(registry: &Registry, listed: &[&Test], out: &mut dyn Write) -> io::Result<()> {
    for replaced in registry.replaced() {
        let Ok(own) = listed.binary_search_by(|test| test.id.cmp(replaced.id)) else {
            continue;
        };
        let (id, own, place) = (replaced.id, listed[own].place(), replaced.place());
        writeln!(
            out,
            "{id}: the site's version, at {own}, replaces that at {place}"
        )?;
    }
    Ok(())
}

/// `--list-controls`: writes a line for each control function, with its id and the first line of its doc comment.
pub(super) fn controls(controls: &Controls, out: &mut dyn Write) -> io::Result<()> {
    for function in controls.iter() {
        let doc = function.control.def.doc;
        match doc.lines().next().unwrap_or_default() {
            "" => writeln!(out, "{}", function.id)?,
            doc => writeln!(out, "{}: {doc}", function.id)?,
        }
    }
    Ok(())
}

/// Writes a line for each profiler, with its name and the first line of its doc comment.
#[cfg(feature = "profilers")]
pub(super) fn profilers(out: &mut dyn Write) -> io::Result<()> {
    let mut defs: Vec<_> = crate::registry::profilers().map(|it| &it.def).collect();
    defs.sort_by_key(|def| def.name);
    for def in defs {
        match def.doc.lines().next().unwrap_or_default().trim() {
            "" => writeln!(out, "{}", def.name)?,
            doc => writeln!(out, "{}: {doc}", def.name)?,
        }
    }
    Ok(())
}

/// Writes a line for each test. Returns their number.
fn names(tests: impl Iterator<Item = &'static Test>, out: &mut dyn Write) -> io::Result<usize> {
    let mut count = 0;
    for test in tests {
        out.write_all(test.id.as_bytes())?;
        out.write_all(b": test\n")?;
        count += 1;
    }
    Ok(count)
}

/// A line of libtest's JSON; the fields and their order are libtest's.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line<'a> {
    Suite(Suite),
    Test(Discovered<'a>),
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Suite {
    Discovery,
    Completed {
        tests: usize,
        benchmarks: usize,
        total: usize,
        ignored: usize,
    },
}

/// A test. Only the line of its name is known, so both columns are 1.
#[derive(Serialize)]
#[serde(tag = "event", rename = "discovered")]
struct Discovered<'a> {
    name: &'a str,
    ignore: bool,
    ignore_message: &'a str,
    source_path: &'a str,
    start_line: u32,
    start_col: u32,
    end_line: u32,
    end_col: u32,
}

fn json(tests: impl Iterator<Item = &'static Test>, out: &mut dyn Write) -> io::Result<()> {
    let (mut count, mut ignored) = (0, 0);
    let mut text = Vec::new();
    let mut line = |line: Line<'_>| {
        text.clear();
        serde_json::to_writer(&mut text, &line)?;
        text.push(b'\n');
        out.write_all(&text)
    };
    line(Line::Suite(Suite::Discovery))?;
    for test in tests {
        count += 1;
        ignored += usize::from(test.def.meta.ignore.is_some());
        line(Line::Test(Discovered::new(test)))?;
    }
    line(Line::Suite(Suite::Completed {
        tests: count,
        benchmarks: 0,
        total: count,
        ignored,
    }))
}

impl Discovered<'_> {
    fn new(test: &Test) -> Discovered<'_> {
        let def = test.def;
        Discovered {
            name: test.id,
            ignore: def.meta.ignore.is_some(),
            ignore_message: def.meta.ignore.unwrap_or(""),
            source_path: def.module.file,
            start_line: def.line,
            start_col: 1,
            end_line: def.line,
            end_col: 1,
        }
    }
}

//! `--list`: the selected tests, as lines for a person, names alone, or libtest's JSON lines.

use std::io;

use serde::Serialize;

use crate::cli::{Format, Ignored, Options};
use crate::plan::{is_run, select};
use crate::registry::{Registry, Test};
use crate::report::Style;

/// # Errors
/// Never, but that a text could not be JSON.
pub(super) fn list(registry: &'static Registry, options: &Options) -> io::Result<String> {
    let mut tests = select(registry, options);
    tests.retain(|test| options.ignored != Ignored::Only || is_run(test, options));
    match (options.format, options.style) {
        (Format::Json, _) => json(&tests),
        // Reports of runs; the names are what they have in common.
        (Format::Junit | Format::Tap | Format::Ktap | Format::Lava | Format::JsonEvents, _)
        | (Format::Terminal, Style::Terse) => Ok(names(&tests)),
        (Format::Terminal, Style::Pretty) => {
            let (count, s) = (tests.len(), if tests.len() == 1 { "" } else { "s" });
            Ok(format!(
                "{}\n{count} test{s}, 0 benchmarks\n",
                names(&tests)
            ))
        }
    }
}

fn names(tests: &[&Test]) -> String {
    let mut names = String::new();
    for test in tests {
        names.push_str(test.id);
        names.push_str(": test\n");
    }
    names
}

/// A line of libtest's, with its fields in its order.
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

/// A test. Only the line of its name is known, so the columns say the line's beginning.
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

fn json(tests: &[&Test]) -> io::Result<String> {
    let discovered = tests.iter().map(|test| {
        Line::Test(Discovered {
            name: test.id,
            ignore: test.def.meta.ignore.is_some(),
            ignore_message: test.def.meta.ignore.unwrap_or(""),
            source_path: test.def.module.file,
            start_line: test.def.line,
            start_col: 1,
            end_line: test.def.line,
            end_col: 1,
        })
    });
    let ignored = tests.iter().filter(|test| test.def.meta.ignore.is_some());
    let completed = Suite::Completed {
        tests: tests.len(),
        benchmarks: 0,
        total: tests.len(),
        ignored: ignored.count(),
    };
    let first = [Line::Suite(Suite::Discovery)].into_iter();
    let mut text = Vec::new();
    for line in first.chain(discovered).chain([Line::Suite(completed)]) {
        serde_json::to_writer(&mut text, &line)?;
        text.push(b'\n');
    }
    String::from_utf8(text).map_err(io::Error::other)
}

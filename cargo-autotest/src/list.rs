//! `list`: lists the tests of a workspace, a binary or a package, or the suites of a workspace.

use std::fmt::Write;

use autotest_core::Description;
use serde::Serialize;

use crate::cli::{self, Format};
use crate::config::{ConfigError, Configuration, Placed, Suite};
use crate::inspect::{self, Binary, InspectError};
use crate::workspace::{Workspace, WorkspaceError};

/// An error of `list`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListError {
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Inspect(#[from] InspectError),
}

/// Returns the list, as it is printed.
///
/// # Errors
/// If the workspace, its configuration or the file cannot be read.
pub(crate) fn run(args: &cli::List) -> Result<String, ListError> {
    if args.suites {
        let configuration = Configuration::read(&Workspace::members_only()?)?;
        return Ok(suites(&configuration, args.format)?);
    }
    let binaries = inspect::read(args.from.file.as_deref())?;
    Ok(match args.format {
        Format::Json => binaries.iter().map(json_lines).collect(),
        Format::Text => text(&binaries, args.verbose),
    })
}

/// Formats a line for each suite: its name, its description if it has one, and its crates.
fn suites(configuration: &Configuration, format: Format) -> Result<String, ConfigError> {
    let line = |suite: &Suite| {
        let crates: Vec<&str> = suite.crates.iter().map(|c| c.text.as_str()).collect();
        match (format, &suite.description) {
            (Format::Json, _) => suite_json(suite, &crates).to_string() + "\n",
            (Format::Text, Some(what)) => {
                format!("{}: {what} ({})\n", suite.name, crates.join(", "))
            }
            (Format::Text, None) => format!("{}: {}\n", suite.name, crates.join(", ")),
        }
    };
    match configuration.suites().next() {
        None if format == Format::Text => Err(configuration.has_none()),
        _ => Ok(configuration.suites().map(line).collect()),
    }
}

fn suite_json(suite: &Suite, crates: &[&str]) -> serde_json::Value {
    let text = |placed: &Option<Placed>| placed.as_ref().map(|placed| placed.text.clone());
    serde_json::json!({
        "suite": suite.name,
        "description": suite.description,
        "crates": crates,
        "attr": text(&suite.attr),
        "data": suite.data.iter().map(|path| &path.text).collect::<Vec<_>>(),
        "version": text(&suite.version),
    })
}

/// The JSON object of a test, as `BINARY --describe TEST --format json` prints it; in a workspace, with its binary.
#[derive(Serialize)]
struct Listed<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    binary: &'a str,
    #[serde(flatten)]
    description: &'a Description,
}

fn json_lines(binary: &Binary) -> String {
    let line = |description| {
        let listed = Listed {
            binary: &binary.name,
            description,
        };
        serde_json::to_string(&listed).unwrap_or_default() + "\n"
    };
    described(binary).map(line).collect()
}

fn described(binary: &Binary) -> impl Iterator<Item = &Description> {
    binary.suite.tests.iter().chain(&binary.suite.controls)
}

/// Formats one name a line, below a line with the name of the binary if there may be several.
fn text(binaries: &[Binary], verbose: bool) -> String {
    let mut text = String::new();
    for binary in binaries {
        if !binary.name.is_empty() {
            let _ = writeln!(text, "{}:", binary.name);
        }
        let indent = if binary.name.is_empty() { "" } else { "  " };
        for test in &binary.suite.tests {
            let _ = writeln!(text, "{indent}{}{}", test.id, summary(test, verbose));
        }
        if verbose {
            for control in &binary.suite.controls {
                let what = format!(" (a control function){}", summary(control, verbose));
                let _ = writeln!(text, "{indent}{}{what}", control.id);
            }
        }
    }
    text
}

fn summary(test: &Description, verbose: bool) -> String {
    match test.doc.lines().next() {
        Some(line) if verbose => format!(": {line}"),
        _ => String::new(),
    }
}

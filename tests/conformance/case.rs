//! Case files: one scenario each, with what the original did.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value as Json;

use crate::scenario::Scenario;

/// What came out, by the corpus's keys (`outcome`, `events`, `files`, …).
pub(crate) type Observed = BTreeMap<String, Json>;

/// One case.
#[derive(Debug, Deserialize)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) scenario: Scenario,
    pub(crate) expected: Observed,
    /// The keys of `expected` that came out otherwise under Python 3.
    #[serde(default)]
    pub(crate) python3_differs: Observed,
    /// The message is Python's own wording.
    #[serde(default)]
    pub(crate) python_specific_message: bool,
    /// Any of these may be the unknown parameter.
    #[serde(default)]
    pub(crate) any_of_unknown_parameters: Vec<String>,
    /// The scenario as it stands in the file.
    #[serde(skip)]
    pub(crate) scenario_text: String,
}

/// A case that cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CaseError {
    #[error("failed to read `{path}`: {error}; AUTOTEST_CONFORMANCE names the folder of cases")]
    Read {
        path: PathBuf,
        error: std::io::Error,
    },
    #[error("`{path}` is no conformance case: {error}")]
    Parse {
        path: PathBuf,
        error: serde_json::Error,
    },
    #[error("`{0}` holds no cases")]
    Empty(PathBuf),
}

/// The paths of all cases below `folder`, which has a folder for each topic.
pub(crate) fn paths(folder: &Path) -> Result<Vec<PathBuf>, CaseError> {
    let mut paths = Vec::new();
    collect(folder, &mut paths)?;
    if paths.is_empty() {
        return Err(CaseError::Empty(folder.to_owned()));
    }
    Ok(paths)
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), CaseError> {
    for path in entries(folder)? {
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|end| end == "json") {
            paths.push(path);
        }
    }
    Ok(())
}

/// What a folder holds, sorted.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, CaseError> {
    let read = |error| CaseError::Read {
        path: folder.to_owned(),
        error,
    };
    let entries = fs::read_dir(folder).map_err(read)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> = paths.collect::<Result<_, _>>().map_err(read)?;
    paths.sort();
    Ok(paths)
}

impl Case {
    pub(crate) fn read(path: &Path) -> Result<Case, CaseError> {
        let text = fs::read_to_string(path).map_err(|error| CaseError::Read {
            path: path.to_owned(),
            error,
        })?;
        Case::parse(&text).map_err(|error| CaseError::Parse {
            path: path.to_owned(),
            error,
        })
    }

    fn parse(text: &str) -> serde_json::Result<Case> {
        let json: Json = serde_json::from_str(&with_large_integers(text))?;
        let scenario_text = json["scenario"].to_string();
        let case: Case = serde_json::from_value(json)?;
        Ok(Case {
            scenario_text,
            ..case
        })
    }
}

/// The text with each whole number beyond 64 bits as `{"$int": "…"}`, the way a [`Value`] spells it:
/// serde_json would read a float.
///
/// [`Value`]: autotest_core::Value
fn with_large_integers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(['"', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
    {
        let length = token_length(&rest[start..]);
        let token = &rest[start..start + length];
        out.push_str(&rest[..start]);
        match is_large_integer(token) {
            true => out.push_str(&format!("{{\"$int\": \"{token}\"}}")),
            false => out.push_str(token),
        }
        rest = &rest[start + length..];
    }
    out + rest
}

/// The length of the text or number that `rest` begins with.
fn token_length(rest: &str) -> usize {
    if !rest.starts_with('"') {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        return rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    }
    let mut is_escaped = false;
    for (position, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            b'"' if !is_escaped => return position + 1,
            b'\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    rest.len()
}

fn is_large_integer(token: &str) -> bool {
    token
        .parse::<i128>()
        .is_ok_and(|number| i64::try_from(number).is_err() && u64::try_from(number).is_err())
}

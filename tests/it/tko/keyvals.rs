//! Keyval files: of a job and of a test (formats §3 "Reading").

use std::collections::BTreeMap;
use std::path::Path;

use super::{Fatal, fatal, text};

/// A file that is missing has nothing; a line that is none loses the job.
pub(super) fn read(path: &Path) -> Result<BTreeMap<String, String>, Fatal> {
    if !path.exists() {
        return Ok(BTreeMap::new());
    }
    parse(&text(path)).map_err(|Fatal(why)| Fatal(format!("{}: {why}", path.display())))
}

/// The last value of a key stays.
pub(super) fn parse(text: &str) -> Result<BTreeMap<String, String>, Fatal> {
    let mut pairs = BTreeMap::new();
    for line in text.split('\n') {
        let line = line.split('#').next().unwrap_or_default().trim_end();
        if line.is_empty() {
            continue;
        }
        match line.split_once('=') {
            Some((key, value)) if is_key(key) => pairs.insert(key.to_owned(), value.to_owned()),
            _ => return fatal(format!("invalid format line: {line}")),
        };
    }
    Ok(pairs)
}

/// `[-.\w]+`
pub(super) fn is_key(key: &str) -> bool {
    let is_legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    !key.is_empty() && key.chars().all(is_legal)
}

#[test]
fn keyvals_are_read_as_the_original_does() {
    let text = "a=01\nb=x#y\n#only\n  \n-.w=1 \r\nc=b=c\na=2\ne=\n";
    let pairs = parse(text).unwrap();
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    assert_eq!(pairs, ["-.w=1", "a=2", "b=x", "c=b=c", "e="]);
}

#[test]
fn a_line_that_is_none_is_fatal() {
    for line in ["a b=1", " a=1", "a{perf}=1", "a:b=1", "=1", "q", "é=1"] {
        assert!(parse(line).is_err(), "{line}");
    }
}

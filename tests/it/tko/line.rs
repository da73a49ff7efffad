//! One line of a status log (formats §12.3).

use std::fmt;

use super::{Fatal, fatal};

/// From the worst to the best.
const STATUSES: [&str; 9] = [
    "TEST_NA", "ABORT", "ERROR", "FAIL", "WARN", "GOOD", "ALERT", "RUNNING", "NOSTATUS",
];

/// The place of a status in the list: the worse is the lesser.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Status(usize);

impl Status {
    pub(super) const NONE: Status = Status(STATUSES.len() - 1);

    pub(super) fn named(word: &str) -> Option<Status> {
        STATUSES.iter().position(|name| *name == word).map(Status)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(STATUSES[self.0])
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(STATUSES[self.0])
    }
}

/// What the first word says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Code {
    Start,
    Info,
    Status(Status),
    End(Status),
}

/// A line that is one.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) indent: usize,
    pub(super) code: Code,
    pub(super) subdir: Option<String>,
    pub(super) operation: Option<String>,
    pub(super) reason: String,
}

/// `None` for a line that does not match `^\t*(\S[^\t]*\t){3}`: it is passed over.
pub(super) fn parse(line: &str) -> Result<Option<Line>, Fatal> {
    let line = line.replace("\r\0", "");
    let record = line.trim_start_matches('\t');
    let parts: Vec<&str> = record.split('\t').collect();
    let begins_well = |part: &&str| part.starts_with(|c: char| !c.is_whitespace());
    let [first, subdir, operation, rest @ ..] = parts.as_slice() else {
        return Ok(None);
    };
    if rest.is_empty() || ![first, subdir, operation].into_iter().all(begins_well) {
        return Ok(None);
    }
    let fields = rest.iter().take_while(|part| is_field(part));
    let count = fields.clone().count();
    for timestamp in fields.filter_map(|field| field.strip_prefix("timestamp=")) {
        if timestamp.trim().parse::<i64>().is_err() {
            return fatal(format!("invalid timestamp: {timestamp}"));
        }
    }
    let present = |name: &str| (name != "----").then(|| name.to_owned());
    Ok(Some(Line {
        indent: line.len() - record.len(),
        code: code(first)?,
        subdir: present(subdir),
        operation: present(operation),
        reason: rest[count..].join("\t"),
    }))
}

fn code(word: &str) -> Result<Code, Fatal> {
    let status = |word| Status::named(word).ok_or_else(|| Fatal(format!("status `{word}`")));
    match (word, word.strip_prefix("END ")) {
        ("START", _) => Ok(Code::Start),
        ("INFO", _) => Ok(Code::Info),
        (_, Some(word)) => status(word).map(Code::End),
        (word, None) => status(word).map(Code::Status),
    }
}

/// `^(\w+)=(.+)$`
fn is_field(part: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    part.split_once('=').is_some_and(|(key, value)| {
        !key.is_empty() && key.chars().all(is_word) && !value.is_empty()
    })
}

//! Rows that a job or a test adds to the table of sysinfo.
//!
//! This module must not know the table, nor collect anything.

use serde::{Deserialize, Serialize};

use crate::name::MAX_FILE_NAME_BYTES;

/// Rows of sysinfo to collect in addition to the framework's own table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sysinfo {
    /// The added rows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<SysinfoRow>,
}

/// A row of the table of sysinfo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SysinfoRow {
    /// Where the content comes from.
    pub source: SysinfoSource,
    /// The name of the file in the results; see [`file_name`](SysinfoRow::file_name).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When it is collected.
    pub when: SysinfoTime,
}

/// Where a row's content comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SysinfoSource {
    /// The standard output of a shell command.
    Command(String),
    /// A file. From a log, a test gets the lines added while it ran.
    File(String),
}

/// When a row is collected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SysinfoTime {
    /// Once in each boot.
    Boot,
    /// After each test.
    #[default]
    Test,
    /// After each test that failed.
    Failure,
}

impl SysinfoTime {
    /// All times.
    pub const ALL: [SysinfoTime; 3] = [SysinfoTime::Boot, SysinfoTime::Test, SysinfoTime::Failure];

    /// The name: `boot`, `test` or `failure`.
    pub const fn name(self) -> &'static str {
        match self {
            SysinfoTime::Boot => "boot",
            SysinfoTime::Test => "test",
            SysinfoTime::Failure => "failure",
        }
    }

    /// The time of this name.
    pub fn named(name: &str) -> Option<SysinfoTime> {
        SysinfoTime::ALL
            .into_iter()
            .find(|time| time.name() == name)
    }
}

impl SysinfoRow {
    /// A row for each test, from the text of a test's option: `cmd` or `file`, a blank, and the rest.
    ///
    /// ```
    /// use autotest_core::{SysinfoRow, SysinfoSource};
    /// let row = SysinfoRow::of_option("cmd ip addr").unwrap();
    /// assert_eq!(row.source, SysinfoSource::Command("ip addr".to_owned()));
    /// ```
    pub fn of_option(text: &str) -> Option<SysinfoRow> {
        let (kind, rest) = text.split_once(' ')?;
        let rest = rest.to_owned();
        let source = match kind {
            "cmd" => SysinfoSource::Command(rest),
            "file" => SysinfoSource::File(rest),
            _ => return None,
        };
        Some(SysinfoRow {
            source,
            name: None,
            when: SysinfoTime::Test,
        })
    }

    /// The name of its file: the given one, or else the command with `_` for blanks, or the last part of the path.
    /// Blanks, control characters and `/` become `_`; a name that is empty, begins with a dot or is reserved in the
    /// results gets a `_` in front. A name that is too long is cut.
    pub fn file_name(&self) -> String {
        let given = match (&self.name, &self.source) {
            (Some(name), _) => name,
            (None, SysinfoSource::Command(command)) => command,
            (None, SysinfoSource::File(path)) => path.rsplit('/').next().unwrap_or(path),
        };
        let legal = |c: char| {
            if c.is_whitespace() || c.is_control() || c == '/' {
                '_'
            } else {
                c
            }
        };
        let mut name: String = given.trim().chars().map(legal).collect();
        let is_taken = name == "reboot_current"
            || ["iteration.", "boot."]
                .iter()
                .any(|start| name.starts_with(start));
        if name.is_empty() || name.starts_with('.') || is_taken {
            name.insert(0, '_');
        }
        while name.len() > MAX_FILE_NAME_BYTES {
            name.pop();
        }
        name
    }
}

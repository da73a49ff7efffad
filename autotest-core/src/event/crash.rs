//! A process that crashed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A process of a run that ended with a core dump.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Crash {
    /// The name of the process.
    pub name: String,
    /// Its id.
    pub pid: i32,
    /// Whether it is the process that ran the test; then the verdict says the rest.
    pub is_test: bool,
    /// What ended it, such as `signal 11 (SIGSEGV)`.
    pub signal: String,
    /// The function and the line, such as `in net::ping at tests/net.rs:12`; empty if they are not known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// The directory with the core dump, relative to the run's output directory.
    pub dir: String,
    /// Missing parts, each with the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

impl fmt::Display for Crash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_test {
            write!(
                f,
                "{} ({}) was killed by {}",
                self.name, self.pid, self.signal
            )?;
            if !self.place.is_empty() {
                write!(f, " {}", self.place)?;
            }
            f.write_str("; ")?;
        }
        write!(f, "see {}", self.dir)?;
        for problem in &self.problems {
            write!(f, "; {problem}")?;
        }
        Ok(())
    }
}

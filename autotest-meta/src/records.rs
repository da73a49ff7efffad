//! Reads the JSON lines of the section.

use autotest_core::{Description, Format};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::error::Problem;
use crate::join::is_part;

/// The maximum number of records in a file.
pub const MAX_RECORDS: usize = 1 << 17;

/// The length of a short record, from which the number of records is estimated to allocate memory.
const SHORT_RECORD_BYTES: usize = 64;

/// The records of a file.
#[derive(Default)]
pub(crate) struct Records {
    pub(crate) main: Option<Main>,
    /// The records of tests, control functions, hooks and profilers.
    pub(crate) whole: Vec<Description>,
    /// The records of conditional phases, each with its offset.
    pub(crate) parts: Vec<(usize, Description)>,
}

/// The record of `main!`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Main {
    v: Format,
    /// The path of the module with `main!`.
    pub(crate) main: String,
    pub(crate) suite: Option<String>,
    pub(crate) attr: Option<String>,
    #[serde(default)]
    pub(crate) crates: Vec<String>,
}

/// The keys that tell why a line is not a description.
#[derive(Deserialize)]
struct Probe {
    v: Option<u64>,
    main: Option<IgnoredAny>,
}

impl Records {
    pub(crate) fn parse(text: &[u8]) -> Result<Records, Problem> {
        // Checked once for the whole section, which is faster than for each text in it.
        let text = str::from_utf8(text).map_err(|error| Problem::Record {
            offset: error.valid_up_to(),
            cause: "it is not UTF-8".to_owned(),
        })?;
        let mut records = Records::default();
        // Descriptions are large, so this avoids moving them when the vector grows.
        let lines = text.bytes().filter(|byte| *byte == b'\n').count();
        records
            .whole
            .reserve_exact(lines.min(text.len() / SHORT_RECORD_BYTES));
        let mut offset = 0;
        for line in text.split_inclusive('\n') {
            records.add(offset, line)?;
            offset += line.len();
        }
        Ok(records)
    }

    fn add(&mut self, offset: usize, line: &str) -> Result<(), Problem> {
        // A linker may put zeros between the sections of two object files.
        let zeros = line.len() - line.trim_start_matches('\0').len();
        let (offset, line) = (offset + zeros, &line[zeros..]);
        if line.is_empty() {
            return Ok(());
        }
        if !line.starts_with('{') {
            let cause = "it is no JSON object".to_owned();
            return Err(Problem::Record { offset, cause });
        }
        if self.whole.len() + self.parts.len() == MAX_RECORDS {
            return Err(Problem::TooLarge);
        }
        match serde_json::from_str(line) {
            Ok(description) if is_part(&description) => self.parts.push((offset, description)),
            Ok(description) => self.whole.push(description),
            Err(error) => self.add_main(offset, line, &error)?,
        }
        Ok(())
    }

    /// Adds a line that is not a description: it is the record of `main!`, or an error.
    fn add_main(
        &mut self,
        offset: usize,
        line: &str,
        error: &serde_json::Error,
    ) -> Result<(), Problem> {
        let damaged = |error: &serde_json::Error| damaged(offset, line, error);
        let Ok(probe) = serde_json::from_str::<Probe>(line) else {
            return Err(damaged(error));
        };
        match probe {
            Probe { v: Some(v), .. } if v != 1 => Err(Problem::Version(v)),
            Probe { main: None, .. } => Err(damaged(error)),
            Probe { .. } => {
                let main = serde_json::from_str(line).map_err(|error| damaged(&error))?;
                self.set_main(offset, main)
            }
        }
    }

    fn set_main(&mut self, offset: usize, main: Main) -> Result<(), Problem> {
        match &self.main {
            Some(known) if *known != main => Err(Problem::Record {
                offset,
                cause: "it has a second `main!`".to_owned(),
            }),
            _ => {
                self.main = Some(main);
                Ok(())
            }
        }
    }
}

/// The error for a damaged line, which begins at `offset`.
fn damaged(offset: usize, line: &str, error: &serde_json::Error) -> Problem {
    let within = match error.line() {
        1 => error.column().saturating_sub(1),
        _ => line.len(),
    };
    let cause = error.to_string();
    let cause = cause.split(" at line ").next().unwrap_or_default();
    Problem::Record {
        offset: offset + within.min(line.len()),
        cause: autotest_core::excerpt(cause).into_owned(),
    }
}

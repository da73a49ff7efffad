//! The keyval files of tests: `<test>/keyval` and `<test>/results/keyval` (formats §3).

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::PathBuf;

use autotest_core::Event;
use autotest_core::keyval::{self, KeyError};

use super::append_to;
use crate::hub::{Record, Report, ReportError};

/// Writes the keyval files.
#[derive(Debug)]
pub struct KeyvalFiles {
    jobdir: PathBuf,
    /// The directories of the runs that are on, below the job's.
    subdirs: HashMap<u32, String>,
}

impl KeyvalFiles {
    /// For the job in `jobdir`.
    pub fn new(jobdir: PathBuf) -> KeyvalFiles {
        KeyvalFiles {
            jobdir,
            subdirs: HashMap::new(),
        }
    }

    /// Appends to a run's file. One that can not be written is not tried again.
    fn append(
        &mut self,
        run: u32,
        file: &str,
        text: Result<String, KeyError>,
    ) -> Result<(), ReportError> {
        let Some(subdir) = self.subdirs.get(&run) else {
            return Ok(());
        };
        let path = self.jobdir.join(subdir).join(file);
        let written = text
            .map_err(io::Error::other)
            .and_then(|text| append_to(&path)?.write_all(text.as_bytes()));
        written.map_err(|error| {
            let subdir = self.subdirs.remove(&run).unwrap_or_default();
            ReportError::OfRun { subdir, error }
        })
    }
}

impl Report for KeyvalFiles {
    fn name(&self) -> &'static str {
        "keyval files"
    }

    fn record(&mut self, record: &Record) -> Result<(), ReportError> {
        match &record.event {
            Event::TestStart(start) if !start.subdir.is_empty() => {
                self.subdirs.insert(record.run, start.subdir.clone());
            }
            Event::TestEnd { .. } => drop(self.subdirs.remove(&record.run)),
            Event::Keyval(pairs) => {
                self.append(record.run, "keyval", keyval::render_lines(pairs, None))?;
            }
            Event::IterationKeyval { attr, perf } => {
                let text = keyval::render_iteration(attr, perf);
                self.append(record.run, "results/keyval", text)?;
            }
            Event::JobStart(_)
            | Event::JobEnd { .. }
            | Event::TestStart(_)
            | Event::Phase(_)
            | Event::Perf(_)
            | Event::Status(_)
            | Event::Suppressed { .. }
            | Event::Progress { .. }
            | Event::Artifact { .. }
            | Event::HookTimer { .. } => {}
        }
        Ok(())
    }
}

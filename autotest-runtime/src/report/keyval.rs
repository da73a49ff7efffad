//! The keyval files of tests: `<test>/keyval` and `<test>/results/keyval` (formats §3).

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use autotest_core::Event;
use autotest_core::keyval::{self, KeyError};

use super::append_to;
use crate::hub::{Record, Report, ReportError};

/// Writes the keyval files.
#[derive(Debug)]
pub struct KeyvalFiles {
    jobdir: PathBuf,
    /// The runs that are on.
    runs: HashMap<u32, KeyvalsOfRun>,
}

/// The files of a run, each made with its first line.
#[derive(Debug)]
struct KeyvalsOfRun {
    subdir: String,
    test: Option<File>,
    iterations: Option<File>,
}

impl KeyvalFiles {
    /// For the job in `jobdir`.
    pub fn new(jobdir: PathBuf) -> KeyvalFiles {
        KeyvalFiles {
            jobdir,
            runs: HashMap::new(),
        }
    }

    /// Appends to a run's file. A run whose file can not be written is left alone from there on.
    fn append(
        &mut self,
        run: u32,
        file: fn(&mut KeyvalsOfRun) -> (&mut Option<File>, &'static str),
        text: Result<String, KeyError>,
    ) -> Result<(), ReportError> {
        let Some(of_run) = self.runs.get_mut(&run) else {
            return Ok(());
        };
        let outputdir = self.jobdir.join(&of_run.subdir);
        let (open, name) = file(of_run);
        let written = text
            .map_err(io::Error::other)
            .and_then(|text| append(open, &outputdir.join(name), &text));
        written.map_err(|error| {
            let subdir = self.runs.remove(&run).map(|of_run| of_run.subdir);
            let subdir = subdir.unwrap_or_default();
            ReportError::OfRun { subdir, error }
        })
    }
}

/// Appends to a file that stays open. One that the test removed is made again.
fn append(open: &mut Option<File>, path: &Path, text: &str) -> io::Result<()> {
    let is_there = open.as_ref().is_some_and(is_linked);
    let file = match open {
        Some(file) if is_there => file,
        _ => open.insert(append_to(path)?),
    };
    file.write_all(text.as_bytes())
}

fn is_linked(file: &File) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.nlink() > 0)
}

impl Report for KeyvalFiles {
    fn name(&self) -> &'static str {
        "keyval files"
    }

    fn record(&mut self, record: &Record) -> Result<(), ReportError> {
        match &record.event {
            Event::TestStart(start) if !start.subdir.is_empty() => {
                let of_run = KeyvalsOfRun {
                    subdir: start.subdir.clone(),
                    test: None,
                    iterations: None,
                };
                self.runs.insert(record.run, of_run);
            }
            Event::TestEnd { .. } => drop(self.runs.remove(&record.run)),
            Event::Keyval(pairs) => {
                let text = keyval::render_lines(pairs, None);
                self.append(record.run, |run| (&mut run.test, "keyval"), text)?;
            }
            Event::IterationKeyval { attr, perf } => {
                let text = keyval::render_iteration(attr, perf);
                self.append(
                    record.run,
                    |run| (&mut run.iterations, "results/keyval"),
                    text,
                )?;
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
            | Event::Saved { .. }
            | Event::HookTimer { .. } => {}
        }
        Ok(())
    }
}

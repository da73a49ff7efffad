//! The keyval files of tests: `<test>/keyval` and `<test>/results/keyval` (formats §3).

use std::io;

use autotest_core::keyval::{self, KeyError};
use autotest_core::{Event, SmallMap};

use crate::record::Record;
use crate::report::{Report, ReportError};
use crate::tree::{AppendFile, Tree};

/// Writes the keyval files.
#[derive(Debug)]
pub struct KeyvalFiles {
    tree: Tree,
    /// The runs that are on.
    runs: SmallMap<u32, KeyvalsOfRun>,
}

/// The files of a run, each made with its first line.
#[derive(Debug)]
struct KeyvalsOfRun {
    subdir: String,
    test: AppendFile,
    iterations: AppendFile,
}

impl KeyvalFiles {
    /// Below the directory of a job.
    pub fn new(tree: &Tree) -> KeyvalFiles {
        KeyvalFiles {
            tree: tree.clone(),
            runs: SmallMap::new(),
        }
    }

    fn start(&mut self, run: u32, subdir: &str) {
        let of_run = KeyvalsOfRun {
            subdir: subdir.to_owned(),
            test: self.tree.append_to(format!("{subdir}/keyval")),
            iterations: self.tree.append_to(format!("{subdir}/results/keyval")),
        };
        self.runs.insert(run, of_run);
    }

    /// Appends to a run's file. A run whose file can not be written is left alone from there on.
    fn append(
        &mut self,
        run: u32,
        file: fn(&mut KeyvalsOfRun) -> &mut AppendFile,
        text: Result<String, KeyError>,
    ) -> Result<(), ReportError> {
        let Some(of_run) = self.runs.get_mut(&run) else {
            return Ok(());
        };
        let text = text.map_err(io::Error::other);
        let written = text.and_then(|text| file(of_run).append(text.as_bytes()));
        written.map_err(|error| {
            let subdir = self.runs.remove(&run).map(|of_run| of_run.subdir);
            let subdir = subdir.unwrap_or_default();
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
                self.start(record.run, &start.subdir);
            }
            Event::TestEnd { .. } | Event::Attempt { .. } => drop(self.runs.remove(&record.run)),
            Event::Keyval(pairs) => {
                let text = keyval::render_lines(pairs, None);
                self.append(record.run, |run| &mut run.test, text)?;
            }
            Event::IterationKeyval { attr, perf } => {
                let text = keyval::render_iteration(attr, perf);
                self.append(record.run, |run| &mut run.iterations, text)?;
            }
            Event::JobStart(_)
            | Event::JobEnd { .. }
            | Event::JobResume(_)
            | Event::Process { .. }
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

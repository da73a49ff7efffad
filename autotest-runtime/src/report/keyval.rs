//! The keyval files of tests: `<test>/keyval` and `<test>/results/keyval` (formats §3).

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::PathBuf;

use autotest_core::{Event, keyval};

use super::append_to;
use crate::hub::{Record, Report};

/// Writes the keyval files.
#[derive(Debug)]
pub struct KeyvalFiles {
    jobdir: PathBuf,
    /// The output directories of the runs that are on.
    outputdirs: HashMap<u32, PathBuf>,
}

impl KeyvalFiles {
    /// For the job in `jobdir`.
    pub fn new(jobdir: PathBuf) -> KeyvalFiles {
        KeyvalFiles {
            jobdir,
            outputdirs: HashMap::new(),
        }
    }

    fn append(&self, run: u32, file: &str, text: &str) -> io::Result<()> {
        match self.outputdirs.get(&run) {
            Some(outputdir) => append_to(&outputdir.join(file))?.write_all(text.as_bytes()),
            None => Ok(()),
        }
    }
}

impl Report for KeyvalFiles {
    fn name(&self) -> &'static str {
        "keyval files"
    }

    fn record(&mut self, record: &Record) -> io::Result<()> {
        let refused = |error: keyval::KeyError| io::Error::other(error.to_string());
        match &record.event {
            Event::TestStart(start) if !start.subdir.is_empty() => {
                self.outputdirs
                    .insert(record.run, self.jobdir.join(&start.subdir));
            }
            Event::TestEnd { .. } => drop(self.outputdirs.remove(&record.run)),
            Event::Keyval(pairs) => {
                let text = keyval::render_lines(pairs, None).map_err(refused)?;
                self.append(record.run, "keyval", &text)?;
            }
            Event::IterationKeyval { attr, perf } => {
                let text = keyval::render_iteration(attr, perf).map_err(refused)?;
                self.append(record.run, "results/keyval", &text)?;
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

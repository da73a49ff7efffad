//! The keyval files of tests: `<test>/keyval` and `<test>/results/keyval` (formats §3).

use std::io;

use autotest_core::keyval::{self, KeyError};

use crate::record::Record;
use crate::report::{Report, ReportError};
use crate::runs::{Change, Detail, Runs};
use crate::tree::{AppendFile, Tree};

/// Writes the keyval files.
#[derive(Debug)]
pub struct KeyvalFiles {
    tree: Tree,
    runs: Runs<Option<Files>>,
}

/// The files of a run with a directory. Each is created with its first line.
#[derive(Debug)]
struct Files {
    test: AppendFile,
    iterations: AppendFile,
}

impl KeyvalFiles {
    /// Creates the report, which writes to `tree`.
    pub fn new(tree: &Tree) -> KeyvalFiles {
        KeyvalFiles {
            tree: tree.clone(),
            runs: Runs::default(),
        }
    }

    fn start(&mut self, run: u32) {
        let Some(open) = self.runs.get_mut(run).filter(|run| run.has_files()) else {
            return;
        };
        let subdir = &open.subdir;
        open.state = Some(Files {
            test: self.tree.append_to(format!("{subdir}/keyval")),
            iterations: self.tree.append_to(format!("{subdir}/results/keyval")),
        });
    }

    fn append(
        &mut self,
        run: u32,
        file: fn(&mut Files) -> &mut AppendFile,
        text: Result<String, KeyError>,
    ) -> Result<(), ReportError> {
        let Some(run) = self.runs.get_mut(run) else {
            return Ok(());
        };
        let Some(files) = &mut run.state else {
            return Ok(());
        };
        let text = text.map_err(io::Error::other);
        let written = text.and_then(|text| file(files).append(text.as_bytes()));
        written.map_err(|error| run.lost(error))
    }
}

impl Report for KeyvalFiles {
    fn name(&self) -> &'static str {
        "keyval files"
    }

    fn record(&mut self, record: &Record) -> Result<(), ReportError> {
        match self.runs.apply(record) {
            Change::Start(_) => self.start(record.run),
            Change::Detail(Detail::Keyval(pairs)) => {
                let text = keyval::render_lines(pairs, None);
                self.append(record.run, |files| &mut files.test, text)?;
            }
            Change::Detail(Detail::IterationKeyval { attr, perf }) => {
                let text = keyval::render_iteration(attr, perf);
                self.append(record.run, |files| &mut files.iterations, text)?;
            }
            Change::JobStart(_)
            | Change::JobResume(_)
            | Change::JobEnd { .. }
            | Change::End(..)
            | Change::Attempt { .. }
            | Change::Detail(
                Detail::Phase(_)
                | Detail::Progress { .. }
                | Detail::Perf(_)
                | Detail::Status(_)
                | Detail::Artifact(_),
            )
            | Change::GroupStart(_)
            | Change::GroupEnd(..)
            | Change::Parallel(_)
            | Change::Reboot(_)
            | Change::Rebooted(_)
            | Change::Nothing => {}
            #[cfg(feature = "crash-handler")]
            Change::Detail(Detail::Crash(_)) => {}
        }
        Ok(())
    }
}

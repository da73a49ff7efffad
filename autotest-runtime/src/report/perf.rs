//! The perf files of tests: `results/perf_measurements`, a line a value, and
//! `results/results-chart.json`, the fold of all values, written whole when the test ends
//! (formats §5).

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use autotest_core::Event;
use autotest_core::perf::{Chart, measurement_line};

use super::{append_to, write_whole};
use crate::hub::{Record, Report};

/// Writes the perf files.
#[derive(Debug)]
pub struct PerfFiles {
    jobdir: PathBuf,
    runs: HashMap<u32, PerfOfRun>,
}

/// What a run that is on has measured.
#[derive(Debug)]
struct PerfOfRun {
    resultsdir: PathBuf,
    chart: Chart,
    /// Made with the first value.
    measurements: Option<File>,
}

impl PerfFiles {
    /// For the job in `jobdir`.
    pub fn new(jobdir: PathBuf) -> PerfFiles {
        PerfFiles {
            jobdir,
            runs: HashMap::new(),
        }
    }
}

impl PerfOfRun {
    fn add(&mut self, value: &autotest_core::PerfValue) -> io::Result<()> {
        self.chart.add(value);
        let file = match &mut self.measurements {
            Some(file) => file,
            none => none.insert(append_to(&self.resultsdir.join("perf_measurements"))?),
        };
        file.write_all(format!("{}\n", measurement_line(value)).as_bytes())
    }

    fn finish(self) -> io::Result<()> {
        if self.chart.is_empty() {
            return Ok(());
        }
        write_whole(
            &self.resultsdir.join("results-chart.json"),
            &self.chart.render(),
        )
    }
}

impl Report for PerfFiles {
    fn name(&self) -> &'static str {
        "perf files"
    }

    fn record(&mut self, record: &Record) -> io::Result<()> {
        match &record.event {
            Event::TestStart(start) if !start.subdir.is_empty() => {
                let resultsdir = self.jobdir.join(&start.subdir).join("results");
                let run = PerfOfRun {
                    resultsdir,
                    chart: Chart::default(),
                    measurements: None,
                };
                self.runs.insert(record.run, run);
            }
            Event::Perf(value) => {
                if let Some(run) = self.runs.get_mut(&record.run) {
                    run.add(value)?;
                }
            }
            Event::TestEnd { .. } => {
                if let Some(run) = self.runs.remove(&record.run) {
                    run.finish()?;
                }
            }
            Event::JobStart(_)
            | Event::JobEnd { .. }
            | Event::TestStart(_)
            | Event::Phase(_)
            | Event::Keyval(_)
            | Event::IterationKeyval { .. }
            | Event::Status(_)
            | Event::Suppressed { .. }
            | Event::Progress { .. }
            | Event::Artifact { .. }
            | Event::HookTimer { .. } => {}
        }
        Ok(())
    }
}

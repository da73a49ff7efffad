//! The perf files of tests: `results/perf_measurements`, a line a value, and
//! `results/results-chart.json`, the fold of all values, written whole when the test ends
//! (formats §5).

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use autotest_core::perf::{Chart, measurement_line};
use autotest_core::{Event, PerfValue};

use super::{append_to, write_whole};
use crate::hub::{Record, Report, ReportError};

/// Writes the perf files.
#[derive(Debug)]
pub struct PerfFiles {
    jobdir: PathBuf,
    runs: HashMap<u32, PerfOfRun>,
}

/// What a run that is on has measured.
#[derive(Debug)]
struct PerfOfRun {
    subdir: String,
    resultsdir: PathBuf,
    chart: Chart,
    /// Made with the first value.
    measurements: Option<File>,
    /// Whether the lines can not be written.
    is_lost: bool,
}

impl PerfFiles {
    /// For the job in `jobdir`.
    pub fn new(jobdir: PathBuf) -> PerfFiles {
        PerfFiles {
            jobdir,
            runs: HashMap::new(),
        }
    }

    fn start(&mut self, run: u32, subdir: &str) {
        let of_run = PerfOfRun {
            subdir: subdir.to_owned(),
            resultsdir: self.jobdir.join(subdir).join("results"),
            chart: Chart::default(),
            measurements: None,
            is_lost: false,
        };
        self.runs.insert(run, of_run);
    }

    /// Adds a value. A run whose file can not be written has its chart all the same.
    fn add(&mut self, run: u32, value: &PerfValue) -> Result<(), ReportError> {
        match self.runs.get_mut(&run) {
            Some(run) => run.add(value).map_err(|error| run.lost(error)),
            None => Ok(()),
        }
    }

    fn end(&mut self, run: u32) -> Result<(), ReportError> {
        match self.runs.remove(&run) {
            Some(run) => run.finish().map_err(|error| run.lost(error)),
            None => Ok(()),
        }
    }
}

impl PerfOfRun {
    fn add(&mut self, value: &PerfValue) -> io::Result<()> {
        self.chart.add(value);
        if self.is_lost {
            return Ok(());
        }
        let written = self.add_line(value);
        self.is_lost = written.is_err();
        written
    }

    fn add_line(&mut self, value: &PerfValue) -> io::Result<()> {
        let file = match &mut self.measurements {
            Some(file) => file,
            none => none.insert(append_to(&self.resultsdir.join("perf_measurements"))?),
        };
        file.write_all(format!("{}\n", measurement_line(value)).as_bytes())
    }

    fn finish(&self) -> io::Result<()> {
        if self.chart.is_empty() {
            return Ok(());
        }
        let path = self.resultsdir.join("results-chart.json");
        write_whole(&path, &self.chart.render())
    }

    fn lost(&self, error: io::Error) -> ReportError {
        let subdir = self.subdir.clone();
        ReportError::OfRun { subdir, error }
    }
}

impl Report for PerfFiles {
    fn name(&self) -> &'static str {
        "perf files"
    }

    fn record(&mut self, record: &Record) -> Result<(), ReportError> {
        match &record.event {
            Event::TestStart(start) if !start.subdir.is_empty() => {
                self.start(record.run, &start.subdir);
            }
            Event::Perf(value) => self.add(record.run, value)?,
            Event::TestEnd { .. } => self.end(record.run)?,
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
            | Event::Saved { .. }
            | Event::HookTimer { .. } => {}
        }
        Ok(())
    }
}

//! The perf files of tests: `results/perf_measurements`, a line a value, and
//! `results/results-chart.json`, the fold of all values, written whole when the test ends
//! (formats §5).

use std::io;

use autotest_core::perf::{Chart, measurement_line};
use autotest_core::{Event, PerfValue, SmallMap};

use crate::record::Record;
use crate::report::{Report, ReportError};
use crate::tree::{AppendFile, Tree};

/// Writes the perf files.
#[derive(Debug)]
pub struct PerfFiles {
    tree: Tree,
    runs: SmallMap<u32, PerfOfRun>,
}

/// What a run that is on has measured.
#[derive(Debug)]
struct PerfOfRun {
    subdir: String,
    chart: Chart,
    measurements: AppendFile,
    /// Whether the lines can not be written.
    is_lost: bool,
}

impl PerfFiles {
    /// Below the directory of a job.
    pub fn new(tree: &Tree) -> PerfFiles {
        PerfFiles {
            tree: tree.clone(),
            runs: SmallMap::new(),
        }
    }

    fn start(&mut self, run: u32, subdir: &str) {
        let of_run = PerfOfRun {
            subdir: subdir.to_owned(),
            chart: Chart::default(),
            measurements: self
                .tree
                .append_to(format!("{subdir}/results/perf_measurements")),
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
            Some(run) => run.finish(&self.tree).map_err(|error| run.lost(error)),
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
        let mut line = measurement_line(value);
        line.push('\n');
        let written = self.measurements.append(line.as_bytes());
        self.is_lost = written.is_err();
        written
    }

    fn finish(&self, tree: &Tree) -> io::Result<()> {
        if self.chart.is_empty() {
            return Ok(());
        }
        let path = format!("{}/results/results-chart.json", self.subdir);
        tree.write_whole(&path, self.chart.render().as_bytes())
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
            Event::TestEnd { .. } | Event::Attempt { .. } => self.end(record.run)?,
            Event::JobStart(_)
            | Event::JobEnd { .. }
            | Event::JobResume(_)
            | Event::Process { .. }
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

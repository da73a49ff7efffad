//! The perf files of tests: `results/perf_measurements`, with a line for each value, and
//! `results/results-chart.json`, the fold of all values, written when the test ends (formats §5).

use autotest_core::PerfValue;
use autotest_core::perf::{Chart, measurement_line};

use crate::record::Record;
use crate::report::{Report, ReportError};
use crate::runs::{Change, Detail, OpenRun, Runs};
use crate::tree::{AppendFile, Tree};

/// Writes the perf files.
#[derive(Debug)]
pub struct PerfFiles {
    tree: Tree,
    runs: Runs<Option<Measured>>,
}

/// The perf values of a run with a directory.
#[derive(Debug)]
struct Measured {
    chart: Chart,
    measurements: AppendFile,
}

impl PerfFiles {
    /// Creates the report, which writes to `tree`.
    pub fn new(tree: &Tree) -> PerfFiles {
        PerfFiles {
            tree: tree.clone(),
            runs: Runs::default(),
        }
    }

    fn start(&mut self, run: u32) {
        let Some(open) = self.runs.get_mut(run).filter(|run| run.has_files()) else {
            return;
        };
        let path = format!("{}/results/perf_measurements", open.subdir);
        open.state = Some(Measured {
            chart: Chart::default(),
            measurements: self.tree.append_to(path),
        });
    }

    /// Adds a value. The chart is written even if the line cannot be.
    fn add(&mut self, run: u32, value: &PerfValue) -> Result<(), ReportError> {
        let Some(run) = self.runs.get_mut(run) else {
            return Ok(());
        };
        let Some(measured) = &mut run.state else {
            return Ok(());
        };
        measured.chart.add(value);
        let mut line = measurement_line(value);
        line.push('\n');
        let written = measured.measurements.append(line.as_bytes());
        written.map_err(|error| run.lost(error))
    }

    fn end(&self, run: &OpenRun<Option<Measured>>) -> Result<(), ReportError> {
        let measured = run.state.as_ref();
        let Some(measured) = measured.filter(|measured| !measured.chart.is_empty()) else {
            return Ok(());
        };
        let path = format!("{}/results/results-chart.json", run.subdir);
        let written = self
            .tree
            .write_whole(&path, measured.chart.render().as_bytes());
        written.map_err(|error| run.lost(error))
    }
}

impl Report for PerfFiles {
    fn name(&self) -> &'static str {
        "perf files"
    }

    fn record(&mut self, record: &Record) -> Result<(), ReportError> {
        match self.runs.apply(record) {
            Change::Start(_) => self.start(record.run),
            Change::Detail(Detail::Perf(value)) => self.add(record.run, value)?,
            Change::End(run, _) | Change::Attempt { run, .. } => self.end(&run)?,
            Change::JobStart(_)
            | Change::JobResume(_)
            | Change::JobEnd { .. }
            | Change::Detail(
                Detail::Phase(_)
                | Detail::Progress { .. }
                | Detail::Keyval(_)
                | Detail::IterationKeyval { .. }
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

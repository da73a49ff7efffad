//! libtest's log file, with a line for each test.

use std::io::Write;

use crate::outlet::Outlet;
use crate::record::Record;
use crate::report::{Report, ReportError};
use crate::runs::{Change, Grade, Runs};
use crate::sanitize::single_line;

/// Writes `ok NAME`, `failed NAME` or `ignored NAME` for each test.
#[derive(Debug)]
pub struct Logfile<W> {
    out: Outlet<W>,
    runs: Runs<()>,
}

impl<W: Write> Logfile<W> {
    /// Creates the report, which writes to `out`.
    pub fn new(out: W) -> Logfile<W> {
        let (out, runs) = (Outlet::new(out), Runs::default());
        Logfile { out, runs }
    }
}

fn line(grade: Grade, name: &str) -> String {
    let word = match grade {
        Grade::Passed => "ok",
        Grade::Failed => "failed",
        Grade::Skipped => "ignored",
    };
    format!("{word} {}\n", single_line(name))
}

impl<W: Write> Report for Logfile<W> {
    fn name(&self) -> &'static str {
        "log file"
    }

    fn record(&mut self, record: &Record) -> Result<(), ReportError> {
        match self.runs.apply(record) {
            Change::JobStart(job) => {
                let ignored = job.ignored.iter();
                let lines: String = ignored
                    .map(|(name, _)| line(Grade::Skipped, name))
                    .collect();
                self.out.write_lines(&lines)?;
            }
            Change::End(run, end) if run.parent.is_none() => {
                self.out
                    .write_lines(&line(run.grade(end.status), &run.name()))?;
            }
            Change::End(..)
            | Change::JobResume(_)
            | Change::JobEnd { .. }
            | Change::Start(_)
            | Change::Attempt { .. }
            | Change::Detail(_)
            | Change::GroupStart(_)
            | Change::GroupEnd(..)
            | Change::Parallel(_)
            | Change::Reboot(_)
            | Change::Rebooted(_)
            | Change::Nothing => {}
        }
        Ok(())
    }
}

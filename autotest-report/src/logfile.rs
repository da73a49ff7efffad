//! libtest's log file: a line a test.

use std::io::Write;

use autotest_core::Event;

use crate::inert::in_a_line;
use crate::outlet::Outlet;
use crate::record::Record;
use crate::report::{Report, ReportError};
use crate::runs::{Grade, Runs};

/// Writes `ok NAME`, `failed NAME` or `ignored NAME` for each test.
#[derive(Debug)]
pub struct Logfile<W> {
    out: Outlet<W>,
    runs: Runs<()>,
}

impl<W: Write> Logfile<W> {
    /// To `out`.
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
    format!("{word} {}\n", in_a_line(name))
}

impl<W: Write> Report for Logfile<W> {
    fn name(&self) -> &'static str {
        "log file"
    }

    fn record(&mut self, record: &Record) -> Result<(), ReportError> {
        match &record.event {
            Event::JobStart(job) => {
                self.runs.begin(job);
                let ignored = job.ignored.iter();
                let lines: String = ignored
                    .map(|(name, _)| line(Grade::Skipped, name))
                    .collect();
                self.out.tell(&lines)?;
            }
            Event::TestStart(start) => self.runs.start(record.run, record.t, start),
            Event::TestEnd { status, .. } => {
                let ended = self.runs.end(record.run);
                if let Some(ended) = ended.filter(|ended| ended.parent.is_none()) {
                    self.out.tell(&line(ended.grade(*status), &ended.name))?;
                }
            }
            Event::Attempt { .. } => drop(self.runs.end(record.run)),
            Event::JobEnd { .. }
            | Event::JobResume(_)
            | Event::Process { .. }
            | Event::Phase(_)
            | Event::Keyval(_)
            | Event::IterationKeyval { .. }
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

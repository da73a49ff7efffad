//! What the original's parser wants of a job's directory beside the status log: the job's `keyval`
//! and `.autoserv_execute` (formats §12).

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use autotest_core::status::Status;
use autotest_core::{Event, JobStart, Value, keyval};

use super::{append_to, write_whole};
use crate::hub::{Record, Report, ReportError};

/// Writes the files of the job.
#[derive(Debug)]
pub struct JobFiles {
    jobdir: PathBuf,
    /// The subtests that are on; they do not count.
    subtests: HashSet<u32>,
    failed: usize,
    is_aborted: bool,
}

impl JobFiles {
    /// For the job in `jobdir`.
    pub fn new(jobdir: &Path) -> JobFiles {
        JobFiles {
            jobdir: jobdir.to_owned(),
            subtests: HashSet::new(),
            failed: 0,
            is_aborted: false,
        }
    }

    fn keyvals(&self, pairs: &[(&str, Value)]) -> io::Result<()> {
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone()))
            .collect();
        let text = keyval::render_lines(&pairs, None).map_err(io::Error::other)?;
        io::Write::write_all(
            &mut append_to(&self.jobdir.join("keyval"))?,
            text.as_bytes(),
        )
    }

    fn start(&self, t: f64, job: &JobStart) -> io::Result<()> {
        self.execute_file(None)?;
        self.keyvals(&[
            ("status_version", Value::from(1)),
            ("job_started", Value::from(t as i64)),
            ("hostname", Value::from(&job.hostname)),
            ("label", Value::from(&job.label)),
            ("user", Value::from(&job.user)),
        ])
    }

    /// Process id, wait status, number of failed tests; the last two once they are known.
    fn execute_file(&self, wait_status: Option<u32>) -> io::Result<()> {
        let mut text = format!("{}\n", std::process::id());
        if let Some(wait_status) = wait_status {
            text.push_str(&format!("{wait_status}\n{}\n", self.failed));
        }
        write_whole(&self.jobdir.join(".autoserv_execute"), &text)
    }
}

/// Exit status 1, as os.wait() gives it.
const EXITED_1: u32 = 256;

impl Report for JobFiles {
    fn name(&self) -> &'static str {
        "files of the job"
    }

    fn record(&mut self, record: &Record) -> Result<(), ReportError> {
        match &record.event {
            Event::JobStart(job) => self.start(record.t, job)?,
            Event::JobEnd { status, .. } => {
                self.is_aborted = *status != Status::Good;
                self.keyvals(&[("job_finished", Value::from(record.t as i64))])?;
            }
            Event::TestStart(start) => {
                if start.parent.is_some() {
                    self.subtests.insert(record.run);
                }
            }
            Event::TestEnd { status, .. } => {
                let is_subtest = self.subtests.remove(&record.run);
                self.failed += usize::from(!is_subtest && status.is_failure());
            }
            Event::Phase(_)
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

    fn finish(&mut self) -> Result<(), ReportError> {
        let failed = self.failed > 0 || self.is_aborted;
        Ok(self.execute_file(Some(if failed { EXITED_1 } else { 0 }))?)
    }
}

//! The files that the original's parser needs besides the status log: the job's `keyval` and
//! `.autoserv_execute` (formats §12).

use std::io;

use autotest_core::{JobStart, Value, keyval};

use crate::job_result::JobResult;
use crate::record::Record;
use crate::report::{Report, ReportError};
use crate::runs::Change;
use crate::tree::{AppendFile, Tree};

/// Writes the files of the job.
#[derive(Debug)]
pub struct JobFiles {
    tree: Tree,
    keyval: AppendFile,
    /// The process id of the supervisor.
    pid: u32,
    result: JobResult,
}

impl JobFiles {
    /// Creates the report, which writes to `tree`.
    pub fn new(tree: &Tree) -> JobFiles {
        JobFiles {
            tree: tree.clone(),
            keyval: tree.append_to("keyval"),
            pid: 0,
            result: JobResult::default(),
        }
    }

    fn keyvals(&mut self, pairs: &[(&str, Value)]) -> io::Result<()> {
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone()))
            .collect();
        let text = keyval::render_lines(&pairs, None).map_err(io::Error::other)?;
        self.keyval.append(text.as_bytes())
    }

    fn start(&mut self, t: f64, job: &JobStart) -> io::Result<()> {
        self.begin(job.pid)?;
        self.keyvals(&[
            ("status_version", Value::from(1)),
            ("job_started", Value::from(t as i64)),
            ("hostname", Value::from(&job.hostname)),
            ("label", Value::from(&job.label)),
            ("user", Value::from(&job.user)),
        ])
    }

    /// Records the process id of the supervisor.
    fn begin(&mut self, pid: u32) -> io::Result<()> {
        self.pid = pid;
        self.execute_file(None)
    }

    /// Writes the process id and, once they are known, the wait status and the number of failed tests.
    fn execute_file(&self, wait_status: Option<u32>) -> io::Result<()> {
        let mut text = format!("{}\n", self.pid);
        if let Some(wait_status) = wait_status {
            text.push_str(&format!("{wait_status}\n{}\n", self.result.failed()));
        }
        self.tree.write_whole(".autoserv_execute", text.as_bytes())
    }
}

/// Exit status 1 in the encoding of Python's `os.wait()`.
const EXITED_1: u32 = 256;

impl Report for JobFiles {
    fn name(&self) -> &'static str {
        "files of the job"
    }

    fn record(&mut self, record: &Record) -> Result<(), ReportError> {
        match self.result.apply(record) {
            Change::JobStart(job) => self.start(record.t, job)?,
            Change::JobResume(job) => self.begin(job.pid)?,
            Change::JobEnd { .. } => {
                self.keyvals(&[("job_finished", Value::from(record.t as i64))])?;
            }
            Change::Start(_)
            | Change::End(..)
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

    fn finish(&mut self) -> Result<(), ReportError> {
        let wait_status = if self.result.has_failed() {
            EXITED_1
        } else {
            0
        };
        Ok(self.execute_file(Some(wait_status))?)
    }
}

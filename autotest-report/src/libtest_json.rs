//! libtest's JSON lines: a suite, its tests, and how each ended. The format has no subtests; a failed one is
//! reported with its parent.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use autotest_core::status::Status;
use autotest_core::{JobStart, Verdict};
use serde::Serialize;

use crate::captured::{self, STREAMS};
use crate::outlet::Outlet;
use crate::prose::{show_notes, show_output, show_verdict};
use crate::record::Record;
use crate::report::{Report, ReportError};
use crate::runs::{Change, End, Grade, OpenRun, Runs, name_of};
use crate::sanitize::{first_line, json};

/// Writes libtest's JSON lines. TEST_NA is `ignored`.
#[derive(Debug)]
pub struct LibtestJson<W> {
    out: Outlet<W>,
    jobdir: PathBuf,
    /// Whether the output of passing tests is included.
    shows_output: bool,
    start: f64,
    runs: Runs<()>,
    counts: Counts,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Counts {
    passed: usize,
    failed: usize,
    ignored: usize,
    measured: usize,
    filtered_out: usize,
}

/// A line, with its fields in libtest's order.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line<'a> {
    Suite(Suite),
    Test(Test<'a>),
}

#[derive(Serialize)]
#[serde(untagged)]
enum Suite {
    Started {
        event: &'static str,
        test_count: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        shuffle_seed: Option<u64>,
    },
    Ended {
        event: &'static str,
        #[serde(flatten)]
        counts: Counts,
        exec_time: f64,
    },
}

#[derive(Serialize)]
#[serde(untagged)]
enum Test<'a> {
    Started { event: &'static str, name: &'a str },
    Ended(Ended<'a>),
}

#[derive(Default, Serialize)]
struct Ended<'a> {
    name: &'a str,
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    exec_time: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stdout: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl<W: Write> LibtestJson<W> {
    /// Creates the report of the job in `jobdir`.
    pub fn new(out: W, jobdir: &Path, shows_output: bool) -> LibtestJson<W> {
        LibtestJson {
            out: Outlet::new(out),
            jobdir: jobdir.to_owned(),
            shows_output,
            start: 0.0,
            runs: Runs::default(),
            counts: Counts::default(),
        }
    }

    fn write_line(&mut self, line: &Line<'_>) -> io::Result<()> {
        self.out.write_lines(&text_of(line)?)
    }

    fn write_started(&mut self, name: &str) -> io::Result<()> {
        let event = "started";
        self.write_line(&Line::Test(Test::Started { event, name }))
    }

    /// As in libtest, ignored tests are counted, and each of them is reported as started.
    fn start(&mut self, t: f64, job: &JobStart) -> io::Result<()> {
        self.start = t;
        self.counts.ignored = job.ignored.len();
        self.counts.filtered_out = job.filtered_out;
        self.write_line(&Line::Suite(Suite::Started {
            event: "started",
            test_count: job.plan.len() + job.ignored.len(),
            shuffle_seed: job.shuffle_seed,
        }))?;
        job.ignored.iter().try_for_each(|(name, reason)| {
            self.write_started(name)?;
            let message = (!reason.is_empty()).then(|| first_line(reason));
            let event = "ignored";
            self.write_line(&Line::Test(Test::Ended(Ended {
                name,
                event,
                message,
                ..Ended::default()
            })))
        })
    }

    fn end_test(&mut self, ended: &OpenRun<()>, end: End<'_>) -> io::Result<()> {
        let (grade, verdict) = (ended.grade(end.status), end.verdict);
        if let Some(parent) = ended.parent {
            let parent = self.runs.get_mut(parent);
            if let (Grade::Failed, Some(verdict), Some(parent)) = (grade, verdict, parent) {
                parent.note(format!("subtest {}: {verdict}", ended.name()));
            }
            return Ok(());
        }
        let reason = verdict.map(|verdict| first_line(&verdict.reason));
        let (event, message, stdout) = match grade {
            Grade::Passed => ("ok", None, self.output_of(ended)),
            Grade::Skipped => ("ignored", reason, None),
            Grade::Failed => ("failed", None, Some(self.failure(ended, verdict)?)),
        };
        match grade {
            Grade::Passed => self.counts.passed += 1,
            Grade::Failed => self.counts.failed += 1,
            Grade::Skipped => self.counts.ignored += 1,
        }
        let (name, exec_time) = (&ended.name(), Some(end.elapsed_s));
        self.write_line(&Line::Test(Test::Ended(Ended {
            name,
            event,
            exec_time,
            stdout,
            message,
        })))
    }

    /// The output of a passing test, if it is to be included.
    fn output_of(&self, ended: &OpenRun<()>) -> Option<String> {
        if !self.shows_output {
            return None;
        }
        let streams = STREAMS.iter();
        let texts = streams
            .filter_map(|stream| captured::end_of_stream(&self.jobdir, &ended.subdir, stream));
        Some(texts.collect()).filter(|text: &String| !text.is_empty())
    }

    fn failure(&self, ended: &OpenRun<()>, verdict: Option<&Verdict>) -> io::Result<String> {
        let mut text = Vec::new();
        if let Some(verdict) = verdict {
            show_verdict(&mut text, verdict, "")?;
        }
        show_notes(&mut text, &ended.notes, "")?;
        show_output(&mut text, &self.jobdir, &ended.subdir)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn end_job(&mut self, t: f64, status: Status) -> io::Result<()> {
        let is_passed = self.counts.failed == 0 && status == Status::Good;
        self.write_line(&Line::Suite(Suite::Ended {
            event: if is_passed { "ok" } else { "failed" },
            counts: self.counts,
            exec_time: (t - self.start).max(0.0),
        }))
    }
}

/// Not generic, so that this crate alone contains the code that serializes a line.
#[inline(never)]
fn text_of(line: &Line<'_>) -> io::Result<String> {
    let mut text = json(line)?;
    text.push('\n');
    Ok(text)
}

impl<W: Write> Report for LibtestJson<W> {
    fn name(&self) -> &'static str {
        "JSON lines"
    }

    fn record(&mut self, record: &Record) -> Result<(), ReportError> {
        match self.runs.apply(record) {
            Change::JobStart(job) => self.start(record.t, job)?,
            Change::JobEnd { status, .. } => self.end_job(record.t, status)?,
            Change::Start(start) => {
                if start.parent.is_none() {
                    self.write_started(&name_of(&start.test, &start.operation))?;
                }
            }
            Change::End(run, end) => self.end_test(&run, end)?,
            Change::JobResume(_)
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

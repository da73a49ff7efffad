//! Test points: what TAP and KTAP have in common. A point for each test, numbered, and the points of
//! its subtests before it.
//!
//! A run's subtests wait for its end, so that runs that are on at once do not mix. How a line looks is
//! the dialect's business.

use std::io::Write;
use std::path::{Path, PathBuf};

use autotest_core::status::Status;
use autotest_core::{JobStart, Verdict};

use crate::outlet::Outlet;
use crate::record::Record;
use crate::report::{Report, ReportError};
use crate::runs::{Change, End, Grade, OpenRun, Runs};
use crate::sanitize::single_line;

/// How points are spelled. What is returned is whole lines.
pub trait Dialect: Default {
    /// What the report is called when it fails.
    const NAME: &'static str;
    /// What is put before each line of a subtest.
    const INDENT: &'static str;

    /// The lines before the first point.
    fn head(&self, planned: usize) -> String;

    /// A point with its diagnosis.
    fn point(&self, point: &Point<'_>) -> String;

    /// The lines around the points of the subtests of `parent`, not indented.
    fn subtests(&self, parent: &str, count: usize, points: &str) -> String;
}

/// One result.
#[derive(Clone, Copy, Debug)]
pub struct Point<'a> {
    /// Its number, from 1, among its siblings.
    pub number: usize,
    /// What people call the test.
    pub name: &'a str,
    /// How it ended.
    pub end: PointEnd<'a>,
}

/// How a test ended.
#[derive(Clone, Copy, Debug)]
pub enum PointEnd<'a> {
    /// It did not run, for this reason, which may be empty.
    Ignored(&'a str),
    /// It ran.
    Ran {
        /// The status.
        status: Status,
        /// What that comes to.
        grade: Grade,
        /// What it said if it did not pass.
        verdict: Option<&'a Verdict>,
        /// Why it failed as it was expected to.
        known_failure: Option<&'a str>,
        /// What else went wrong.
        notes: &'a [String],
        /// Its directory below the job's, or an empty text.
        subdir: &'a str,
    },
}

/// Writes the points of a job.
#[derive(Debug)]
pub struct TestPoints<W, D> {
    out: Outlet<W>,
    dialect: D,
    /// Told at the end.
    jobdir: Option<PathBuf>,
    count: usize,
    runs: Runs<Children>,
}

/// The subtests of a run that ended.
#[derive(Debug, Default)]
struct Children {
    count: usize,
    points: String,
}

impl<W: Write, D: Dialect> TestPoints<W, D> {
    /// For a job. `jobdir` is told where results are looked for elsewhere than beside the report.
    pub fn new(out: W, jobdir: Option<&Path>) -> TestPoints<W, D> {
        TestPoints {
            out: Outlet::new(out),
            dialect: D::default(),
            jobdir: jobdir.map(Path::to_owned),
            count: 0,
            runs: Runs::default(),
        }
    }

    fn start(&mut self, job: &JobStart) -> String {
        let mut lines = self.dialect.head(job.plan.len() + job.ignored.len());
        for (name, reason) in &job.ignored {
            self.count += 1;
            lines.push_str(&self.dialect.point(&Point {
                number: self.count,
                name,
                end: PointEnd::Ignored(reason),
            }));
        }
        lines
    }

    fn end_test(&mut self, ended: &OpenRun<Children>, end: End<'_>) -> String {
        let Some(parent) = ended.parent else {
            self.count += 1;
            return self.lines(ended, self.count, end);
        };
        let number = self
            .runs
            .state(parent)
            .map_or(1, |children| children.count + 1);
        let lines = self.lines(ended, number, end);
        if let Some(children) = self.runs.state(parent) {
            children.count = number;
            children.points.push_str(&lines);
        }
        String::new()
    }

    /// The point of a run behind those of its subtests.
    fn lines(&self, ended: &OpenRun<Children>, number: usize, end: End<'_>) -> String {
        let mut lines = String::new();
        let (name, status) = (&ended.name(), end.status);
        let Children { count, points } = &ended.state;
        if *count > 0 {
            let below = self.dialect.subtests(name, *count, points);
            for line in below.lines() {
                lines.push_str(&format!("{}{line}\n", D::INDENT));
            }
        }
        let end = PointEnd::Ran {
            status,
            grade: ended.grade(status),
            verdict: end.verdict,
            known_failure: ended.known_failure(status),
            notes: &ended.notes,
            subdir: &ended.subdir,
        };
        lines + &self.dialect.point(&Point { number, name, end })
    }

    fn end_job(&self, status: Status, reason: &str) -> String {
        let mut lines = String::new();
        if let Some(jobdir) = &self.jobdir {
            lines.push_str(&comment(&format!("results: {}", jobdir.display())));
        }
        if status != Status::Good {
            lines.push_str(&format!("Bail out! {}\n", single_line(reason)));
        }
        lines
    }
}

/// A line that is no result.
pub(crate) fn comment(text: &str) -> String {
    format!("# {}\n", single_line(text))
}

impl<W: Write, D: Dialect> Report for TestPoints<W, D> {
    fn name(&self) -> &'static str {
        D::NAME
    }

    fn record(&mut self, record: &Record) -> Result<(), ReportError> {
        let lines = match self.runs.apply(record) {
            Change::JobStart(job) => self.start(job),
            Change::JobEnd { status, reason } => self.end_job(status, reason),
            Change::End(run, end) => self.end_test(&run, end),
            Change::Attempt {
                run,
                subdir,
                verdict,
            } => comment(&format!(
                "{} does not count, and runs again: {verdict} (see {subdir})",
                run.name()
            )),
            Change::JobResume(_) | Change::Start(_) | Change::Detail(_) | Change::Nothing => {
                return Ok(());
            }
        };
        Ok(self.out.write_lines(&lines)?)
    }
}

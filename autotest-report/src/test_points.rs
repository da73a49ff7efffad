//! Test points, the fold that TAP and KTAP share: a numbered point for each test, after the points of its
//! subtests.
//!
//! The points of subtests are written at the end of their outermost test, so that those of parallel runs do
//! not mix. The dialect decides the format of lines.

use std::io::Write;
use std::path::{Path, PathBuf};

use autotest_core::status::Status;
use autotest_core::{JobStart, Verdict};

use crate::outlet::Outlet;
use crate::record::Record;
use crate::report::{Report, ReportError};
use crate::runs::{Change, End, Grade, OpenRun, Runs};
use crate::sanitize::single_line;

/// The format of test points. Every method returns complete lines.
pub trait Dialect: Default {
    /// The name of the report in error messages.
    const NAME: &'static str;
    /// The indentation of each line of a subtest.
    const INDENT: &'static str;

    /// The line with the version.
    fn version(&self) -> String;

    /// The line with the number of points, before the first one, or at the end if the number was not known
    /// before.
    fn plan(&self, points: usize) -> String;

    /// A point with its diagnosis.
    fn point(&self, point: &Point<'_>) -> String;

    /// The lines around the points of the subtests of `parent`, not indented.
    fn subtests(&self, parent: &str, count: usize, points: &str) -> String;
}

/// A test point.
#[derive(Clone, Copy, Debug)]
pub struct Point<'a> {
    /// Its number, from 1, among its siblings.
    pub number: usize,
    /// The name of the test for people.
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
        /// The grade of the status.
        grade: Grade,
        /// The verdict; `None` if it passed.
        verdict: Option<&'a Verdict>,
        /// The reason of an expected failure.
        known_failure: Option<&'a str>,
        /// Errors other than the verdict.
        notes: &'a [String],
        /// Its directory relative to the job's; may be empty.
        subdir: &'a str,
        /// The outermost test, if it passed although this subtest failed.
        passed_all_the_same: Option<&'a str>,
    },
}

/// Writes a test point for each test of a job.
#[derive(Debug)]
pub struct TestPoints<W, D> {
    out: Outlet<W>,
    dialect: D,
    /// The job's directory, named at the end.
    jobdir: Option<PathBuf>,
    count: usize,
    /// Whether the number of points is known from the start.
    is_planned: bool,
    runs: Runs<Children>,
}

/// The ended subtests of a run. They are written when the outermost test ends, whose result determines
/// whether a failed one counts.
#[derive(Debug, Default)]
struct Children(Vec<Ended>);

/// A run that ended.
#[derive(Debug)]
struct Ended {
    run: OpenRun<Children>,
    status: Status,
    verdict: Option<Verdict>,
}

impl<W: Write, D: Dialect> TestPoints<W, D> {
    /// Creates the report in the default form of the dialect. `jobdir` is named at the end, and is `None` for
    /// a report that is in this directory.
    pub fn new(out: W, jobdir: Option<&Path>) -> TestPoints<W, D> {
        TestPoints::in_dialect(out, D::default(), jobdir)
    }

    /// Like [`new`](TestPoints::new), in the given form of the dialect.
    pub fn in_dialect(out: W, dialect: D, jobdir: Option<&Path>) -> TestPoints<W, D> {
        TestPoints {
            out: Outlet::new(out),
            dialect,
            jobdir: jobdir.map(Path::to_owned),
            count: 0,
            is_planned: true,
            runs: Runs::default(),
        }
    }

    fn start(&mut self, job: &JobStart) -> String {
        let mut lines = self.dialect.version();
        self.is_planned = job.is_planned();
        if self.is_planned {
            lines.push_str(&self.dialect.plan(job.plan.len() + job.ignored.len()));
        }
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

    fn end_test(&mut self, run: OpenRun<Children>, end: End<'_>) -> String {
        let parent = run.parent;
        let ended = Ended {
            run,
            status: end.status,
            verdict: end.verdict.cloned(),
        };
        if let Some(parent) = parent {
            if let Some(Children(children)) = self.runs.state(parent) {
                children.push(ended);
            }
            return String::new();
        }
        self.count += 1;
        let has_failed = ended.run.grade(ended.status) == Grade::Failed;
        let name = ended.run.name();
        let passed = (!has_failed).then_some(name.as_str());
        self.lines(&ended, self.count, passed)
    }

    /// The point of a run, after those of its subtests. `passed` is the name of the outermost test, if it
    /// passed.
    fn lines(&self, ended: &Ended, number: usize, passed: Option<&str>) -> String {
        let mut lines = String::new();
        let Ended {
            run,
            status,
            verdict,
        } = ended;
        let name = &run.name();
        let Children(children) = &run.state;
        if !children.is_empty() {
            let points = (1..).zip(children);
            let points: String = points
                .map(|(number, child)| self.lines(child, number, passed))
                .collect();
            let below = self.dialect.subtests(name, children.len(), &points);
            for line in below.lines() {
                lines.push_str(&format!("{}{line}\n", D::INDENT));
            }
        }
        let grade = run.grade(*status);
        let end = PointEnd::Ran {
            status: *status,
            grade,
            verdict: verdict.as_ref(),
            known_failure: run.known_failure(*status),
            notes: &run.notes,
            subdir: &run.subdir,
            passed_all_the_same: passed.filter(|_| grade == Grade::Failed),
        };
        lines + &self.dialect.point(&Point { number, name, end })
    }

    /// A plan that was not known before is the last line: Python's `tap.py` refuses one with a comment behind
    /// it. A job that ends early has none, since npm's `tap-parser` ignores a `Bail out!` behind a plan.
    fn end_job(&self, status: Status, reason: &str) -> String {
        let mut lines = String::new();
        if let Some(jobdir) = &self.jobdir {
            lines.push_str(&comment(&format!("results: {}", jobdir.display())));
        }
        if status != Status::Good {
            lines.push_str(&format!("Bail out! {}\n", single_line(reason)));
        } else if !self.is_planned {
            lines.push_str(&self.dialect.plan(self.count));
        }
        lines
    }
}

/// A comment line.
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
            Change::End(run, end) => self.end_test(run, end),
            Change::Attempt {
                run,
                subdir,
                verdict,
            } => comment(&format!(
                "{} does not count, and runs again: {verdict} (see {subdir})",
                run.name()
            )),
            Change::JobResume(_)
            | Change::Start(_)
            | Change::Detail(_)
            | Change::GroupStart(_)
            | Change::GroupEnd(..)
            | Change::Parallel(_)
            | Change::Reboot(_)
            | Change::Rebooted(_)
            | Change::Nothing => {
                return Ok(());
            }
        };
        Ok(self.out.write_lines(&lines)?)
    }
}

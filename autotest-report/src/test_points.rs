//! Test points, the fold that TAP and KTAP share: a numbered point for each test, after the points of its
//! subtests.
//!
//! The points of subtests are written at the end of their outermost test, so that those of parallel runs do
//! not mix. The dialect decides the format of lines.
//!
//! A group of a control function is a point, too, whose subtest has the points of its runs, and so is a branch.
//! This is how TAP 14 nests, and Perl's Test::More before it. A reader that skips subtests counts a group as
//! one test: its verdict is right, since the group fails if a test in it does, and the diagnosis of the group
//! says how many did. With flat points such a reader would count every test, but no reader would know what
//! belongs together, and the lines of branches would mix.

mod blocks;

use std::io::Write;
use std::path::{Path, PathBuf};

use autotest_core::status::Status;
use autotest_core::{JobStart, Verdict};

use crate::outlet::Outlet;
use crate::record::Record;
use crate::report::{Report, ReportError};
use crate::runs::{Change, End, Grade, OpenRun, Runs};
use crate::sanitize::single_line;
use blocks::{Blocks, indented};

/// The format of test points. Every method returns complete lines.
pub trait Dialect: Default {
    /// The name of the report in error messages.
    const NAME: &'static str;
    /// The indentation of each line of a subtest.
    const INDENT: &'static str;

    /// The line with the version.
    fn version(&self) -> String;

    /// The line with the number of points, before the first one.
    fn plan(&self, points: usize) -> String;

    /// The same behind the last one, if the number was not known before.
    fn plan_behind(&self, points: usize) -> String;

    /// A point with its diagnosis.
    fn point(&self, point: &Point<'_>) -> String;

    /// The lines before the points of the subtests of `parent`, not indented. If their number is not known,
    /// [`plan_behind`](Dialect::plan_behind) follows them.
    fn subtest(&self, parent: &str, points: Option<usize>) -> String;
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
        /// The reason of an expected failure, or of one that does not count.
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
    /// Whether the number of points is known from the start: groups are not planned.
    is_planned: bool,
    runs: Runs<Children>,
    blocks: Blocks,
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
            is_planned: true,
            runs: Runs::default(),
            blocks: Blocks::default(),
        }
    }

    fn start(&mut self, job: &JobStart) -> String {
        let mut lines = self.dialect.version();
        self.is_planned = job.control.is_none();
        if self.is_planned {
            lines.push_str(&self.dialect.plan(job.plan.len() + job.ignored.len()));
        }
        for (name, reason) in &job.ignored {
            lines.push_str(&self.dialect.point(&Point {
                number: self.blocks.tally(None).point(),
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
        let group = ended.run.group;
        let has_failed = ended.run.grade(ended.status) == Grade::Failed;
        let name = ended.run.name();
        let number = self.blocks.tally(group).test(&name, has_failed);
        let passed = (!has_failed).then_some(name.as_str());
        let lines = self.lines(&ended, number, passed);
        self.blocks.add(&self.dialect, group, lines)
    }

    fn attempt(&mut self, run: &OpenRun<Children>, subdir: &str, verdict: &Verdict) -> String {
        let name = run.name();
        let text = format!("{name} does not count, and runs again: {verdict} (see {subdir})");
        self.blocks.add(&self.dialect, run.group, comment(&text))
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
            let mut below = self.dialect.subtest(name, Some(children.len()));
            for (number, child) in (1..).zip(children) {
                below.push_str(&self.lines(child, number, passed));
            }
            below.push_str(&self.dialect.plan_behind(children.len()));
            lines.push_str(&indented::<D>(&below));
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
    fn end_job(&mut self, status: Status, reason: &str) -> String {
        let open: Vec<_> = self.runs.groups().map(|(group, _)| group).collect();
        let mut lines = self.blocks.end_all(&self.dialect, &open);
        if let Some(jobdir) = &self.jobdir {
            lines.push_str(&comment(&format!("results: {}", jobdir.display())));
        }
        if status != Status::Good {
            lines.push_str(&format!("Bail out! {}\n", single_line(reason)));
        } else if !self.is_planned {
            let points = self.blocks.tally(None).points;
            lines.push_str(&self.dialect.plan_behind(points));
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
            } => self.attempt(&run, subdir, verdict),
            Change::Parallel(parallel) => {
                self.blocks.parallel(parallel);
                return Ok(());
            }
            Change::GroupStart(start) => {
                self.blocks.start(record.run, start);
                return Ok(());
            }
            Change::GroupEnd(_, end) => self.blocks.end(&self.dialect, record.run, end),
            Change::JobResume(_)
            | Change::Start(_)
            | Change::Detail(_)
            | Change::Reboot(_)
            | Change::Rebooted(_)
            | Change::Nothing => {
                return Ok(());
            }
        };
        Ok(self.out.write_lines(&lines)?)
    }
}

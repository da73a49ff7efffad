//! The points of groups and branches. Each is a block: the points in it as a subtest, and then its own.
//!
//! The lines of a group are written as its runs end, however many there are. Only those of a branch are held
//! until it ends, so that they do not mix with those of the others.

use autotest_core::status::Status;
use autotest_core::{GroupKind, GroupStart, Kind, SmallMap, Verdict};

use super::{Dialect, Point, PointEnd};
use crate::branches::Branches;
use crate::runs::{Grade, GroupEnd, Parallel};

/// The groups and branches in progress, and the points around them.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// The points outside of groups.
    job: Tally,
    groups: SmallMap<u32, Block>,
    branches: Branches<Block>,
}

/// A group or a branch.
#[derive(Debug)]
struct Block {
    start: GroupStart,
    tally: Tally,
    /// Whether the subtest has begun.
    has_begun: bool,
    /// The lines of a branch, indented.
    held: String,
    /// GOOD until it ended.
    status: Status,
    /// The error of its function; otherwise empty.
    reason: String,
}

/// What happened in a group, a branch or a job.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// The points in it, without those in its blocks.
    pub(super) points: usize,
    /// The tests in it and in its blocks.
    tests: usize,
    failed: usize,
    first_failed: String,
}

impl Tally {
    /// Adds a test with its point. Returns the number of the point.
    pub(super) fn test(&mut self, name: &str, has_failed: bool) -> usize {
        self.tests += 1;
        if has_failed {
            self.fail(1, name);
        }
        self.point()
    }

    /// Adds a point. Returns its number.
    pub(super) fn point(&mut self) -> usize {
        self.points += 1;
        self.points
    }

    fn fail(&mut self, failed: usize, first: &str) {
        if self.failed == 0 {
            first.clone_into(&mut self.first_failed);
        }
        self.failed += failed;
    }

    fn add(&mut self, block: &Tally) {
        self.tests += block.tests;
        self.fail(block.failed, &block.first_failed);
    }

    /// The failures in words, if there are any.
    fn failures(&self) -> Option<String> {
        let (failed, tests, first) = (self.failed, self.tests, &self.first_failed);
        let s = if tests == 1 { "" } else { "s" };
        let first = match failed {
            0 => return None,
            1 => first.clone(),
            _ => format!("the first is {first}"),
        };
        Some(format!("{failed} of {tests} test{s} failed: {first}"))
    }
}

impl Blocks {
    /// The tally of a group or a branch; that of the job if there is none.
    pub(super) fn tally(&mut self, group: Option<u32>) -> &mut Tally {
        let Blocks {
            job,
            groups,
            branches,
        } = self;
        let block = group.and_then(|it| groups.get_mut(&it).or_else(|| branches.block(it)));
        block.map_or(job, |block| &mut block.tally)
    }

    fn block(&mut self, group: u32) -> Option<&mut Block> {
        let group_block = self.groups.get_mut(&group);
        group_block.or_else(|| self.branches.block(group))
    }

    pub(super) fn parallel(&mut self, parallel: Parallel<'_>) {
        self.branches.parallel(parallel);
    }

    pub(super) fn start(&mut self, number: u32, start: &GroupStart) {
        let block = Block::new(start);
        match start.kind {
            GroupKind::Group => self.groups.insert(number, block),
            GroupKind::Branch => self.branches.start(number, start, block),
        }
    }

    /// Adds lines to a group. Returns those that can be written now.
    pub(super) fn add<D: Dialect>(
        &mut self,
        dialect: &D,
        group: Option<u32>,
        mut lines: String,
    ) -> String {
        let mut around = group;
        while let Some(block) = around.and_then(|group| self.block(group)) {
            if !block.has_begun {
                lines.insert_str(0, &dialect.subtest(&block.start.name, None));
                block.has_begun = true;
            }
            lines = indented::<D>(&lines);
            if block.start.kind == GroupKind::Branch {
                block.held.push_str(&lines);
                return String::new();
            }
            around = block.start.group;
        }
        lines
    }

    /// Ends a group or a branch. Returns the lines that can be written now.
    pub(super) fn end<D: Dialect>(
        &mut self,
        dialect: &D,
        number: u32,
        end: GroupEnd<'_>,
    ) -> String {
        let Some(block) = self.block(number) else {
            return String::new();
        };
        block.status = end.status;
        end.reason.clone_into(&mut block.reason);
        let plan = match block.has_begun {
            true => dialect.plan_behind(block.tally.points),
            false => String::new(),
        };
        let mut lines = match plan.as_str() {
            "" => plan,
            _ => self.add(dialect, Some(number), plan),
        };
        let blocks = match self.groups.remove(&number) {
            Some(block) => vec![block],
            None => self.branches.end(number),
        };
        for block in blocks {
            lines.push_str(&self.close(dialect, block));
        }
        lines
    }

    /// The lines of a block that ended, with its point.
    fn close<D: Dialect>(&mut self, dialect: &D, block: Block) -> String {
        let group = block.start.group;
        let tally = self.tally(group);
        tally.add(&block.tally);
        let point = block.point(dialect, tally.point());
        self.add(dialect, group, block.held + &point)
    }

    /// Ends what is open when the job ends, the innermost first. Returns the lines.
    pub(super) fn end_all<D: Dialect>(&mut self, dialect: &D, open: &[u32]) -> String {
        let cut_off = GroupEnd {
            status: Status::Abort,
            reason: "the job ended first",
        };
        let mut lines = String::new();
        for number in open.iter().rev() {
            lines.push_str(&self.rest_in(dialect, Some(*number)));
            lines.push_str(&self.end(dialect, *number, cut_off));
        }
        lines + &self.rest_in(dialect, None)
    }

    /// The lines of branches that wait for one that never began.
    fn rest_in<D: Dialect>(&mut self, dialect: &D, group: Option<u32>) -> String {
        let rest = self.branches.rest_in(group).into_iter();
        rest.map(|block| self.close(dialect, block)).collect()
    }
}

impl Block {
    fn new(start: &GroupStart) -> Block {
        Block {
            start: start.clone(),
            tally: Tally::default(),
            has_begun: false,
            held: String::new(),
            status: Status::Good,
            reason: String::new(),
        }
    }

    /// The point of the block: `not ok` if a test in it failed, or if it never ended. An error of its function
    /// alone is TODO, since it does not fail the job unless it leaves the control function, which aborts it.
    fn point<D: Dialect>(&self, dialect: &D, number: usize) -> String {
        let failures = self.tally.failures();
        let has_failed = failures.is_some() || self.status == Status::Abort;
        let kind = match self.status {
            Status::Abort => Kind::CutOff,
            _ => Kind::Fail,
        };
        let error = Some(self.reason.clone()).filter(|_| self.status != Status::Good);
        let mut reasons = error.into_iter().chain(failures);
        let verdict = reasons.next().map(|reason| Verdict::new(kind, reason));
        let notes: Vec<_> = reasons.collect();
        let is_todo = verdict.is_some() && !has_failed;
        let grade = match has_failed {
            true => Grade::Failed,
            false => Grade::Passed,
        };
        let end = PointEnd::Ran {
            status: verdict.as_ref().map_or(Status::Good, |_| kind.status()),
            grade,
            verdict: verdict.as_ref(),
            known_failure: Some(self.reason.as_str()).filter(|_| is_todo),
            notes: &notes,
            subdir: "",
            passed_all_the_same: None,
        };
        let name = &self.start.name;
        dialect.point(&Point { number, name, end })
    }
}

/// Indents the lines of a subtest.
pub(super) fn indented<D: Dialect>(lines: &str) -> String {
    let lines = lines.lines();
    lines.map(|line| format!("{}{line}\n", D::INDENT)).collect()
}

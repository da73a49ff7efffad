//! The tests that are on.

use autotest_core::{Phase, TestStart};

use crate::inert::in_a_line;
use crate::record::Record;
use crate::runs::name_of;

/// The tests that are on, each subtest after its parent.
#[derive(Debug, Default)]
pub(super) struct Running(Vec<Test>);

/// A test as it is shown.
#[derive(Debug)]
pub(super) struct Test {
    run: u32,
    parent: Option<u32>,
    /// How many tests wait for this one.
    pub(super) depth: usize,
    pub(super) name: String,
    pub(super) subdir: String,
    /// What is true beside its verdict.
    pub(super) notes: Vec<String>,
    pub(super) start_t: f64,
    /// The last phase that it entered.
    pub(super) phase: Option<Phase>,
    /// The iteration that ended last, and how many there will be.
    pub(super) iteration: Option<(u64, Option<u64>)>,
}

impl Running {
    pub(super) fn start(&mut self, record: &Record, start: &TestStart) {
        let name = in_a_line(&name_of(&start.test, &start.operation));
        let parent = start.parent.and_then(|parent| self.get(parent));
        self.0.push(Test {
            run: record.run,
            parent: start.parent,
            depth: parent.map_or(0, |parent| parent.depth + 1),
            name,
            subdir: start.subdir.clone(),
            notes: Vec::new(),
            start_t: record.t,
            phase: None,
            iteration: None,
        });
    }

    pub(super) fn enter(&mut self, run: u32, phase: Phase) {
        if let Some(test) = self.get_mut(run) {
            (test.phase, test.iteration) = (Some(phase), None);
        }
    }

    pub(super) fn progress(&mut self, run: u32, iteration: u64, total: Option<u64>) {
        if let Some(test) = self.get_mut(run) {
            test.iteration = Some((iteration, total));
        }
    }

    pub(super) fn note(&mut self, run: u32, note: String) {
        if let Some(test) = self.get_mut(run) {
            test.notes.push(note);
        }
    }

    pub(super) fn end(&mut self, run: u32) -> Option<Test> {
        let i = self.0.iter().position(|test| test.run == run)?;
        Some(self.0.remove(i))
    }

    /// Its subtests are cut off with it.
    pub(super) fn cut_off(&mut self, run: u32) -> Option<Test> {
        let test = self.end(run);
        while let Some(below) = self.0.iter().find(|test| test.parent == Some(run)) {
            self.cut_off(below.run);
        }
        test
    }

    fn get(&self, run: u32) -> Option<&Test> {
        self.0.iter().find(|test| test.run == run)
    }

    fn get_mut(&mut self, run: u32) -> Option<&mut Test> {
        self.0.iter_mut().find(|test| test.run == run)
    }

    /// The tests that nobody waits for, in the order of their starts.
    pub(super) fn outermost(&self) -> impl Iterator<Item = &Test> {
        self.0.iter().filter(|test| test.depth == 0)
    }

    /// The subtest that a test waits for, if it does.
    pub(super) fn below(&self, test: &Test) -> Option<&Test> {
        self.0.iter().find(|below| below.parent == Some(test.run))
    }
}

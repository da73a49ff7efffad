//! The tests in progress, and a test that ended, as this report shows them.

use autotest_core::Phase;

use crate::runs::OpenRun;
use crate::sanitize::single_line;

/// What a test in progress does now.
#[derive(Debug, Default)]
pub(super) struct AtWork {
    /// The last phase that it entered.
    pub(super) phase: Option<Phase>,
    /// The iteration that ended last, and how many there will be.
    pub(super) iteration: Option<(u64, Option<u64>)>,
}

impl AtWork {
    pub(super) fn enter(&mut self, phase: Phase) {
        (self.phase, self.iteration) = (Some(phase), None);
    }
}

/// A test that ended.
#[derive(Debug)]
pub(super) struct Test {
    /// How many tests waited for it.
    pub(super) depth: usize,
    pub(super) name: String,
    pub(super) subdir: String,
    /// What is true beside its verdict.
    pub(super) notes: Vec<String>,
}

impl Test {
    pub(super) fn of(run: OpenRun<AtWork>) -> Test {
        Test {
            depth: run.depth,
            name: single_line(&run.name()),
            subdir: run.subdir,
            notes: run.notes,
        }
    }
}

//! The data of running and ended tests for this report.

use autotest_core::Phase;

use crate::runs::OpenRun;
use crate::sanitize::single_line;

/// The state of a running test.
#[derive(Debug, Default)]
pub(super) struct AtWork {
    /// The last phase that began.
    pub(super) phase: Option<Phase>,
    /// The last iteration that ended, and the total number.
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
    /// The number of tests that waited for it.
    pub(super) depth: usize,
    pub(super) name: String,
    pub(super) subdir: String,
    /// Errors other than its verdict.
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

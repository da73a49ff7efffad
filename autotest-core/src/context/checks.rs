//! Checks that fail without ending their phase.
//!
//! This module keeps the failures. [`crate::lifecycle`] makes them the verdict when the phase ends.

use super::TestContext;
use crate::outcome::{Failure, TestResult};

/// How many failures are kept; more are only counted and logged.
const MAX_KEPT: usize = 100;

/// The failed checks of the phases in progress.
#[derive(Default)]
pub(crate) struct Checks {
    kept: Vec<Failure>,
    /// The number of those that were not kept.
    left_out: u64,
}

impl Checks {
    /// The number of failures that are kept.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    fn add(&mut self, failure: Failure) {
        log::error!("a check failed: {failure:?}");
        match self.kept.len() < MAX_KEPT {
            true => self.kept.push(failure),
            false => self.left_out += 1,
        }
    }

    /// Takes the failures after the first `len`, and the number of those that were not kept.
    pub(crate) fn take_after(&mut self, len: usize) -> (Vec<Failure>, u64) {
        (self.kept.split_off(len), std::mem::take(&mut self.left_out))
    }
}

/// Checks that do not end the test.
impl TestContext {
    /// Calls `check`. If it fails, the phase goes on, and fails when it ends, with the reasons and places of
    /// all checks that failed in it. Returns the value of `check`; `None` if it failed.
    ///
    /// ```no_run
    /// # use autotest_core::{TestContext, TestError, TestResult};
    /// # fn speed_of(port: u32) -> Result<u32, std::io::Error> { Ok(port) }
    /// fn run_once(cx: &mut TestContext) -> TestResult {
    ///     for port in 0..4 {
    ///         cx.check(|_| match speed_of(port)? {
    ///             1000 => Ok(()),
    ///             other => Err(TestError::fail(format!("port {port} has {other} Mbit/s")))?,
    ///         });
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// The verdict has the most serious kind among the failures: ABORT, ERROR, FAIL, a retry, WARN, TEST_NA. A
    /// phase that returns an error or panics after failed checks has all of them in its verdict. Each failure
    /// is logged at once, so that the log has it if the process crashes. The verdict lists up to 100 failures
    /// and 24 KiB, and tells the number of the others.
    ///
    /// A panic in `check` is not a failed check: it ends the phase.
    pub fn check<T>(&mut self, check: impl FnOnce(&mut TestContext) -> TestResult<T>) -> Option<T> {
        match check(self) {
            Ok(value) => Some(value),
            Err(failure) => {
                self.checks.add(failure);
                None
            }
        }
    }
}

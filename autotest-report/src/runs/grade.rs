//! A status for formats with few of them.

/// A status reduced to three values, for formats that have no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// GOOD, and WARN unless the job is strict.
    Passed,
    /// FAIL, ERROR, ABORT.
    Failed,
    /// TEST_NA.
    Skipped,
}

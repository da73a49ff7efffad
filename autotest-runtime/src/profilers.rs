//! Profilers: processes that measure a test while it runs.
//!
//! This module defines what an author of a profiler uses, and the rules of the original's profiler manager. It must not
//! know in which process a profiler runs; `exec` decides that.

mod context;
mod files;
mod list;

use autotest_core::{Args, TestResult};

pub use context::{Mark, ProfilerContext};
pub(crate) use files::IterationFiles;
pub use list::ProfilerList;

/// The steps of a profiler, as `#[autotest::profiler]` implements them.
///
/// Each profiler of a run has a process, in which these are called: `initialize` and `setup` once, before any other
/// step; the other steps follow the run. `stop` and `report` are called even if the test is killed in between. An error
/// turns the run into a WARN that names the profiler; an error before `stop` also ends the profiler's process and
/// everything that it started.
pub trait Profiler {
    /// Reads the arguments.
    ///
    /// # Errors
    /// If the profiler cannot work on this target, for example without its tool.
    fn initialize(&mut self, _: &mut ProfilerContext, _: &Args) -> TestResult {
        Ok(())
    }

    /// `true` if `setup` is implemented; `setup` runs once per version.
    fn has_setup(&self) -> bool {
        false
    }

    /// Fills `srcdir`, once per version.
    ///
    /// # Errors
    /// If the profiler cannot be built.
    fn setup(&mut self, _: &mut ProfilerContext, _: &Args) -> TestResult {
        Ok(())
    }

    /// Called before `before_run_once`.
    ///
    /// # Errors
    /// If the profiler cannot be prepared.
    fn before_start(&mut self, _: &mut ProfilerContext) -> TestResult {
        Ok(())
    }

    /// Starts measuring, and returns at once.
    ///
    /// # Errors
    /// If measuring is not possible.
    fn start(&mut self, cx: &mut ProfilerContext) -> TestResult;

    /// Stops measuring.
    ///
    /// # Errors
    /// If data was lost.
    fn stop(&mut self, _: &mut ProfilerContext) -> TestResult {
        Ok(())
    }

    /// Writes the files of this iteration into `profdir`.
    ///
    /// # Errors
    /// If they cannot be written.
    fn report(&mut self, _: &mut ProfilerContext) -> TestResult {
        Ok(())
    }
}

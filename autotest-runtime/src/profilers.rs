//! Profilers: what measures a test while it runs.
//!
//! This module has what an author of a profiler sees, and the rules of the original's manager. It must not know in
//! which process a profiler runs; `exec` does.

mod context;
mod files;
mod list;

use autotest_core::{Args, TestResult};

pub use context::{Mark, ProfilerContext};
pub(crate) use files::IterationFiles;
pub use list::ProfilerList;

/// The steps of a profiler, as `#[autotest::profiler]` implements them.
///
/// They are called in a process that the run's profilers each have: `initialize` and `setup` before the first of the
/// others, which follow the run. If the test is killed meanwhile, `stop` and `report` are called all the same. An error
/// makes the run a WARN that names the profiler; before `stop`, it also ends the profiler's process, and what it
/// started.
pub trait Profiler {
    /// Reads the arguments.
    ///
    /// # Errors
    /// If the profiler cannot work on this target, for example without its tool.
    fn initialize(&mut self, _: &mut ProfilerContext, _: &Args) -> TestResult {
        Ok(())
    }

    /// Whether there is a `setup`, which runs once per version.
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

    /// Starts to measure, and returns at once.
    ///
    /// # Errors
    /// If measuring is not possible.
    fn start(&mut self, cx: &mut ProfilerContext) -> TestResult;

    /// Stops measuring.
    ///
    /// # Errors
    /// If something was lost.
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

//! The profilers of a run, for tests with their own `execute`.

use super::TestContext;
use crate::host::ProfilerStep;
use crate::outcome::TestResult;

/// The profilers of a run (`job.profilers`). The default `execute` calls these methods around the profiled run; a
/// test with its own `execute` calls them itself.
#[derive(Debug)]
pub struct Profilers<'a>(&'a mut TestContext);

impl TestContext {
    /// The profilers of this run.
    ///
    /// ```no_run
    /// # use autotest_core::{TestContext, TestResult};
    /// # fn load() -> TestResult { Ok(()) }
    /// fn execute(cx: &mut TestContext) -> TestResult {
    ///     cx.profilers().start()?;
    ///     let result = load();
    ///     cx.profilers().stop()?;
    ///     cx.profilers().report()?;
    ///     result
    /// }
    /// ```
    pub fn profilers(&mut self) -> Profilers<'_> {
        Profilers(self)
    }
}

impl Profilers<'_> {
    /// Whether this run has profilers.
    pub fn are_present(&mut self) -> bool {
        self.0.host.has_profilers()
    }

    /// Whether they have been started and not stopped.
    pub fn are_active(&mut self) -> bool {
        self.are_present() && self.0.host.are_profilers_active()
    }

    /// Calls `before_start` of each.
    ///
    /// # Errors
    /// If the supervisor cannot be asked.
    pub fn before_start(&mut self) -> TestResult {
        self.step(ProfilerStep::BeforeStart)
    }

    /// Starts each.
    ///
    /// # Errors
    /// If the supervisor cannot be asked.
    pub fn start(&mut self) -> TestResult {
        self.step(ProfilerStep::Start)
    }

    /// Stops each.
    ///
    /// # Errors
    /// If the supervisor cannot be asked.
    pub fn stop(&mut self) -> TestResult {
        self.step(ProfilerStep::Stop)
    }

    /// Makes each write its files, and moves the files to `profiling/iteration.N` if the test is in iteration N.
    ///
    /// # Errors
    /// If the supervisor cannot be asked.
    pub fn report(&mut self) -> TestResult {
        self.step(ProfilerStep::Report)
    }

    /// Performs a step with all profilers; does nothing if there are none.
    fn step(&mut self, step: ProfilerStep) -> TestResult {
        match self.are_present() {
            true => self.0.host.profile(step, self.0.iteration),
            false => Ok(()),
        }
    }
}

//! The profilers of a job (`job.profilers`).

use autotest_core::{ProfilerUse, TestError};

use super::Job;

/// The profilers of a job's later runs.
#[derive(Debug)]
pub struct JobProfilers<'a>(&'a mut Job);

/// Profilers.
impl Job {
    /// The profilers for later runs of this branch and of the branches that it begins. Tests may ask for others
    /// themselves.
    ///
    /// ```no_run
    /// # use autotest::{Job, JobResult, ProfilerUse};
    /// # fn f(job: &mut Job) -> JobResult {
    /// job.profilers().add(ProfilerUse::new("vmstat").arg("interval", "5"))?;
    /// job.run_test("storage::stress").run()?;
    /// job.profilers().delete("vmstat")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn profilers(&mut self) -> JobProfilers<'_> {
        JobProfilers(self)
    }
}

impl JobProfilers<'_> {
    /// Adds a profiler after the others, even if one of the same name is there (`job.profilers.add`).
    ///
    /// # Errors
    /// If there is no such profiler, or it does not accept the arguments; the list is unchanged then.
    pub fn add(&mut self, profiler: ProfilerUse) -> Result<(), TestError> {
        self.0
            .settings(|settings| settings.profilers.push(profiler))
    }

    /// Removes all profilers of this name (`job.profilers.delete`).
    ///
    /// # Errors
    /// If the supervisor cannot be reached.
    pub fn delete(&mut self, name: &str) -> Result<(), TestError> {
        self.0
            .settings(|settings| settings.profilers.retain(|profiler| profiler.name != name))
    }

    /// The profilers, in order.
    pub fn current(&self) -> &[ProfilerUse] {
        &self.0.current_settings().profilers
    }

    /// `true` if there are any profilers (`job.profilers.present`).
    pub fn are_present(&self) -> bool {
        !self.current().is_empty()
    }
}

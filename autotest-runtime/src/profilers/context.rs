//! A profiler's view of the run that it measures.

use std::path::{Path, PathBuf};
use std::time::Duration;

use autotest_core::Directories;
use serde::{Deserialize, Serialize};

/// The run that a profiler measures.
#[derive(Clone, Debug)]
pub struct ProfilerContext {
    pub(crate) name: String,
    pub(crate) directories: Directories,
    pub(crate) test_pid: u32,
    /// The environment variable that marks the run's processes, as `NAME=VALUE`.
    #[cfg_attr(
        not(feature = "proc-profiler"),
        expect(dead_code, reason = "for `proc`")
    )]
    pub(crate) mark: String,
    pub(crate) iteration: u64,
    pub(crate) marks: Vec<Mark>,
    pub(crate) warnings: Vec<String>,
}

/// A part of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// What happened: a phase such as `cleanup`, or `iteration 3`.
    pub name: String,
    /// When it began, as time since the target booted (`CLOCK_BOOTTIME`).
    pub begin: Duration,
    /// When it ended; `None` if it has not.
    pub end: Option<Duration>,
}

impl ProfilerContext {
    /// The name of the profiler.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The directory for the profiler's files, `profiling` in the run's output directory. The files of one iteration
    /// are moved to `iteration.N` below it after `report`.
    pub fn profdir(&self) -> &Path {
        &self.directories.profdir
    }

    /// The directory of the run's results.
    pub fn outputdir(&self) -> &Path {
        &self.directories.outputdir
    }

    /// A temporary directory for the profiler in this run, removed when the test ends.
    pub fn tmpdir(&self) -> PathBuf {
        self.directories.tmpdir.clone()
    }

    /// The directory above `srcdir`.
    pub fn bindir(&self) -> &Path {
        &self.directories.bindir
    }

    /// The directory that `setup` fills once per version, for all later runs.
    pub fn srcdir(&self) -> &Path {
        &self.directories.srcdir
    }

    /// The process id of the test, which is also the id of its process group.
    pub fn test_pid(&self) -> u32 {
        self.test_pid
    }

    /// The number of the profiled iteration, from 1.
    pub fn iteration(&self) -> u64 {
        self.iteration
    }

    /// The parts of the run so far: those before the profiled iteration that the profilers saw, then the iterations and
    /// phases since.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Turns the run into a WARN with this text, without ending the profiler.
    pub fn warn(&mut self, text: impl Into<String>) {
        self.warnings.push(text.into());
    }
}

//! Everything that the process of a run needs to know, as a value.
//!
//! A forked process inherits it; an executed one reads it from its supervisor. It does not know which.

use std::time::{Duration, Instant};

use autotest_core::{
    Args, Clock, Directories, JobHooks, Recovery, Run, RunName, Settings, Sink, Status, Subtest,
    TestDef, TestError, Verdict, recover, run_test,
};
use serde::{Deserialize, Serialize};

use crate::host::{Places, TargetHost};
use crate::panics;

/// A run, or its cleanup after an abnormal end.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RunSpec {
    pub(crate) name: RunName,
    pub(crate) args: Args,
    pub(crate) settings: Settings,
    pub(crate) places: Places,
    /// Whether a run above this one holds the lock of setups.
    pub(crate) is_setup_locked: bool,
    /// The run's directories, if they are made already.
    pub(crate) directories: Option<Directories>,
    /// How long it may take.
    pub(crate) timeout: Option<Duration>,
    /// What is known of the run that this one cleans up after.
    pub(crate) recovery: Option<Recovery>,
}

impl RunSpec {
    /// Executes the run in this process, and returns its verdict; `None` is a pass.
    pub(crate) fn execute(
        self,
        def: &'static TestDef,
        subtests: impl FnMut(Subtest) -> Result<Status, TestError> + 'static,
        sink: impl Sink + 'static,
    ) -> Option<Verdict> {
        self.places.is_setup_locked.set(self.is_setup_locked);
        let host = TargetHost::new(self.places, subtests);
        let host = match self.directories {
            Some(directories) => host.within(directories),
            None => host,
        };
        let run = Run {
            def,
            name: self.name,
            args: self.args,
            settings: self.settings,
            hooks: JobHooks::default(),
            deadline: self.timeout,
            host: Box::new(host),
            clock: Box::new(MonotonicClock(Instant::now())),
            sink: Box::new(sink),
        };
        let outcome = panics::watched(|| match self.recovery {
            None => run_test(run),
            Some(recovery) => recover(run, recovery),
        });
        outcome.map_or_else(
            |panic| Some(panic.classify(false)),
            |outcome| outcome.verdict,
        )
    }
}

/// CLOCK_MONOTONIC, from the start of the run.
struct MonotonicClock(Instant);

impl Clock for MonotonicClock {
    fn now(&mut self) -> Duration {
        self.0.elapsed()
    }
}

//! A run as a value: everything needed to execute it.
//!
//! A forked process inherits it; an executed one reads it from its supervisor. This module must not know which.

use std::time::{Duration, Instant};

use autotest_core::{
    Args, Clock, Directories, Kind, Recovery, Run, RunName, RunResult, Settings, Sink, Subtest,
    TestDef, TestError, Verdict, recover, run_test,
};
use autotest_report::json;
use serde::{Deserialize, Serialize};

use super::unix;
#[cfg(feature = "profilers")]
use crate::host::Profile;
use crate::host::{Places, TargetHost};
use crate::panics;
use crate::registry;

/// A run, or its cleanup after an abnormal end.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RunSpec {
    pub(crate) name: RunName,
    #[serde(with = "json::shared")]
    pub(crate) args: Args,
    /// The values of the secret arguments, which are not serialised with the others.
    #[serde(default, skip_serializing_if = "Args::is_empty")]
    pub(crate) secrets: Args,
    #[serde(with = "json::shared")]
    pub(crate) settings: Settings,
    pub(crate) places: Places,
    /// `true` if a run that waits for this one holds the setup lock.
    pub(crate) is_setup_locked: bool,
    /// The run's directories, if they already exist.
    pub(crate) directories: Option<Directories>,
    /// The timeout.
    pub(crate) timeout: Option<Duration>,
    /// If set, only `cleanup` is run, with this state of the run that ended abnormally.
    pub(crate) recovery: Option<Recovery>,
    /// Collects sysinfo.
    #[cfg(feature = "sysinfo")]
    #[serde(skip)]
    pub(crate) collect: Option<super::sysinfo::Collect>,
}

impl RunSpec {
    /// Executes the run in this process. Returns its verdict; `None` is a pass.
    pub(crate) fn execute(
        self,
        def: &'static TestDef,
        subtests: impl FnMut(Subtest) -> Result<RunResult, TestError> + 'static,
        #[cfg(feature = "profilers")] profilers: Option<Profile>,
        sink: impl Sink + 'static,
    ) -> Option<Verdict> {
        self.places.is_setup_locked.set(self.is_setup_locked);
        let host = TargetHost::new(self.places, subtests);
        let host = match self.directories {
            Some(directories) => host.within(directories),
            None => host,
        };
        #[cfg(feature = "sysinfo")]
        let host = host.collecting(self.collect.map(super::sysinfo::Collect::into_function));
        #[cfg(feature = "profilers")]
        let host = match profilers {
            Some(ask) if !registry::of_run(&self.settings, def).is_empty() => host.profiled(ask),
            Some(_) | None => host,
        };
        let hooks = match registry::job_hooks(&self.settings.hooks) {
            Ok(hooks) => hooks,
            Err(reason) => return Some(Verdict::new(Kind::Error, reason)),
        };
        let run = Run {
            def,
            name: self.name,
            args: self.args.with_secrets(&self.secrets),
            settings: self.settings,
            hooks,
            deadline: self.timeout,
            host: Box::new(host),
            clock: Box::new(MonotonicClock(Instant::now())),
            sink: Box::new(sink),
        };
        let outcome = panics::watched(|| match self.recovery {
            None => run_test(run),
            Some(recovery) => {
                unix::take_no_notice_of_sigterm();
                recover(run, recovery)
            }
        });
        let verdict = outcome.map_or_else(
            |panic| Some(panic.classify(false)),
            |outcome| outcome.verdict,
        );
        #[cfg(feature = "packages")]
        let verdict = crate::packages::verdict(def, verdict);
        verdict
    }
}

/// CLOCK_MONOTONIC, from the start of the run.
struct MonotonicClock(Instant);

impl Clock for MonotonicClock {
    fn now(&mut self) -> Duration {
        self.0.elapsed()
    }
}

//! Cleanup after a run whose process ended before its lifecycle was complete.

use super::call::{Region, call, construct, first, guarded, run_job_hook};
use super::{Body, Outcome, Run, Step, begin, runs_cleanup};
use crate::context::{Recovery, TestContext};
use crate::def::TestDef;
use crate::host::Host;
use crate::params::Args;
use crate::phase::Phase;
use crate::settings::{JobHooks, Settings};

/// Cleans up after a run that ended abnormally: runs `cleanup` and the after-test hook if
/// [`is_cleanup_due`], and restores the files that the run changed.
///
/// The instance is new, so the values of the run's fields are lost. Directories, arguments and the current
/// directory are those of the run. Where no `cleanup` is due, no code of the test runs.
pub fn recover(run: Run, recovery: Recovery) -> Outcome {
    let is_due = is_cleanup_due(run.def, &run.args, &run.settings, recovery.failed_phase);
    let body: Body = if is_due { clean_up } else { |_, _| Ok(()) };
    begin(run, Some(recovery), body)
}

/// Whether `cleanup` must run after an abnormal end: the run had reached `initialize`, its `cleanup` had not
/// begun, and neither the test nor the job goes without one.
pub fn is_cleanup_due(
    def: &TestDef,
    args: &Args,
    settings: &Settings,
    failed_phase: Option<Phase>,
) -> bool {
    failed_phase.is_some_and(|phase| phase != Phase::Cleanup)
        && def.phases.contains(Phase::Cleanup)
        && runs_cleanup(args, settings)
}

fn clean_up(cx: &mut TestContext, mut hooks: JobHooks) -> Step {
    let mut test = construct(cx)?;
    // Even if this fails, there may be something to clean up.
    for step in [Host::enter_outputdir, Host::tee_logs] {
        if let Err(verdict) = guarded(cx, Region::Around, |cx| step(&mut *cx.host)) {
            cx.suppress(verdict, "before cleanup");
        }
    }
    cx.announce(Phase::Cleanup);
    let cleaned = call(cx, &mut *test, Phase::Cleanup);
    cx.host.restore_logs();
    cx.host.leave_outputdir();
    let after = run_job_hook(cx, hooks.after_test.as_mut(), "after_test");
    let dropped = guarded(cx, Region::Around, |_| {
        drop(test);
        Ok(())
    });
    let result: Step = first(cx, cleaned, after, "after-test hook");
    first(cx, result, dropped, "drop")
}

/// Information after an abnormal end.
impl TestContext {
    /// Whether this instance only cleans up after a run that ended abnormally: by a crash, a timeout or a
    /// signal. Only true in `cleanup`.
    pub fn is_recovery(&self) -> bool {
        self.recovery.is_some()
    }

    /// The phase in which the run ended abnormally.
    pub fn failed_phase(&self) -> Option<Phase> {
        self.recovery.as_ref()?.failed_phase
    }
}

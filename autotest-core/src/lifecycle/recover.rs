//! Cleanup after a run whose process ended before its lifecycle was complete.

use super::call::{Region, call, construct, first, guarded, run_job_hook};
use super::{Outcome, Run, Step, begin};
use crate::context::{Recovery, TestContext};
use crate::host::Host;
use crate::phase::Phase;

/// Runs `cleanup` and the after-test hook of a run that ended abnormally.
///
/// The instance is new, so the values of the run's fields are lost. Directories, arguments and the current
/// directory are those of the run.
pub fn recover(run: Run, recovery: Recovery) -> Outcome {
    begin(run, Some(recovery), |cx, mut hooks| {
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
    })
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

//! When sysinfo is collected: before the test, and around each iteration.

use crate::context::TestContext;
use crate::def::TestDef;
use crate::host::SysinfoStep;
use crate::outcome::{Kind, Verdict};
use crate::settings::Settings;

/// The number of iterations for which there are files, limited since a test may have any number of iterations.
const MAX_ITERATIONS: u64 = 100;

const FIRST_LEFT_OUT: u64 = MAX_ITERATIONS + 1;

/// Whether anything is collected for a run of this test.
pub fn collects_sysinfo(def: &TestDef, settings: &Settings) -> bool {
    settings.sysinfo.is_some() || !def.meta.sysinfo.is_empty()
}

/// Whether anything is collected around the iterations: like the hooks around them, not in a fast run.
pub(super) fn is_around_iterations(cx: &TestContext) -> bool {
    !cx.settings.fast && collects_sysinfo(cx.def, &cx.settings)
}

/// Collects the state before the test.
pub(super) fn before_test(cx: &mut TestContext) {
    if collects_sysinfo(cx.def, &cx.settings) {
        cx.host.collect_sysinfo(SysinfoStep::BeforeTest);
    }
}

/// Collects the state before the current iteration.
pub(super) fn before_iteration(cx: &mut TestContext) {
    if !is_around_iterations(cx) {
        return;
    }
    match cx.iteration {
        number @ ..=MAX_ITERATIONS => cx
            .host
            .collect_sysinfo(SysinfoStep::BeforeIteration(number)),
        FIRST_LEFT_OUT => {
            let reason = format!("only {MAX_ITERATIONS} iterations have files of their own");
            cx.suppress(Verdict::new(Kind::Warn, reason), "sysinfo");
        }
        _ => {}
    }
}

/// Collects the state after the current iteration.
pub(super) fn after_iteration(cx: &mut TestContext) {
    if is_around_iterations(cx) && cx.iteration <= MAX_ITERATIONS {
        cx.host
            .collect_sysinfo(SysinfoStep::AfterIteration(cx.iteration));
    }
}

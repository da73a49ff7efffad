//! Versioned setup: `setup` runs once per version, one test at a time.

use super::Step;
use super::call::{Region, call, guarded};
use crate::context::TestContext;
use crate::def::Phases;
use crate::phase::Phase;

/// Runs `setup` if the `srcdir` is of another version or missing. If it fails, nothing is recorded, so that
/// the next run tries again. Conformance: topic `setup`.
pub(super) fn update_version(cx: &mut TestContext, test: &mut dyn Phases) -> Step {
    if !cx.def.phases.contains(Phase::Setup) && !cx.host.has_srcdir() {
        return Ok(());
    }
    guarded(cx, Region::Around, |cx| cx.host.lock_setup())?;
    let result = update_locked(cx, test);
    cx.host.unlock_setup();
    result
}

fn update_locked(cx: &mut TestContext, test: &mut dyn Phases) -> Step {
    let version = cx.def.meta.version;
    if guarded(cx, Region::Around, |cx| cx.host.is_installed(version))? {
        return Ok(());
    }
    if !cx.def.meta.preserve_srcdir {
        guarded(cx, Region::Around, |cx| cx.host.remove_srcdir())?;
    }
    cx.announce(Phase::Setup);
    call(cx, test, Phase::Setup)?;
    guarded(cx, Region::Around, |cx| cx.host.record_installed(version))
}

//! What is known of a panic that the lifecycle catches.
//!
//! A panic hook is the process's, and it is called on the thread that panics; so the report waits in
//! a thread-local until the lifecycle asks for it. This is the only such state.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::{Cell, RefCell};
use std::panic::{self, PanicHookInfo};
use std::sync::Once;

use autotest_core::PanicReport;

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Option<PanicReport>> = const { RefCell::new(None) };
}

/// From here on, panics of this thread are kept for [`take`] instead of being printed. Other threads'
/// panics are printed as before.
pub(crate) fn watch() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if WATCHED.get() {
                keep(info)
            } else {
                before(info)
            }
        }));
    });
    WATCHED.set(true);
}

/// The report of the last panic of this thread.
pub(crate) fn take() -> Option<PanicReport> {
    LAST.take()
}

fn keep(info: &PanicHookInfo<'_>) {
    let backtrace = Backtrace::capture();
    let backtrace = match backtrace.status() {
        BacktraceStatus::Captured => Some(backtrace.to_string()),
        _ => None,
    };
    let location = info.location().map(ToString::to_string);
    LAST.set(Some(PanicReport {
        location,
        backtrace,
    }));
}

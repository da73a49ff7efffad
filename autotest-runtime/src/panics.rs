//! The message, place and backtrace of panics that the lifecycle catches.
//!
//! A panic hook is global, and is called on the panicking thread, so it stores its report in a thread-local
//! until the lifecycle asks for it. There is no other thread-local state.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

use autotest_core::{Failure, PanicReport};

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Option<PanicReport>> = const { RefCell::new(None) };
}

/// Installs the panic hook. A supervisor does this once, before it forks tests.
pub(crate) fn install() {
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
}

/// Calls `f`. Meanwhile a panic of this thread is stored for [`take`] instead of being printed; panics of
/// other threads are printed as before.
///
/// # Errors
/// If the lifecycle did not catch a panic, which is a bug in the framework.
pub(crate) fn watched<T>(f: impl FnOnce() -> T) -> Result<T, Failure> {
    install();
    LAST.take();
    let outer = WATCHED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(f));
    WATCHED.set(outer);
    result.map_err(|payload| PanicReport::failure(take(), &*payload))
}

/// Takes the report of the last panic of this thread.
pub(crate) fn take() -> Option<PanicReport> {
    LAST.take()
}

/// A second panic before the first one is caught aborts the process, so both are printed.
fn print_unread(info: &PanicHookInfo<'_>) {
    if let Some(first) = LAST.take() {
        let place = first.location.unwrap_or_default();
        eprintln!("panicked at {place}: {}", first.message);
        eprintln!("then {info}");
    }
}

fn keep(info: &PanicHookInfo<'_>) {
    print_unread(info);
    let backtrace = Backtrace::capture();
    let backtrace = match backtrace.status() {
        BacktraceStatus::Captured => Some(own_frames(&backtrace.to_string())),
        _ => None,
    };
    LAST.set(Some(PanicReport {
        message: PanicReport::text(info.payload()),
        location: info.location().map(ToString::to_string),
        backtrace,
    }));
}

/// The frames between those of the panic machinery and those of the lifecycle.
fn own_frames(backtrace: &str) -> String {
    let lines: Vec<&str> = backtrace.lines().collect();
    let is_frame = |mark: &'static str| move |line: &&str| line.contains(mark);
    let begin = lines.iter().rposition(is_frame("core::panicking::"));
    let begin = begin.or_else(|| lines.iter().rposition(is_frame("std::panicking::")));
    // A frame has two lines: its name, then its place.
    let begin = begin.map_or(0, |line| line + 2).min(lines.len());
    let end = lines
        .iter()
        .position(is_frame("autotest_core::lifecycle::call::"));
    let end = end.unwrap_or(lines.len()).max(begin);
    lines[begin..end].join("\n")
}

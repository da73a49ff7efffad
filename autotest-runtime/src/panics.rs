//! What is known of a panic that the lifecycle catches.
//!
//! A panic hook is the process's, and it is called on the thread that panics; so the report waits in
//! a thread-local until the lifecycle asks for it. This is the only such state.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

use autotest_core::{Failure, PanicReport};

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Option<PanicReport>> = const { RefCell::new(None) };
}

/// Has panics of this process pass here. A supervisor does this once for all the processes of its tests.
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

/// Calls `f`. Panics of this thread in it are kept for [`take`] instead of being printed; other
/// threads' are printed as before.
///
/// # Errors
/// A panic that the lifecycle did not catch, which is a mistake of ours.
pub(crate) fn watched<T>(f: impl FnOnce() -> T) -> Result<T, Failure> {
    install();
    LAST.take();
    let outer = WATCHED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(f));
    WATCHED.set(outer);
    result.map_err(|payload| PanicReport::failure(take(), &*payload))
}

/// The report of the last panic of this thread.
pub(crate) fn take() -> Option<PanicReport> {
    LAST.take()
}

/// A second panic before the first was caught ends the process: then both are printed after all.
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

/// The frames between the panic's machinery and the lifecycle's.
fn own_frames(backtrace: &str) -> String {
    let lines: Vec<&str> = backtrace.lines().collect();
    let is_frame = |mark: &'static str| move |line: &&str| line.contains(mark);
    let begin = lines.iter().rposition(is_frame("core::panicking::"));
    let begin = begin.or_else(|| lines.iter().rposition(is_frame("std::panicking::")));
    // A frame is a line with its name and, below, one with its place.
    let begin = begin.map_or(0, |line| line + 2).min(lines.len());
    let end = lines
        .iter()
        .position(is_frame("autotest_core::lifecycle::call::"));
    let end = end.unwrap_or(lines.len()).max(begin);
    lines[begin..end].join("\n")
}

//! Coverage and sanitizers in forked tests: a test's process ends by `_exit`, which skips the exit handlers in which
//! their runtimes do their work.
//!
//! Without instrumentation, nothing here makes a system call or allocates.

use super::counters::{Counters, Counts};
use crate::linked::{call, linked};

/// The memory that the supervisor and its forked tests share for coverage.
#[derive(Clone, Copy, Debug)]
pub(in crate::exec) struct Instruments {
    counters: Option<Counters>,
}

impl Instruments {
    /// `true` if tests may run in forked processes. Under ThreadSanitizer they may not, since it has its own thread,
    /// and sets the exit status in an exit handler.
    pub(in crate::exec) fn can_fork() -> bool {
        linked().__tsan_init.is_none()
    }

    /// In the supervisor, before it forks.
    pub(in crate::exec) fn new() -> Instruments {
        Instruments {
            counters: Counters::share(),
        }
    }

    /// In a forked process, before its test.
    pub(in crate::exec) fn begin(self) {
        if let Some(counters) = self.counters {
            counters.begin();
        }
        call(linked().__gcov_reset);
    }

    /// In a forked process, after its test. If the test leaked memory, LeakSanitizer ends the process here.
    pub(in crate::exec) fn end(self) {
        if let Some(counters) = self.counters {
            counters.end();
        }
        // `__gcov_dump` is linked only if something refers to it strongly.
        call(linked().__gcov_dump.or(linked().__gcov_exit));
        call(linked().__lsan_do_leak_check.filter(|_| checks_at_exit()));
    }

    /// `true` if a leftover process is a sanitizer's symbolizer, which exits once its pipe is closed.
    pub(in crate::exec) fn is_symbolizer(name: &str) -> bool {
        let is_sanitized = linked().__sanitizer_print_stack_trace.is_some();
        is_sanitized && ["llvm-symbolizer", "addr2line"].contains(&name)
    }

    /// In the supervisor: adds the counters of a killed process.
    pub(in crate::exec) fn add(self, counts: Option<&Counts>) {
        if let Some((counters, counts)) = self.counters.zip(counts) {
            counters.add(counts);
        }
    }

    /// In the supervisor, after the last test: moves the sum of all counters to its own.
    pub(in crate::exec) fn collect(self) {
        if let Some(counters) = self.counters {
            counters.collect();
        }
    }
}

/// LeakSanitizer's option for the check at the end of a process, which is on by default.
const LEAK_CHECK: &str = "leak_check_at_exit=";

fn checks_at_exit() -> bool {
    let variables = ["ASAN_OPTIONS", "LSAN_OPTIONS"].map(std::env::var);
    !variables.iter().flatten().any(|options| {
        let mut values = options
            .split([':', ',', ' '])
            .filter_map(|option| option.strip_prefix(LEAK_CHECK));
        matches!(values.next_back(), Some("0" | "no" | "false"))
    })
}

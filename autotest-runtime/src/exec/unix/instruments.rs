//! What an instrumented binary does at the end of a process, for a test's process, which ends without it.
//!
//! In a binary without instrumentation nothing here does anything: no system call, no memory.

use super::counters::{Counters, Counts};
use super::linked::{call, linked};

/// The runtimes that the binary was linked with.
#[derive(Clone, Copy, Debug)]
pub(in crate::exec) struct Instruments {
    counters: Option<Counters>,
}

impl Instruments {
    /// Whether a test can live in a forked process. ThreadSanitizer has a thread of its own, and what it found
    /// decides the exit status only in its exit handler.
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

    /// In a forked process, after all of its test. If the test leaked memory, LeakSanitizer ends the process
    /// here.
    pub(in crate::exec) fn end(self) {
        if let Some(counters) = self.counters {
            counters.end();
        }
        // GCC's runtime has the former only if something else asks for it.
        call(linked().__gcov_dump.or(linked().__gcov_exit));
        call(linked().__lsan_do_leak_check.filter(|_| checks_at_exit()));
    }

    /// Whether a process that a test left behind is one that a sanitizer started to name functions. It ends by
    /// itself once it finds its pipe closed.
    pub(in crate::exec) fn is_symbolizer(name: &str) -> bool {
        let is_sanitized = linked().__sanitizer_print_stack_trace.is_some();
        is_sanitized && ["llvm-symbolizer", "addr2line"].contains(&name)
    }

    /// In the supervisor: counts what a killed process had counted.
    pub(in crate::exec) fn add(self, counts: Option<&Counts>) {
        if let Some((counters, counts)) = self.counters.zip(counts) {
            counters.add(counts);
        }
    }

    /// In the supervisor, after the last test: takes what was counted for its own.
    pub(in crate::exec) fn collect(self) {
        if let Some(counters) = self.counters {
            counters.collect();
        }
    }
}

/// The option that has LeakSanitizer look for leaks when a process ends, as it does unless it is told not to.
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

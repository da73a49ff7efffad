//! All that is measured, in the order of the table.

mod capture;
mod compile;
mod control;
mod in_place;
mod instructions;
mod isolated;
mod iteration;
mod list;
mod memory;
mod nextest;
mod replay;
mod resume;
mod services;
mod size;
mod values;

use crate::row::Row;

pub(crate) const ROWS: &[Row] = &[
    Row {
        name: "isolated",
        about: "an isolated empty test, static binary, in memory; system calls and page faults",
        is_quick: true,
        measure: isolated::in_memory,
    },
    Row {
        name: "isolated-10k",
        about: "the same, the last 1,000 of 10,000 in one job",
        is_quick: false,
        measure: isolated::last_of_ten_thousand,
    },
    Row {
        name: "isolated-disk",
        about: "the same on the disk, without and with --sync test",
        is_quick: false,
        measure: isolated::on_disk,
    },
    Row {
        name: "isolated-dynamic",
        about: "the same in memory, linked dynamically",
        is_quick: false,
        measure: isolated::dynamic,
    },
    Row {
        name: "isolated-nextest",
        about: "the same against cargo nextest run -j1 of libtest's empty tests",
        is_quick: false,
        measure: nextest::libtest,
    },
    Row {
        name: "isolated-mimic",
        about: "the same against cargo nextest run -j1 of libtest-mimic's",
        is_quick: false,
        measure: nextest::mimic,
    },
    Row {
        name: "isolated-chatty",
        about: "an isolated test with 3 keyvals and 5 perf values",
        is_quick: false,
        measure: isolated::chatty,
    },
    Row {
        name: "threads",
        about: "isolated tests with --test-threads 2 against half the time of one thread",
        is_quick: false,
        measure: isolated::two_threads,
    },
    Row {
        name: "in-place",
        about: "one of 10,000 tests with --isolation none",
        is_quick: false,
        measure: in_place::empty,
    },
    Row {
        name: "iteration",
        about: "a counted iteration of an empty run_once against a call that catches panics",
        is_quick: true,
        measure: iteration::counted,
    },
    Row {
        name: "iteration-divan",
        about: "the same against an iteration of divan's",
        is_quick: false,
        measure: iteration::divan,
    },
    Row {
        name: "timed-iteration",
        about: "a timed iteration of an empty run_once against a reading of the clock",
        is_quick: true,
        measure: iteration::timed,
    },
    Row {
        name: "perf-values",
        about: "100,000 perf values against 10,000, of 1 metric and of 1,000",
        is_quick: true,
        measure: values::perf,
    },
    Row {
        name: "list",
        about: "--list of 10,000 tests against libtest's",
        is_quick: true,
        measure: list::list,
    },
    Row {
        name: "compile-suites",
        about: "cargo test --no-run: 1,000 tests in suite modules added, then one edited",
        is_quick: false,
        measure: compile::suites,
    },
    Row {
        name: "compile-lone",
        about: "the same as lone #[autotest] functions",
        is_quick: false,
        measure: compile::lone,
    },
    Row {
        name: "compile-rstest",
        about: "the same as suites, against rstest",
        is_quick: false,
        measure: compile::against_rstest,
    },
    Row {
        name: "size",
        about: "a stripped static binary of 100 tests against an empty main",
        is_quick: true,
        measure: size::size,
    },
    Row {
        name: "memory",
        about: "the supervisor's own memory after 10,000 runs against after 10",
        is_quick: true,
        measure: memory::memory,
    },
    Row {
        name: "control",
        about: "10,000 runs that a control function requests, against the command line; the supervisor's memory",
        is_quick: false,
        measure: control::control,
    },
    Row {
        name: "replay",
        about: "--replay of 1,000,000 events: how fast, and with how much memory",
        is_quick: false,
        measure: replay::replay,
    },
    Row {
        name: "resume",
        about: "--resume of a job with 100,000 runs, one of which is left: time to its start",
        is_quick: false,
        measure: resume::resume,
    },
    Row {
        name: "capture",
        about: "1 GiB of test output against cat",
        is_quick: false,
        measure: capture::capture,
    },
    Row {
        name: "instructions",
        about: "instructions of an empty iteration, and of an event's way to all reports (valgrind)",
        is_quick: false,
        measure: instructions::instructions,
    },
    Row {
        name: "services",
        about: "what --leaks and --sysinfo add to an isolated test",
        is_quick: false,
        measure: services::time,
    },
    Row {
        name: "services-size",
        about: "what the features of such services add to a suite, as it is packed",
        is_quick: false,
        measure: services::size,
    },
];

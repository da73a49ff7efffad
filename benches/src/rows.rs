//! All that is measured, in the order of the table.

mod isolated;
mod iteration;
mod list;
mod memory;
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
        is_quick: false,
        measure: list::list,
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
        is_quick: false,
        measure: memory::memory,
    },
];

//! A test framework for tests that run on a target: a board, a VM, a lab machine, a laptop.
//!
//! Annotate a function or an `impl` block; [`main!`] makes a binary that takes each test through the
//! whole lifecycle (initialize, versioned setup, warmup, iterations with hooks and retries, perf
//! values and constraints, cleanup) and leaves a results tree that Autotest's parser reads.
//!
//! ```no_run
//! use autotest::prelude::*;
//! use std::path::Path;
//!
//! /// The device node is there.
//! #[autotest]
//! fn node_exists() -> TestResult {
//!     ensure!(Path::new("/dev/null").exists(), "no null device");
//!     Ok(())
//! }
//!
//! autotest::main!();
//! # mod hidden {}
//! ```
//!
//! [`autotest_core`] has the rules of the lifecycle; this crate is the test binary around them.

#![warn(clippy::unwrap_used)]

#[cfg_attr(
    not(feature = "profilers"),
    expect(
        unused_extern_crates,
        reason = "for expansions within this crate, which say `::autotest`"
    )
)]
extern crate self as autotest;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod assertions;
#[cfg(feature = "profilers")]
#[expect(
    unsafe_code,
    reason = "records of profilers are in a section of their own"
)]
mod built_in;
mod caches;
mod cli;
mod command;
mod control;
mod data_files;
#[cfg(feature = "host")]
pub mod described;
#[cfg(any(
    feature = "crash-handler",
    all(
        feature = "perf-profiler",
        any(
            target_arch = "aarch64",
            target_arch = "riscv64",
            target_arch = "x86",
            target_arch = "x86_64"
        )
    )
))]
mod elf;
mod engine;
mod exec;
mod exit;
pub mod fs;
mod host;
mod hub;
mod identity;
mod job_file;
mod journal;
mod length;
mod linkage;
mod linked;
mod logging;
mod needs;
#[cfg(feature = "packages")]
mod packages;
mod panics;
#[cfg(all(
    feature = "perf-profiler",
    any(
        target_arch = "aarch64",
        target_arch = "riscv64",
        target_arch = "x86",
        target_arch = "x86_64"
    )
))]
mod perf_samples;
mod plan;
#[cfg(feature = "proc-profiler")]
mod proc_samples;
#[cfg(feature = "profilers")]
mod profilers;
mod registry;
mod results;
mod run;
mod screen;
mod waiting;

pub use autotest_core::{
    Arg, Args, Code, ExecuteArgs, Failure, HookOrder, Kind, Known, PerfRequest, Phase, RunResult,
    Settings, Status, Subtest, TestContext, TestError, TestResult, Value, Verdict, keyval, perf,
    status,
};
#[cfg(feature = "profilers")]
pub use autotest_core::{ProfilerUse, Profilers};
#[cfg(feature = "profilers")]
pub use autotest_macros::profiler;
pub use autotest_macros::{autotest, control, hook, suite, suite_file};
#[cfg(feature = "packages")]
pub use autotest_package::PackageType;
pub use command::{Command, CommandError, Commands, Output, Spawned};
#[cfg(feature = "profilers")]
pub use control::JobProfilers;
pub use control::{Branches, Job, JobResult, RunTest};
pub use host::{Places, TargetHost};
pub use length::Length;
#[cfg(feature = "profilers")]
pub use profilers::{Mark, Profiler, ProfilerContext, ProfilerList};
pub use run::main_of;
#[doc(hidden)]
pub use run::main_of_suite;
pub use waiting::{Attempt, Attempted, Waiting};

/// The imports that a file of tests needs.
pub mod prelude {
    pub use crate::{
        Args, Commands, ExecuteArgs, Failure, Job, JobResult, PerfRequest, Phase, Status, Subtest,
        TestContext, TestError, TestResult, Waiting, ensure, ensure_eq, ensure_ge, ensure_gt,
        ensure_le, ensure_lt, ensure_matches, ensure_ne, fail, fs, skip,
    };
    // Not through `crate`, where `autotest` is also the name of the crate itself.
    #[cfg(feature = "profilers")]
    pub use crate::{ProfilerContext, ProfilerUse};
    pub use autotest_macros::{autotest, suite};
}

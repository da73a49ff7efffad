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

#[expect(
    unused_extern_crates,
    reason = "for expansions within this crate, which say `::autotest`"
)]
extern crate self as autotest;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod assertions;
mod cli;
mod command;
mod control;
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
mod logging;
mod panics;
mod plan;
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
pub use autotest_macros::{autotest, control, hook, suite, suite_file};
pub use command::{Command, CommandError, Commands, Output, Spawned};
pub use control::{Branches, Job, JobResult, RunTest};
pub use host::{Places, TargetHost};
pub use length::Length;
pub use run::main_of;
pub use waiting::{Attempt, Attempted, Waiting};

/// The imports that a file of tests needs.
pub mod prelude {
    pub use crate::{
        Args, Commands, ExecuteArgs, Failure, Job, JobResult, PerfRequest, Phase, Status, Subtest,
        TestContext, TestError, TestResult, Waiting, ensure, ensure_eq, ensure_ge, ensure_gt,
        ensure_le, ensure_lt, ensure_matches, ensure_ne, fail, fs, skip,
    };
    // Not through `crate`, where `autotest` is also the name of the crate itself.
    pub use autotest_macros::{autotest, suite};
}

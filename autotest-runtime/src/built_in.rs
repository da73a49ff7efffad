//! The built-in profilers.
//!
//! An author could have written each of them: this module must not know more of a run than authors do. A linker drops
//! registrations that nothing in a static library refers to, so the definitions are listed here.

mod cat;
mod cmd;
mod ftrace;
#[cfg(all(
    feature = "perf-profiler",
    any(
        target_arch = "aarch64",
        target_arch = "riscv64",
        target_arch = "x86",
        target_arch = "x86_64"
    )
))]
mod perf;
#[cfg(feature = "proc-profiler")]
mod proc;
mod sampler;
mod sysstat;
mod tool;
mod tools;

use autotest_core::TestError;

use crate::__private::{DefinedProfiler, ProfilerDef};

/// The definitions.
pub(crate) static PROFILERS: &[ProfilerDef] = &[
    cat::Cat::DEF,
    cmd::Cmd::DEF,
    ftrace::Ftrace::DEF,
    sysstat::Iostat::DEF,
    sysstat::Mpstat::DEF,
    #[cfg(all(
        feature = "perf-profiler",
        any(
            target_arch = "aarch64",
            target_arch = "riscv64",
            target_arch = "x86",
            target_arch = "x86_64"
        )
    ))]
    perf::Perf::DEF,
    tools::PerfRecord::DEF,
    #[cfg(feature = "proc-profiler")]
    proc::Proc::DEF,
    sysstat::Sar::DEF,
    tools::Strace::DEF,
    tools::Top::DEF,
    tools::Vmstat::DEF,
];

/// Removes kernel state left behind by profilers that were killed.
pub(crate) fn remove_left() {
    ftrace::remove_left();
}

/// Refuses a name that is not a plain file name in the profiler's directory.
fn check_file_name(param: &str, name: &str) -> Result<(), TestError> {
    match autotest_core::name::check(name) {
        Ok(()) => Ok(()),
        Err(error) => Err(TestError::error(format!(
            "`{param}` is the name of a file: {error}"
        ))),
    }
}

/// The title of a plot: the name of the run, and the iteration.
#[cfg(any(feature = "perf-profiler", feature = "proc-profiler"))]
fn title(cx: &crate::profilers::ProfilerContext) -> String {
    let run = cx.outputdir().file_name().unwrap_or_default();
    format!("{}, iteration {}", run.to_string_lossy(), cx.iteration())
}

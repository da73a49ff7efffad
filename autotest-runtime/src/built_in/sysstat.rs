//! The tools of sysstat: mpstat, iostat and sar. On SIGINT, they write averages and end.

use std::fs;
use std::process::Command;

use autotest_core::TestResult;
use rustix::process::Signal;

use super::tool::{Tool, run_to};
use crate::profilers::ProfilerContext;

const PACKAGE: &str = "sysstat";

#[derive(Debug, Default)]
pub(super) struct Mpstat {
    interval: u32,
    tool: Tool,
}

/// The load of each processor, by mpstat.
#[autotest_macros::profiler]
impl Mpstat {
    fn initialize(
        &mut self,
        /// The time between two reports, in seconds.
        #[param(default = 1, range = 1..)]
        interval: u32,
    ) {
        self.interval = interval;
    }

    fn start(&mut self, cx: &mut ProfilerContext) -> TestResult {
        let mut command = Command::new("mpstat");
        command.args(["-P", "ALL", &self.interval.to_string()]);
        self.tool.start(cx, command, "mpstat", PACKAGE)
    }

    fn stop(&mut self) -> TestResult {
        self.tool.stop(Signal::INT)
    }
}

#[derive(Debug, Default)]
pub(super) struct Iostat {
    options: Vec<String>,
    interval: u32,
    tool: Tool,
}

/// The load of the disks, by iostat.
#[autotest_macros::profiler]
impl Iostat {
    fn initialize(
        &mut self,
        /// Options of iostat, separated by blanks, such as `-x -t`.
        #[param(default = "")]
        options: &str,
        /// The time between two reports, in seconds.
        #[param(default = 1, range = 1..)]
        interval: u32,
    ) {
        self.options = options.split_whitespace().map(str::to_owned).collect();
        self.interval = interval;
    }

    fn start(&mut self, cx: &mut ProfilerContext) -> TestResult {
        let mut command = Command::new("iostat");
        command.args(&self.options).arg(self.interval.to_string());
        self.tool.start(cx, command, "iostat", PACKAGE)
    }

    fn stop(&mut self) -> TestResult {
        self.tool.stop(Signal::INT)
    }
}

#[derive(Debug, Default)]
pub(super) struct Sar {
    interval: u32,
    tool: Tool,
}

/// Everything that sar reports.
#[autotest_macros::profiler]
impl Sar {
    fn initialize(
        &mut self,
        /// The time between two samples, in seconds.
        #[param(default = 1, range = 1..)]
        interval: u32,
    ) {
        self.interval = interval;
    }

    fn start(&mut self, cx: &mut ProfilerContext) -> TestResult {
        let mut command = Command::new("sar");
        command.arg("-o").arg(cx.profdir().join("sar.raw"));
        command.arg(self.interval.to_string());
        self.tool.start(cx, command, "sar", PACKAGE)
    }

    fn stop(&mut self) -> TestResult {
        self.tool.stop(Signal::INT)
    }

    fn report(&mut self, cx: &mut ProfilerContext) -> TestResult {
        let raw = cx.profdir().join("sar.raw");
        if !fs::exists(&raw)? {
            cx.warn("the iteration ended before the first sample of sar");
            return Ok(());
        }
        let mut command = Command::new("sar");
        command.args(["-A", "-f"]).arg(raw);
        run_to(cx, command, "sar")
    }
}

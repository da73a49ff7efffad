//! Other tools: vmstat, top, strace and perf.

use std::fs;
use std::process::Command;

use autotest_core::TestResult;
use rustix::process::Signal;

use super::tool::{Tool, run_to};
use crate::profilers::ProfilerContext;

#[derive(Debug, Default)]
pub(super) struct Vmstat {
    interval: u32,
    tool: Tool,
}

/// Processes, memory, paging, disks and processors, by vmstat.
#[autotest_macros::profiler]
impl Vmstat {
    fn initialize(
        &mut self,
        /// The time between two lines, in seconds.
        #[param(default = 1, range = 1..)]
        interval: u32,
    ) {
        self.interval = interval;
    }

    fn start(&mut self, cx: &mut ProfilerContext) -> TestResult {
        let mut command = Command::new("vmstat");
        command.arg(self.interval.to_string());
        self.tool.start(cx, command, "vmstat", "procps")
    }

    fn stop(&mut self) -> TestResult {
        self.tool.stop(Signal::TERM)
    }
}

#[derive(Debug, Default)]
pub(super) struct Top {
    interval: u32,
    tool: Tool,
}

/// The busiest threads, by top.
#[autotest_macros::profiler]
impl Top {
    fn initialize(
        &mut self,
        /// The time between two lists, in seconds.
        #[param(default = 5, range = 1..)]
        interval: u32,
    ) {
        self.interval = interval;
    }

    fn start(&mut self, cx: &mut ProfilerContext) -> TestResult {
        let mut command = Command::new("top");
        command.args(["-b", "-c", "-w", "200", "-o", "%CPU", "-H", "-d"]);
        command.arg(self.interval.to_string());
        self.tool.start(cx, command, "top", "procps")
    }

    fn stop(&mut self) -> TestResult {
        self.tool.stop(Signal::TERM)
    }

    /// Removes the lines of idle threads.
    fn report(&mut self, cx: &mut ProfilerContext) -> TestResult {
        let file = cx.profdir().join("top");
        let text = String::from_utf8_lossy(&fs::read(&file)?).into_owned();
        Ok(fs::write(file, busy(&text))?)
    }
}

/// The output of top without the lines of threads whose %CPU is 0.0.
fn busy(text: &str) -> String {
    let mut column = None;
    let mut kept = String::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        if line.trim_start().starts_with("PID ") {
            column = words.position(|word| word == "%CPU");
        } else if line.is_empty() || line.starts_with("top -") {
            column = column.filter(|_| line.is_empty());
        } else if let Some(column) = column
            && words.nth(column) == Some("0.0")
        {
            continue;
        }
        kept.push_str(line);
        kept.push('\n');
    }
    kept
}

#[derive(Debug, Default)]
pub(super) struct Strace {
    options: Vec<String>,
    tool: Tool,
}

/// The system calls of the test and of what it starts, by strace. It slows the test down.
#[autotest_macros::profiler]
impl Strace {
    fn initialize(
        &mut self,
        /// Options of strace, separated by blanks, such as `-e trace=file`.
        #[param(default = "")]
        options: &str,
    ) {
        self.options = options.split_whitespace().map(str::to_owned).collect();
    }

    fn start(&mut self, cx: &mut ProfilerContext) -> TestResult {
        let mut command = Command::new("strace");
        command
            .args(["-f", "-tt", "-T", "-o"])
            .arg(cx.profdir().join("strace"));
        command
            .args(&self.options)
            .args(["-p", &cx.test_pid().to_string()]);
        self.tool.start(cx, command, "strace.stdout", "strace")?;
        self.tool.wait_until(|told| told.contains(" attached"))
    }

    fn stop(&mut self, cx: &mut ProfilerContext) -> TestResult {
        let _ = fs::remove_file(cx.profdir().join("strace.stdout"));
        self.tool.stop_with_test(cx, Signal::INT)
    }
}

#[derive(Debug, Default)]
pub(super) struct PerfRecord {
    events: Vec<String>,
    sort_keys: Vec<String>,
    is_of_test: bool,
    has_callgraph: bool,
    keeps_data: bool,
    tool: Tool,
}

/// Samples of the processors, by `perf record`, and a report for each sort key.
#[autotest_macros::profiler]
impl PerfRecord {
    fn initialize(
        &mut self,
        /// The events, as a JSON list; by default, perf's own choice.
        #[param(default = Vec::new())]
        events: Vec<String>,
        /// The keys, as a JSON list: the report of a key is `KEY.comm`.
        #[param(default = vec!["comm".to_owned()])]
        sort_keys: Vec<String>,
        /// Only the test's process and its threads, instead of the whole machine.
        #[param(default = false)]
        only_test: bool,
        /// Record call graphs (`-g`).
        #[param(default = false)]
        callgraph: bool,
        /// Keep `perf.data`.
        #[param(default = false)]
        keep: bool,
    ) -> TestResult {
        for key in &sort_keys {
            super::check_file_name("sort_keys", key)?;
        }
        (self.events, self.sort_keys) = (events, sort_keys);
        (self.is_of_test, self.has_callgraph, self.keeps_data) = (only_test, callgraph, keep);
        Ok(())
    }

    fn start(&mut self, cx: &mut ProfilerContext) -> TestResult {
        let data = cx.profdir().join("perf.data");
        let mut command = Command::new("perf");
        command.args(["record", "-o"]).arg(&data);
        for event in &self.events {
            command.args(["-e", event]);
        }
        if self.has_callgraph {
            command.arg("-g");
        }
        match self.is_of_test {
            true => command.args(["-p", &cx.test_pid().to_string()]),
            false => command.arg("-a"),
        };
        self.tool.start(cx, command, "perf.stdout", "linux-perf")?;
        // perf writes the header of the file once it has opened its counters.
        let is_ready = |_: &str| fs::metadata(&data).is_ok_and(|data| data.len() > 0);
        self.tool.wait_until(is_ready)
    }

    fn stop(&mut self, cx: &mut ProfilerContext) -> TestResult {
        let _ = fs::remove_file(cx.profdir().join("perf.stdout"));
        match self.is_of_test {
            true => self.tool.stop_with_test(cx, Signal::INT),
            false => self.tool.stop(Signal::INT),
        }
    }

    fn report(&mut self, cx: &mut ProfilerContext) -> TestResult {
        let data = cx.profdir().join("perf.data");
        for key in &self.sort_keys {
            let mut command = Command::new("perf");
            command.args(["report", "--stdio", "--sort", &format!("{key},dso"), "-i"]);
            command.arg(&data);
            run_to(cx, command, &format!("{key}.comm"))?;
        }
        if !self.keeps_data {
            fs::remove_file(data)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_threads_are_left_out() {
        let text = "top - 17:48:07 up\nTasks: 2\n\n    PID USER  %CPU COMMAND\n      1 root   0.0 init\n      2 root  \
                    38.9 make 0.0\n\ntop - 17:48:12 up\nTasks: 0.0 0.0 0.0\n\n    PID USER  %CPU COMMAND\n      1 root   0.0 init\n";
        let kept = "top - 17:48:07 up\nTasks: 2\n\n    PID USER  %CPU COMMAND\n      2 root  38.9 make 0.0\n\ntop - \
                    17:48:12 up\nTasks: 0.0 0.0 0.0\n\n    PID USER  %CPU COMMAND\n";
        assert_eq!(busy(text), kept);
    }
}

//! The profiler `ftrace`: the kernel's own tracer, through tracefs (Documentation/trace/ftrace.rst of the kernel).
//!
//! It creates its own instance, which has its own buffers, so that it does not disturb other tracing.

mod instance;

use std::fs::File;
use std::io;

use autotest_core::TestResult;

use crate::profilers::ProfilerContext;
use instance::Instance;
pub(super) use instance::remove_left;

/// Options that add the process and the time to the lines of `function_graph`; the time relates them to the marks.
const GRAPH_OPTIONS: [&str; 2] = ["options/funcgraph-proc", "options/funcgraph-abstime"];

#[derive(Debug, Default)]
pub(super) struct Ftrace {
    events: Vec<String>,
    tracer: String,
    is_of_test: bool,
    buffer_kb: u64,
    instance: Option<Instance>,
}

/// Events and functions of the kernel, by ftrace.
///
/// The file `ftrace` has what the buffers hold at the end, as text, which takes about three times their size; its header
/// says how many entries were written, but for `function_graph`. It takes root and tracefs, but no tool.
#[autotest_macros::profiler]
impl Ftrace {
    fn initialize(
        &mut self,
        /// The events, as a JSON list: `SUBSYSTEM` or `SUBSYSTEM:EVENT`. The kernel's are in `available_events`.
        #[param(default = vec!["sched".to_owned()])]
        events: Vec<String>,
        /// The tracer, such as `function`. The kernel's are in `available_tracers`; `function_graph` takes Linux 6.11.
        #[param(default = "nop")]
        tracer: &str,
        /// Only the test's process and what it starts, instead of the whole machine.
        #[param(default = true)]
        only_test: bool,
        /// The size of the buffer of each processor, in KiB.
        #[param(default = 4096, range = 64..=1_048_576)]
        buffer_kb: u64,
    ) {
        (self.events, self.tracer) = (events, tracer.to_owned());
        (self.is_of_test, self.buffer_kb) = (only_test, buffer_kb);
    }

    fn start(&mut self, cx: &mut ProfilerContext) -> TestResult {
        self.instance = None;
        let instance = Instance::create()?;
        instance.check_tracer(&self.tracer)?;
        instance.set("tracing_on", "0")?;
        instance.set("buffer_size_kb", &self.buffer_kb.to_string())?;
        // The clock that marks use.
        instance.set("trace_clock", "boot")?;
        if self.is_of_test {
            instance.follow(cx.test_pid(), &self.tracer)?;
        }
        for event in &self.events {
            instance.add_event(event)?;
        }
        if self.tracer != "nop" {
            instance.set("current_tracer", &self.tracer)?;
        }
        if self.tracer == "function_graph" {
            for option in GRAPH_OPTIONS {
                instance.set(option, "1")?;
            }
        }
        instance.set("tracing_on", "1")?;
        self.instance = Some(instance);
        Ok(())
    }

    fn stop(&mut self) -> TestResult {
        match &self.instance {
            Some(instance) => instance.set("tracing_on", "0"),
            None => Ok(()),
        }
    }

    fn report(&mut self, cx: &mut ProfilerContext) -> TestResult {
        if let Some(instance) = self.instance.take() {
            let mut trace = File::open(instance.path("trace"))?;
            io::copy(&mut trace, &mut File::create(cx.profdir().join("ftrace"))?)?;
        }
        Ok(())
    }
}

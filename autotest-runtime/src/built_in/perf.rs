//! The profiler `perf`.

use autotest_core::TestResult;

use super::title;
use crate::perf_samples::{PerfOptions, Profiling, Stopped};
use crate::profilers::ProfilerContext;

#[derive(Default)]
pub(super) struct Perf {
    frequency: u64,
    profiling: Option<Profiling>,
    stopped: Option<Stopped>,
}

/// Performance counters, and where the test's processes spend their time.
///
/// Counts events such as cycles and faults into `counters.csv`, and samples stacks into `stacks.folded` and, with the
/// feature `flamegraph`, `flamegraph.svg`. No tool is needed, but the right to use performance events is.
#[autotest_macros::profiler(name = "perf")]
impl Perf {
    fn initialize(
        &mut self,
        /// How many stacks are sampled in a second of processor time.
        #[param(default = 499, range = 1..=20_000)]
        frequency: u64,
    ) {
        self.frequency = frequency;
    }

    fn start(&mut self, cx: &mut ProfilerContext) -> TestResult {
        let options = PerfOptions {
            pid: cx.test_pid().cast_signed(),
            dir: cx.profdir().to_owned(),
            frequency: self.frequency,
        };
        self.profiling = Some(Profiling::start(&options)?);
        Ok(())
    }

    fn stop(&mut self) -> TestResult {
        if let Some(profiling) = self.profiling.take() {
            self.stopped = Some(profiling.stop()?);
        }
        Ok(())
    }

    fn report(&mut self, cx: &mut ProfilerContext) -> TestResult {
        if let Some(stopped) = self.stopped.take() {
            for problem in stopped.write(&title(cx))? {
                cx.warn(problem);
            }
        }
        Ok(())
    }
}

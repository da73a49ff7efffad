//! The profiler `proc`.

use std::time::Duration;

use autotest_core::{TestError, TestResult};

use super::title;
use crate::proc_samples::{Band, MIN_INTERVAL, SampledTest, Sampling, SamplingOptions, Stopped};
use crate::profilers::{Mark, ProfilerContext};

#[derive(Default)]
pub(super) struct Proc {
    interval: Duration,
    max_file_bytes: u64,
    sampling: Option<Sampling>,
    stopped: Option<Stopped>,
}

/// What `/proc` tells of the test's processes and of the machine.
///
/// Samples processors, memory, pressure, disks and network of the machine, and what the processes of the test use, into
/// CSV files and a plot, `proc.svg`. No tool is needed.
#[autotest_macros::profiler(name = "proc")]
impl Proc {
    fn initialize(
        &mut self,
        /// The time between two samples, at least 10ms.
        #[param(default = "1s")]
        interval: Duration,
        /// Each CSV file is cut before it becomes larger than this, in MiB.
        #[param(default = 64, range = 1..=1_048_576)]
        max_file_mb: u64,
    ) -> TestResult {
        if interval < MIN_INTERVAL {
            let error = format!("`interval` is at least {} ms", MIN_INTERVAL.as_millis());
            return Err(TestError::error(error).into());
        }
        self.interval = interval;
        self.max_file_bytes = max_file_mb << 20;
        Ok(())
    }

    fn start(&mut self, cx: &mut ProfilerContext) -> TestResult {
        let options = SamplingOptions {
            interval: self.interval,
            dir: cx.profdir().to_owned(),
            test: Some(SampledTest {
                pid: cx.test_pid().cast_signed(),
                mark: Some(cx.mark.clone()),
            }),
            max_file_bytes: self.max_file_bytes,
        };
        self.sampling = Some(Sampling::start(&options)?);
        Ok(())
    }

    fn stop(&mut self, cx: &mut ProfilerContext) -> TestResult {
        if let Some(sampling) = self.sampling.take() {
            let stopped = sampling.stop()?;
            for problem in stopped.sampled().problems {
                cx.warn(problem);
            }
            self.stopped = Some(stopped);
        }
        Ok(())
    }

    fn report(&mut self, cx: &mut ProfilerContext) -> TestResult {
        if let Some(stopped) = self.stopped.take() {
            let bands: Vec<_> = cx.marks().iter().map(band).collect();
            stopped.draw(&title(cx), &bands)?;
        }
        Ok(())
    }
}

/// The band of a mark: iterations are in the row above the phases.
fn band(mark: &Mark) -> Band {
    Band {
        row: usize::from(!mark.name.starts_with("iteration ")),
        label: mark.name.clone(),
        from: mark.begin,
        to: mark.end,
    }
}

//! Samples of `/proc` and of a test's control group, taken while a test runs: CSV files and a plot.
//!
//! A thread in the process of a profiler takes the samples, never one in the process of a test or of the supervisor.
//! Data that the kernel does not offer is left out; nothing here is a reason to fail a test.

mod control_group;
mod counters;
mod cpu;
mod csv;
mod disks;
mod memory;
mod moment;
mod network;
mod plot;
mod pressure;
mod processes;
mod reread;
mod sampler;
mod scheduler;
mod series;
mod test;
mod text;
mod usage;

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use sampler::Sampler;

/// The shortest interval: the kernel's counters do not change more often.
pub(crate) const MIN_INTERVAL: Duration = Duration::from_millis(10);

/// What to sample, and how.
#[derive(Clone, Debug)]
pub(crate) struct SamplingOptions {
    /// The time between two samples.
    pub(crate) interval: Duration,
    /// The directory for the files; it exists.
    pub(crate) dir: PathBuf,
    /// The test whose processes are sampled, besides the machine.
    pub(crate) test: Option<SampledTest>,
    /// The largest size of a CSV file: no rows are written beyond it.
    pub(crate) max_file_bytes: u64,
}

/// How the processes of a test are recognised.
#[derive(Clone, Debug)]
pub(crate) struct SampledTest {
    /// The test's own process, which leads a process group; its id in the pid namespace of `/proc`.
    pub(crate) pid: i32,
    /// The environment variable that marks the test's processes, as `NAME=VALUE`.
    pub(crate) mark: Option<String>,
}

/// A period to show in the plot, such as a phase.
#[derive(Clone, Debug)]
pub(crate) struct Band {
    /// The row in which it is shown, from 0: bands of one row do not overlap.
    pub(crate) row: usize,
    /// Its name.
    pub(crate) label: String,
    /// When it began, as time since the target booted (`CLOCK_BOOTTIME`).
    pub(crate) from: Duration,
    /// When it ended, likewise; `None` if it has not.
    pub(crate) to: Option<Duration>,
}

/// How the sampling went.
#[derive(Debug)]
pub(crate) struct Sampled {
    /// How many samples were taken.
    pub(crate) samples: u64,
    /// How many could not be taken in time.
    pub(crate) missed: u64,
    /// The time from the first to the last sample.
    pub(crate) elapsed: Duration,
    /// The processor time spent on sampling.
    pub(crate) cost: Duration,
    /// What the files lack, for the user; empty if nothing.
    pub(crate) problems: Vec<String>,
}

/// A sampling in progress, until [`stop`](Sampling::stop).
#[derive(Debug)]
pub(crate) struct Sampling {
    is_stopped: Arc<AtomicBool>,
    thread: JoinHandle<Sampler>,
    dir: PathBuf,
}

impl Sampling {
    /// Takes the sample that later ones are compared with, and starts the sampling thread.
    ///
    /// # Errors
    /// If the files cannot be created, `/proc` is missing, or no thread can be started.
    pub(crate) fn start(options: &SamplingOptions) -> io::Result<Sampling> {
        let mut sampler = Sampler::new(options)?;
        let is_stopped = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&is_stopped);
        let thread = thread::Builder::new()
            .name("proc samples".to_owned())
            .spawn(move || {
                sampler.run(&stopped);
                sampler
            })?;
        let dir = options.dir.clone();
        Ok(Sampling {
            is_stopped,
            thread,
            dir,
        })
    }

    /// Takes the last sample and ends the thread.
    ///
    /// # Errors
    /// If the thread panicked.
    pub(crate) fn stop(self) -> io::Result<Stopped> {
        self.is_stopped.store(true, Ordering::Release);
        self.thread.thread().unpark();
        let sampler = self.thread.join();
        let sampler = sampler.map_err(|_| io::Error::other("the sampling thread panicked"))?;
        let dir = self.dir;
        Ok(Stopped { sampler, dir })
    }
}

/// A sampling that has ended.
#[derive(Debug)]
pub(crate) struct Stopped {
    sampler: Sampler,
    dir: PathBuf,
}

impl Stopped {
    /// How the sampling went.
    pub(crate) fn sampled(&self) -> Sampled {
        self.sampler.sampled()
    }

    /// Draws `proc.svg`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn draw(&self, title: &str, bands: &[Band]) -> io::Result<()> {
        let svg = self.sampler.plot(title, bands);
        sampler::create(&self.dir.join("proc.svg"))?.write_all(svg.as_bytes())
    }
}

#[cfg(test)]
mod tests;

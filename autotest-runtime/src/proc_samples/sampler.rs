//! The schedule of samples: multiples of the interval since the start. A sample that would be too late is skipped and
//! counted as missed; later ones keep their times.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use rustix::time::{ClockId, clock_gettime};

use super::cpu::Cpu;
use super::csv::Directory;
use super::disks::Disks;
use super::memory::Memory;
use super::moment::Moment;
use super::network::Network;
use super::plot::{self, Bands, Heading, Panel};
use super::pressure::Pressure;
use super::reread::Reread;
use super::scheduler::Scheduler;
use super::test::Test;
use super::{Band, Sampled, SamplingOptions};

/// The sources of a sample.
#[derive(Debug)]
struct Sources {
    /// `/proc/stat`, which `cpu` and `scheduler` share.
    stat: Reread,
    cpu: Cpu,
    scheduler: Scheduler,
    memory: Memory,
    pressure: Pressure,
    /// `None` if the kernel has no block devices.
    disks: Option<Disks>,
    /// `None` if the kernel has no network.
    network: Option<Network>,
    test: Option<Test>,
}

/// Takes samples, and keeps the data for the plot.
#[derive(Debug)]
pub(super) struct Sampler {
    interval: Duration,
    start: Instant,
    /// The start time on the clock that bands use.
    start_since_boot: Duration,
    started_at: SystemTime,
    moment: Moment,
    sources: Sources,
    samples: u64,
    missed: u64,
    cost: Duration,
}

impl Sampler {
    /// Creates the files, and takes the first sample.
    pub(super) fn new(options: &SamplingOptions) -> io::Result<Sampler> {
        let dir = Directory::new(&options.dir, options.max_file_bytes);
        let (start, started_at) = (Instant::now(), SystemTime::now());
        let start_since_boot = clock(ClockId::Boottime);
        let interval = options.interval;
        let moment = Moment::first(started_at, interval);
        let mut sources = Sources {
            stat: Reread::open("/proc/stat")?,
            cpu: Cpu::new(&dir)?,
            scheduler: Scheduler::new(&dir)?,
            memory: Memory::new(&dir)?,
            pressure: Pressure::new(&dir)?,
            disks: if_there(Disks::new(&dir))?,
            network: if_there(Network::new(&dir))?,
            test: match &options.test {
                Some(test) => Some(Test::new(&dir, test)?),
                None => None,
            },
        };
        sources.sample(&moment);
        Ok(Sampler {
            interval,
            start,
            start_since_boot,
            started_at,
            moment,
            sources,
            samples: 0,
            missed: 0,
            cost: Duration::ZERO,
        })
    }

    /// Takes samples until `is_stopped` is set, then a last one. Setting it must also unpark this thread.
    pub(super) fn run(&mut self, is_stopped: &AtomicBool) {
        let mut next = self.interval;
        loop {
            let is_last = self.wait_until(next, is_stopped);
            let now = self.start.elapsed();
            let missed = self.missed_until(next, now);
            self.sample(now, missed);
            if is_last {
                self.cost = clock(ClockId::ThreadCPUTime);
                return;
            }
            next += self.interval * u32::try_from(missed + 1).unwrap_or(u32::MAX);
        }
    }

    /// Waits until a time since the start. Returns `true` if it was stopped earlier.
    fn wait_until(&self, time: Duration, is_stopped: &AtomicBool) -> bool {
        loop {
            if is_stopped.load(Ordering::Acquire) {
                return true;
            }
            match time.saturating_sub(self.start.elapsed()) {
                Duration::ZERO => return false,
                rest => thread::park_timeout(rest),
            }
        }
    }

    /// The number of samples that were due after `next` and not after `now`.
    fn missed_until(&self, next: Duration, now: Duration) -> u64 {
        let late = now.saturating_sub(next);
        u64::try_from(late.as_nanos() / self.interval.as_nanos()).unwrap_or(u64::MAX)
    }

    fn sample(&mut self, now: Duration, missed: u64) {
        self.moment.advance(now, SystemTime::now(), missed);
        self.sources.sample(&self.moment);
        self.samples += 1;
        self.missed += missed;
    }

    /// The plot of all samples, as SVG.
    pub(super) fn plot(&self, title: &str, bands: &[Band]) -> String {
        let sampled = self.sampled();
        let heading = Heading {
            title,
            sampled: &sampled,
            interval: self.interval,
            started_at: self.started_at,
        };
        let bands = Bands::new(bands, self.start_since_boot, self.moment.elapsed());
        plot::svg(&heading, &self.sources.panels(), &bands)
    }

    pub(super) fn sampled(&self) -> Sampled {
        Sampled {
            samples: self.samples,
            missed: self.missed,
            elapsed: self.moment.elapsed(),
            cost: self.cost,
            problems: self.sources.problems(),
        }
    }
}

impl Sources {
    fn sample(&mut self, moment: &Moment) {
        if let Some(stat) = self.stat.read() {
            self.cpu.sample(moment, stat);
            self.scheduler.sample(moment, stat);
        }
        self.memory.sample(moment);
        self.pressure.sample(moment);
        if let Some(disks) = &mut self.disks {
            disks.sample(moment);
        }
        if let Some(network) = &mut self.network {
            network.sample(moment);
        }
        if let Some(test) = &mut self.test {
            test.sample(moment, self.scheduler.forks());
        }
    }

    /// The panels of the plot, from top to bottom.
    fn panels(&self) -> Vec<Panel> {
        let mut panels = Vec::new();
        panels.extend(self.test.iter().flat_map(Test::panels));
        panels.extend(self.cpu.panel());
        panels.extend(self.memory.panel());
        panels.extend(self.pressure.panel());
        panels.extend(self.disks.as_ref().and_then(Disks::panel));
        panels.extend(self.network.as_ref().and_then(Network::panel));
        panels
    }

    fn problems(&self) -> Vec<String> {
        let mut files = vec![self.cpu.csv(), self.scheduler.csv(), self.memory.csv()];
        files.extend(self.disks.as_ref().map(Disks::csv));
        files.extend(self.network.as_ref().map(Network::csv));
        files.extend(self.pressure.csv());
        files.extend(self.test.as_ref().map(Test::csv));
        files.into_iter().filter_map(|csv| csv.problem()).collect()
    }
}

/// Returns `None` if a file of the kernel does not exist. It cannot be the directory that is missing, since other files
/// have been created in it.
fn if_there<T>(source: io::Result<T>) -> io::Result<Option<T>> {
    match source {
        Ok(source) => Ok(Some(source)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads a clock.
fn clock(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Removes the file of an earlier sampling, and creates a new one. Never follows a link or overwrites a file.
pub(super) fn create(path: &Path) -> io::Result<fs::File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
}

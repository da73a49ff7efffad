//! Performance counters and stack samples of a test's processes through `perf_event_open`, without a tool.
//!
//! Events are opened for the test's threads, and inherited by everything that they start. The kernel unwinds stacks by
//! frame pointers. A counter that the machine lacks, or that the user may not use, is left out and reported; nothing
//! here is a reason to fail a test.

mod counters;
#[cfg(feature = "flamegraph")]
mod flame_graph;
mod maps;
mod refused;
mod rings;
mod stacks;
mod symbols;
mod tasks;

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use counters::Counters;
use rings::Rings;
use stacks::Stacks;

/// The interval at which the kernel's buffers are emptied.
const ROUND: Duration = Duration::from_millis(50);

/// What to profile, and how.
#[derive(Clone, Debug)]
pub(crate) struct PerfOptions {
    /// The test's own process; its id in the pid namespace of `/proc`.
    pub(crate) pid: i32,
    /// The directory for the files; it exists.
    pub(crate) dir: PathBuf,
    /// The number of stack samples per second of processor time.
    pub(crate) frequency: u64,
}

/// A profile in progress, until [`stop`](Profiling::stop).
#[derive(Debug)]
pub(crate) struct Profiling {
    stop: Sender<()>,
    thread: JoinHandle<Stacks>,
    counters: Counters,
    problems: Vec<String>,
    dir: PathBuf,
}

impl Profiling {
    /// Starts all available counters, and the sampling of stacks.
    ///
    /// # Errors
    /// If events are refused altogether; the text says what to allow.
    pub(crate) fn start(options: &PerfOptions) -> io::Result<Profiling> {
        let tasks = tasks::of(options.pid);
        let mut problems = Vec::new();
        let counters = Counters::open(&tasks, &mut problems)?;
        let mut stacks = Stacks::new(&tasks);
        let rings = Rings::open(&tasks, options.frequency, &mut problems)?;
        let (stop, stopped) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("perf samples".to_owned())
            .spawn(move || {
                let mut rings = rings;
                empty_until(&stopped, &mut rings, &mut stacks);
                stacks
            })?;
        Ok(Profiling {
            stop,
            thread,
            counters,
            problems,
            dir: options.dir.clone(),
        })
    }

    /// Ends the profile.
    ///
    /// # Errors
    /// If the thread panicked.
    pub(crate) fn stop(self) -> io::Result<Stopped> {
        let counts = self.counters.finish();
        drop(self.stop);
        let stacks = self.thread.join();
        let stacks = stacks.map_err(|_| io::Error::other("the sampling thread panicked"))?;
        Ok(Stopped {
            counts,
            stacks,
            problems: self.problems,
            dir: self.dir,
        })
    }
}

/// A complete profile.
#[derive(Debug)]
pub(crate) struct Stopped {
    /// The text of `counters.csv`.
    counts: String,
    stacks: Stacks,
    problems: Vec<String>,
    dir: PathBuf,
}

impl Stopped {
    /// Writes `counters.csv`, `stacks.folded` and, with the feature `flamegraph`, `flamegraph.svg` with this title.
    /// Returns what the profile lacks, with advice.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub(crate) fn write(self, title: &str) -> io::Result<Vec<String>> {
        let (stacks, mut problems) = (self.stacks, self.problems);
        fs::write(self.dir.join("counters.csv"), self.counts)?;
        let folded = stacks.folded();
        fs::write(self.dir.join("stacks.folded"), &folded)?;
        #[cfg(feature = "flamegraph")]
        flame_graph::write(&self.dir, title, &folded)?;
        #[cfg(not(feature = "flamegraph"))]
        let _ = title;
        if stacks.lost() > 0 {
            problems.push(format!("{} stack samples were lost", stacks.lost()));
        }
        Ok(problems)
    }
}

/// Empties the kernel's buffers until the other end of the channel is dropped, and then once more.
fn empty_until(stopped: &Receiver<()>, rings: &mut Rings, stacks: &mut Stacks) {
    loop {
        let is_last = stopped.recv_timeout(ROUND) != Err(RecvTimeoutError::Timeout);
        if is_last {
            rings.disable();
        }
        rings.empty(stacks);
        if is_last {
            return;
        }
    }
}

#[cfg(test)]
mod tests;

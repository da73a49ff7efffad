//! Performance counters and stack samples of a test's processes, by `perf_event_open`: no tool has to be there.
//!
//! Events are opened for the test's threads and inherited by whatever they start. Stacks are those that the kernel
//! finds by frame pointers. A counter that the machine does not have, or that this user may not use, is left out
//! and named; nothing here is a reason to fail a test.

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

/// How often the kernel's buffers are emptied.
const ROUND: Duration = Duration::from_millis(50);

/// How a test is profiled.
#[derive(Clone, Debug)]
pub(crate) struct PerfOptions {
    /// The test's own process. `/proc` is that of its namespace.
    pub(crate) pid: i32,
    /// The directory for the files; it exists.
    pub(crate) dir: PathBuf,
    /// How many stacks are sampled in a second of processor time.
    pub(crate) frequency: u64,
}

/// A profile being made, until [`stop`](Profiling::stop).
#[derive(Debug)]
pub(crate) struct Profiling {
    stop: Sender<()>,
    thread: JoinHandle<Stacks>,
    counters: Counters,
    problems: Vec<String>,
    dir: PathBuf,
}

impl Profiling {
    /// Starts all counters and samples that are there.
    ///
    /// # Errors
    /// If there are none, with what must be allowed.
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

/// A profile that was made.
#[derive(Debug)]
pub(crate) struct Stopped {
    /// The text of `counters.csv`.
    counts: String,
    stacks: Stacks,
    problems: Vec<String>,
    dir: PathBuf,
}

impl Stopped {
    /// Writes `counters.csv`, `stacks.folded`, and `flamegraph.svg` with the feature `flamegraph`, whose title is given.
    /// Returns what the profile lacks, and what to do about it.
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

/// Empties the kernel's buffers until the other end of the channel is dropped, and once more then.
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

//! `counters.csv`: events of the test's processes, counted from start to stop.

use std::fmt::Write;
use std::io;

use perf_event::events::{Hardware, Software};
use perf_event::{Builder, Counter, ReadFormat};

use super::refused::{Refusal, advice};
use super::tasks::Task;

#[derive(Clone, Copy)]
enum Event {
    Hardware(Hardware),
    Software(Software),
}

impl Event {
    pub(super) fn builder<'a>(self) -> Builder<'a> {
        match self {
            Event::Hardware(event) => Builder::new(event),
            Event::Software(event) => Builder::new(event),
        }
    }
}

/// The names of the counted events, with their units, in the order of the file.
const EVENTS: &[(&str, Event)] = &[
    ("task_clock_ns", Event::Software(Software::TASK_CLOCK)),
    (
        "context_switches",
        Event::Software(Software::CONTEXT_SWITCHES),
    ),
    ("cpu_migrations", Event::Software(Software::CPU_MIGRATIONS)),
    ("minor_faults", Event::Software(Software::PAGE_FAULTS_MIN)),
    ("major_faults", Event::Software(Software::PAGE_FAULTS_MAJ)),
    ("cycles", Event::Hardware(Hardware::CPU_CYCLES)),
    ("instructions", Event::Hardware(Hardware::INSTRUCTIONS)),
    (
        "cache_references",
        Event::Hardware(Hardware::CACHE_REFERENCES),
    ),
    ("cache_misses", Event::Hardware(Hardware::CACHE_MISSES)),
    ("branches", Event::Hardware(Hardware::BRANCH_INSTRUCTIONS)),
    ("branch_misses", Event::Hardware(Hardware::BRANCH_MISSES)),
];

/// An event with a counter for each thread.
#[derive(Debug)]
struct Counted {
    name: &'static str,
    counters: Vec<Counter>,
    with_kernel: bool,
}

#[derive(Debug)]
pub(super) struct Counters(Vec<Counted>);

impl Counters {
    /// Opens and starts the counters. Those that this machine lacks make up one problem.
    ///
    /// # Errors
    /// If events are refused for another reason.
    pub(super) fn open(tasks: &[Task], problems: &mut Vec<String>) -> io::Result<Counters> {
        let mut all = Vec::new();
        let mut missing = Vec::new();
        for (name, event) in EVENTS {
            match open(*event, tasks) {
                Ok((counters, with_kernel)) => all.push(Counted {
                    name,
                    counters,
                    with_kernel,
                }),
                Err(error) if Refusal::of(&error) == Refusal::Missing => missing.push(*name),
                Err(error) => return Err(io::Error::new(error.kind(), advice(&error))),
            }
        }
        problems.extend(missing_problem(&missing));
        if all.iter().any(|counted| !counted.with_kernel) {
            problems.push(
                "this user may count only what happens outside the kernel: run as root, or set \
                 kernel.perf_event_paranoid to 1 or less"
                    .to_owned(),
            );
        }
        Ok(Counters(all))
    }

    /// Stops the counters, and returns the text of the file.
    pub(super) fn finish(mut self) -> String {
        for counted in &mut self.0 {
            for counter in &mut counted.counters {
                // A counter that cannot be stopped is read while it runs.
                let _ = counter.disable();
            }
        }
        let mut csv = "event,count,scope,counted_percent\n".to_owned();
        for counted in &mut self.0 {
            let (count, share) = counted.read();
            let scope = match counted.with_kernel {
                true => "all",
                false => "user",
            };
            let name = counted.name;
            let _ = writeln!(csv, "{name},{count},{scope},{:.1}", 100.0 * share);
        }
        csv
    }
}

impl Counted {
    /// The count, and the share of time in which it was counted. If the processor has too few counters, the kernel
    /// multiplexes them, and the count is an estimate based on the share.
    fn read(&mut self) -> (u64, f64) {
        let (mut count, mut enabled, mut running) = (0.0, 0.0, 0.0);
        for counter in &mut self.counters {
            let Ok(read) = counter.read_full() else {
                continue;
            };
            let time_enabled = read.time_enabled().unwrap_or_default().as_secs_f64();
            let time_running = read.time_running().unwrap_or_default().as_secs_f64();
            enabled += time_enabled;
            running += time_running;
            if time_running > 0.0 {
                count += read.count() as f64 * time_enabled / time_running;
            }
        }
        let share = if enabled > 0.0 {
            running / enabled
        } else {
            0.0
        };
        (count.round() as u64, share)
    }
}

/// The problem that names missing events. If all hardware events are missing, as in most virtual machines, it does not
/// list them.
fn missing_problem(missing: &[&str]) -> Option<String> {
    let mut hardware = EVENTS.iter().filter_map(|(name, event)| match event {
        Event::Hardware(_) => Some(name),
        Event::Software(_) => None,
    });
    if hardware.all(|name| missing.contains(name)) {
        return Some(
            "this machine counts only software events: a virtual machine can be given a PMU"
                .to_owned(),
        );
    }
    let names = missing.join(", ");
    (!missing.is_empty()).then(|| format!("this machine does not count {names}"))
}

/// Opens an event for each thread. Returns `true` beside the counters if they include the kernel, which requires
/// permission.
fn open(event: Event, tasks: &[Task]) -> io::Result<(Vec<Counter>, bool)> {
    match open_as(event, tasks, true) {
        Err(error) if Refusal::of(&error) == Refusal::Forbidden => {
            Ok((open_as(event, tasks, false)?, false))
        }
        opened => Ok((opened?, true)),
    }
}

fn open_as(event: Event, tasks: &[Task], with_kernel: bool) -> io::Result<Vec<Counter>> {
    let mut counters = Vec::new();
    for task in tasks {
        let mut builder = event.builder();
        builder
            .observe_pid(task.tid)
            .any_cpu()
            .inherit(true)
            .enabled(true)
            .exclude_kernel(!with_kernel)
            .read_format(ReadFormat::TOTAL_TIME_ENABLED | ReadFormat::TOTAL_TIME_RUNNING);
        match builder.build() {
            Ok(counter) => counters.push(counter),
            Err(error) if Refusal::of(&error) == Refusal::Ended => {}
            Err(error) => return Err(error),
        }
    }
    Ok(counters)
}

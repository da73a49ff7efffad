//! An instance of the kernel's tracer: a directory of tracefs with its own buffers and settings.
//!
//! An instance outlives a profiler that is killed, and would keep tracing. The kernel does not remove an instance that
//! has an open file, so each profiler keeps a file of its instance open, and any process may try to remove all
//! instances.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use autotest_core::{TestError, TestResult};

/// The mount points of tracefs: its own, or in debugfs.
const PLACES: [&str; 2] = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

/// The prefix of our instances' names; the process id of the profiler follows.
const PREFIX: &str = "autotest-";

/// How many names to try: a process in another pid namespace may have the same id.
const MAX_NAMES: u32 = 100;

/// An instance, which is removed when dropped.
#[derive(Debug)]
pub(super) struct Instance {
    dir: PathBuf,
    /// An open file of the instance; the kernel refuses to remove the instance meanwhile.
    held: Option<File>,
}

impl Instance {
    /// Creates an instance, after removing those of profilers that were killed.
    pub(super) fn create() -> TestResult<Instance> {
        let instances = instances().ok_or_else(|| {
            TestError::error(
                "tracefs is not there: run as root, and mount it with `mount -t tracefs tracefs \
                 /sys/kernel/tracing`, or leave the profiler out",
            )
        })?;
        remove_from(&instances);
        let created = create_in(&instances);
        Ok(created.map_err(|error| {
            let instances = instances.display();
            TestError::error(format!(
                "failed to create a directory in `{instances}`: {error}: run as root, or leave the profiler out"
            ))
        })?)
    }

    /// The path of a file of the instance.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Refuses a tracer that the kernel does not have, or does not offer to instances.
    pub(super) fn check_tracer(&self, tracer: &str) -> TestResult {
        let ours = fs::read_to_string(self.path("available_tracers"))?;
        let has = |tracers: &str| tracers.split_whitespace().any(|it| it == tracer);
        if has(&ours) {
            return Ok(());
        }
        let all = fs::read_to_string(self.path("../../available_tracers")).unwrap_or_default();
        let mut choice: Vec<_> = ours.split_whitespace().collect();
        choice.sort_unstable();
        let choice = choice.join("`, `");
        let text = match (has(&all), tracer) {
            (false, _) => format!("this kernel has no tracer `{tracer}`: choose one of `{choice}`"),
            (true, "function_graph") => format!(
                "this kernel has `function_graph` only for the whole machine, not for a single test: choose one of \
                 `{choice}`, or use Linux 6.11 or newer"
            ),
            (true, _) => format!(
                "the kernel has `{tracer}` only for the whole machine, not for a single test: choose one of `{choice}`"
            ),
        };
        Err(TestError::error(text).into())
    }

    /// Writes a value to a file of the instance.
    pub(super) fn set(&self, name: &str, value: &str) -> TestResult {
        let path = self.path(name);
        let written = OpenOptions::new()
            .write(true)
            .open(&path)
            .and_then(|mut file| file.write_all(value.as_bytes()));
        Ok(written.map_err(|error| {
            let path = path.display();
            TestError::error(format!("failed to write `{value}` to `{path}`: {error}"))
        })?)
    }

    /// Restricts tracing to a process, its descendants, and the processes that they start later.
    pub(super) fn follow(&self, pid: u32, tracer: &str) -> TestResult {
        let threads = threads_below(pid).join(" ");
        self.set("options/event-fork", "1")?;
        self.set("set_event_pid", &threads)?;
        if tracer != "nop" {
            self.set("options/function-fork", "1")?;
            self.set("set_ftrace_pid", &threads)?;
        }
        Ok(())
    }

    /// Enables the events of a subsystem, or one event.
    pub(super) fn add_event(&self, event: &str) -> TestResult {
        let mut file = OpenOptions::new()
            .append(true)
            .open(self.path("set_event"))?;
        let added = file.write_all(event.as_bytes());
        Ok(added.map_err(|error| {
            TestError::error(format!(
                "failed to trace the event `{event}`: {error}: the kernel's are in `available_events`"
            ))
        })?)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.held = None;
        let _ = fs::remove_dir(&self.dir);
    }
}

/// The directory of all instances.
fn instances() -> Option<PathBuf> {
    let mut places = PLACES
        .iter()
        .map(|place| Path::new(place).join("instances"));
    places.find(|instances| instances.exists())
}

fn create_in(instances: &Path) -> io::Result<Instance> {
    let pid = std::process::id();
    let mut refused = ErrorKind::AlreadyExists.into();
    for number in 0..MAX_NAMES {
        let dir = instances.join(format!("{PREFIX}{pid}.{number}"));
        match fs::create_dir(&dir).and_then(|()| File::open(dir.join("tracing_on"))) {
            Ok(held) => {
                let held = Some(held);
                return Ok(Instance { dir, held });
            }
            // The name is taken, or another process removed the new instance as a leftover before it was held.
            Err(error)
                if [ErrorKind::AlreadyExists, ErrorKind::NotFound].contains(&error.kind()) =>
            {
                refused = error;
            }
            Err(error) => return Err(error),
        }
    }
    Err(refused)
}

/// The threads of a process and of its descendants, if the kernel lists children. The list always contains `pid`, even
/// if that process has ended: the kernel takes an empty list to mean the whole machine.
fn threads_below(pid: u32) -> Vec<String> {
    let mut pids = vec![pid.to_string()];
    let mut threads = pids.clone();
    while let Some(pid) = pids.pop() {
        let tasks = fs::read_dir(format!("/proc/{pid}/task"));
        for task in tasks.into_iter().flatten().flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            pids.extend(children.split_whitespace().map(str::to_owned));
            threads.push(task.file_name().to_string_lossy().into_owned());
        }
    }
    threads
}

/// Removes the instances of profilers that were killed, with their traces.
pub(in crate::built_in) fn remove_left() {
    if let Some(instances) = instances() {
        remove_from(&instances);
    }
}

fn remove_from(instances: &Path) {
    for entry in fs::read_dir(instances).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(PREFIX) {
            // This fails for an instance that a profiler holds.
            let _ = fs::remove_dir(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Directories of an ordinary file system stand in for instances: one that has a file cannot be removed, either.
    #[test]
    fn only_our_instances_that_nobody_holds_are_removed() {
        let instances = tempfile::tempdir().unwrap();
        let at = |name: &str| instances.path().join(name);
        for name in ["autotest-1.0", "autotest-2.0", "somebody-else's"] {
            fs::create_dir(at(name)).unwrap();
        }
        fs::write(at("autotest-2.0").join("held"), "").unwrap();
        remove_from(instances.path());
        assert!(!at("autotest-1.0").exists());
        assert!(at("autotest-2.0").exists());
        assert!(at("somebody-else's").exists());
    }
}

//! The threads of a test's processes at the beginning of a profile. Later threads inherit its events.

use std::fs;

/// A thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Task {
    /// The id of its process.
    pub(super) pid: i32,
    pub(super) tid: i32,
}

/// All threads of a process and of its descendants, if the kernel lists children.
pub(super) fn of(pid: i32) -> Vec<Task> {
    let mut pids = vec![pid];
    let mut tasks = Vec::new();
    while let Some(pid) = pids.pop() {
        let entries = fs::read_dir(format!("/proc/{pid}/task"));
        for entry in entries.into_iter().flatten().flatten() {
            let Some(tid) = entry.file_name().to_str().and_then(|tid| tid.parse().ok()) else {
                continue;
            };
            tasks.push(Task { pid, tid });
            let children = fs::read_to_string(entry.path().join("children")).unwrap_or_default();
            let children = children.split_ascii_whitespace();
            pids.extend(children.filter_map(|pid| pid.parse::<i32>().ok()));
        }
    }
    tasks
}

//! Processes that a test leaves behind. We are their subreaper, so that an orphan becomes our child.

use std::collections::HashSet;
use std::fs;
use std::time::{Duration, Instant};

use super::unix::{self, ChildPid, Whose};

/// No more time than this is spent on waiting for killed processes to go.
const PATIENCE: Duration = Duration::from_secs(1);

/// Our children that are no leaders of runs, and theirs: those that `leader`'s run left.
pub(super) fn find(leaders: &HashSet<ChildPid>) -> Vec<ChildPid> {
    let mut found: Vec<ChildPid> = children("/proc/thread-self/children")
        .filter(|pid| !leaders.contains(pid))
        .collect();
    let mut next = 0;
    while let Some(pid) = found.get(next).copied() {
        next += 1;
        let file = format!("/proc/{pid}/task/{pid}/children", pid = pid.get());
        found.extend(children(&file));
    }
    found
}

fn children(file: &str) -> impl Iterator<Item = ChildPid> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let pids: Vec<_> = text
        .split_whitespace()
        .filter_map(|pid| pid.parse().ok())
        .collect();
    pids.into_iter().filter_map(ChildPid::new)
}

/// Ends them and waits for it. Returns those that lived, as `name (pid)`.
pub(super) fn end(found: &[ChildPid]) -> Vec<String> {
    let living = found
        .iter()
        .filter_map(|pid| Some(format!("{} ({})", living(*pid)?, pid.get())));
    let living = living.collect();
    for pid in found {
        unix::signal_process(*pid, libc::SIGKILL);
    }
    let start = Instant::now();
    for pid in found {
        while unix::next_change(Whose::Child(*pid)).is_none() && exists(*pid) {
            if start.elapsed() > PATIENCE {
                return living;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        unix::reap(*pid);
    }
    living
}

fn exists(pid: ChildPid) -> bool {
    fs::exists(format!("/proc/{}", pid.get())).unwrap_or(false)
}

/// The name of a process that is no zombie.
fn living(pid: ChildPid) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.get())).ok()?;
    let (before, after) = stat.rsplit_once(')')?;
    let (_, name) = before.split_once('(')?;
    (!after.trim_start().starts_with('Z')).then(|| name.to_owned())
}

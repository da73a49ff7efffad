//! Processes that a test leaves behind. We are their subreaper, so that an orphan becomes our child.

use std::collections::HashSet;
use std::fs;
use std::time::{Duration, Instant};

use super::unix::{self, ChildPid};

/// No more time than this is spent on waiting for killed processes to go.
const PATIENCE: Duration = Duration::from_secs(1);

/// A process that a test left.
#[derive(Clone, Debug)]
pub(super) struct Left {
    pid: ChildPid,
    /// `name (pid)`; `None` for a zombie.
    shown: Option<String>,
}

/// The variable that tells the processes of a run from those of others that are on.
pub(super) const RUN_VARIABLE: &str = "AUTOTEST_RUN";

/// What that variable is in the processes of a run.
pub(super) fn run_mark(job: &str, number: u32) -> String {
    format!("{job}/{number}")
}

/// Whether a mark is that of a run of the job `id`.
pub(super) fn is_run_of(mark: &str, id: &str) -> bool {
    mark.strip_prefix(id)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// The run that has just ended, and what else is on.
#[derive(Debug)]
pub(super) struct Ended<'a> {
    /// The run's [`run_mark`].
    pub(super) mark: &'a str,
    pub(super) leader: ChildPid,
    /// The leaders of the other runs.
    pub(super) others: &'a HashSet<ChildPid>,
    /// The job's own guardian.
    pub(super) guardian: Option<ChildPid>,
}

/// Orphans of the run, which are our children, and theirs.
pub(super) fn find(ended: &Ended<'_>) -> Vec<Left> {
    let ours = children("/proc/thread-self/children");
    let mut found: Vec<ChildPid> = ours.filter(|pid| ended.owns(*pid)).collect();
    let mut next = 0;
    while let Some(pid) = found.get(next).copied() {
        next += 1;
        let file = format!("/proc/{pid}/task/{pid}/children", pid = pid.get());
        found.extend(children(&file));
    }
    let left = found.into_iter().map(|pid| Left {
        pid,
        shown: living(pid).map(|name| format!("{name} ({})", pid.get())),
    });
    left.collect()
}

impl Ended<'_> {
    /// Whether a child of ours that is no leader is this run's: by its environment, its group or its
    /// session; where nothing tells, it is if no other run is on.
    fn owns(&self, pid: ChildPid) -> bool {
        if pid == self.leader || Some(pid) == self.guardian || self.others.contains(&pid) {
            return false;
        }
        match run_of(pid) {
            Some(mark) => mark == self.mark,
            None => self.others.is_empty() || self.is_in_group(pid),
        }
    }

    fn is_in_group(&self, pid: ChildPid) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", pid.get())).unwrap_or_default();
        let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        // State, parent, group, session.
        let mut ids = fields.split_whitespace().skip(2).take(2);
        ids.any(|id| id.parse() == Ok(self.leader.get()))
    }
}

/// The run in whose environment a process was executed.
pub(super) fn run_of(pid: ChildPid) -> Option<String> {
    let environment = fs::read(format!("/proc/{}/environ", pid.get())).ok()?;
    let mut variables = environment.split(|byte| *byte == 0);
    variables.find_map(|variable| {
        let variable = std::str::from_utf8(variable).ok()?;
        let mark = variable.strip_prefix(RUN_VARIABLE)?.strip_prefix('=')?;
        Some(mark.to_owned())
    })
}

fn children(file: &str) -> impl Iterator<Item = ChildPid> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let pids: Vec<_> = text
        .split_whitespace()
        .filter_map(|pid| pid.parse().ok())
        .collect();
    pids.into_iter().filter_map(ChildPid::new)
}

/// Ends them and waits for it. Returns those that lived.
pub(super) fn end(left: Vec<Left>) -> Vec<String> {
    for left in &left {
        unix::signal_process(left.pid, libc::SIGKILL);
    }
    let start = Instant::now();
    for left in &left {
        while !unix::has_ended(left.pid) && exists(left.pid) {
            if start.elapsed() > PATIENCE {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        unix::reap(left.pid);
    }
    left.into_iter().filter_map(|left| left.shown).collect()
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

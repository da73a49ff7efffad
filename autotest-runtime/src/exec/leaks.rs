//! Processes that a test leaves behind. The supervisor is their subreaper: an orphan becomes its child.

use std::collections::HashSet;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use super::procfs;
use super::stat::Stat;
use super::unix::{self, ChildPid, Instruments};

/// How long to wait for killed processes to exit.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many processes a verdict names.
const MAX_NAMES: usize = 16;

/// A process that a test left behind.
#[derive(Clone, Debug)]
struct Leftover {
    pid: ChildPid,
    name: String,
    /// Whether it is alive, not a zombie.
    lives: bool,
}

/// The environment variable that marks the processes of a run.
pub(super) const RUN_VARIABLE: &str = "AUTOTEST_RUN";

/// The value of that variable in the processes of a run.
pub(super) fn run_mark(job: &str, number: u32) -> String {
    format!("{job}/{number}")
}

/// Whether a mark belongs to a run of the job `id`.
pub(super) fn is_run_of(mark: &str, id: &str) -> bool {
    mark.strip_prefix(id)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// The kernel's list of the children of a process.
#[derive(Debug)]
pub(super) struct Children(Option<File>);

impl Children {
    /// The children of this process, if this thread starts them all.
    pub(super) fn of_this_thread() -> Children {
        let children = procfs::is_ours().then(|| File::open("/proc/thread-self/children"));
        Children(children.and_then(Result::ok))
    }

    fn of(pid: ChildPid) -> Children {
        let children = procfs::of(pid).map(|process| {
            let task = process.join("task").join(pid.get().to_string());
            File::open(task.join("children"))
        });
        Children(children.and_then(Result::ok))
    }

    /// The current children.
    fn pids(&self) -> impl Iterator<Item = ChildPid> + use<> {
        let text = self.text().unwrap_or_default();
        let pids: Vec<_> = text
            .split_ascii_whitespace()
            .filter_map(|pid| ChildPid::new(pid.parse().ok()?))
            .collect();
        pids.into_iter()
    }

    /// Reads the whole file. The kernel generates it anew whenever it is read from the beginning.
    fn text(&self) -> Option<String> {
        /// The kernel returns at most this much at once. A shorter read is the end of the list.
        const PAGE_BYTES: usize = 4096;
        let file = self.0.as_ref()?;
        let mut bytes = vec![0; 256];
        let mut length = 0;
        loop {
            let count = file.read_at(&mut bytes[length..], length as u64).ok()?;
            length += count;
            if count == 0 || length < bytes.len().min(PAGE_BYTES) {
                break;
            }
            bytes.resize(2 * bytes.len(), 0);
        }
        bytes.truncate(length);
        String::from_utf8(bytes).ok()
    }
}

/// A run that has just ended, and the processes that do not belong to it.
#[derive(Debug)]
pub(super) struct EndedRun<'a> {
    pub(super) children: &'a Children,
    /// Whether orphans of the run are among the children; otherwise all processes are searched.
    pub(super) is_subreaper: bool,
    /// The run's [`run_mark`].
    pub(super) mark: &'a str,
    pub(super) leader: ChildPid,
    /// The leaders of the other runs.
    pub(super) others: &'a HashSet<ChildPid>,
    /// Processes that belong to no run: the guardian, the preforked process, and that of the control function.
    pub(super) own: [Option<ChildPid>; 3],
}

/// Kills the processes that the run left behind. Returns those that were alive, each as `name (pid)`.
pub(super) fn end(ended: &EndedRun<'_>) -> Vec<String> {
    let start = Instant::now();
    let mut names = Vec::new();
    let mut is_first = true;
    // Repeat: a process may have started others while these were searched for.
    loop {
        let left = find(ended);
        if left.is_empty() || start.elapsed() > PATIENCE {
            return names;
        }
        left.iter().for_each(|left| ended.kill(left.pid));
        for Leftover { pid, name, lives } in left {
            wait_for(pid, start);
            unix::reap(pid);
            // A process that is found only now was started by one that was alive, even if it is a zombie.
            let is_ours = Instruments::is_symbolizer(&name);
            if (lives || !is_first) && !is_ours && names.len() < MAX_NAMES {
                names.push(format!("{name} ({})", pid.get()));
            }
        }
        is_first = false;
    }
}

/// Finds the orphans of the run, which are our children, and their descendants.
fn find(ended: &EndedRun<'_>) -> Vec<Leftover> {
    let ours = ended.children.pids();
    let mut found: Vec<ChildPid> = ours.filter(|pid| ended.owns(*pid)).collect();
    if !ended.is_subreaper {
        found.extend(procfs::processes().filter(|pid| ended.has_left(*pid)));
    }
    let mut next = 0;
    while let Some(pid) = found.get(next).copied() {
        next += 1;
        found.extend(Children::of(pid).pids());
    }
    found.into_iter().filter_map(look_at).collect()
}

/// Waits until a killed process is a zombie or gone, for a limited time since `start`.
pub(super) fn wait_for(pid: ChildPid, start: Instant) {
    while !unix::has_ended(pid) && lives(pid) && start.elapsed() <= PATIENCE {
        std::thread::sleep(Duration::from_micros(200));
    }
}

impl EndedRun<'_> {
    /// Whether a child of ours belongs to this run. If no other run is in progress, every child does, except
    /// those of our own. Otherwise the mark in its environment decides; without a mark, its group and session
    /// decide. A test can forge an environment, so a mark counts only while other runs are in progress.
    fn owns(&self, pid: ChildPid) -> bool {
        if pid == self.leader || self.own.contains(&Some(pid)) || self.others.contains(&pid) {
            return false;
        }
        self.others.is_empty()
            || match run_of(pid) {
                Some(mark) => mark == self.mark,
                None => self.is_in_group(pid),
            }
    }

    /// Whether any process, child of ours or not, belongs to this run: by the mark in its environment, or by
    /// its group or session. Zombies do not count, since only their parent can reap them.
    fn has_left(&self, pid: ChildPid) -> bool {
        let is_another = self.own.contains(&Some(pid)) || self.others.contains(&pid);
        pid != self.leader
            && !is_another
            && lives(pid)
            && (run_of(pid).is_some_and(|mark| mark == self.mark) || self.is_in_group(pid))
    }

    /// Kills a process together with its group, so that no process that is started in the group meanwhile
    /// escapes.
    fn kill(&self, pid: ChildPid) {
        unix::signal_process(pid, libc::SIGKILL);
        let group = Stat::of(pid).and_then(|stat| ChildPid::new(stat.group));
        let is_the_runs = |group: &ChildPid| {
            let is_another = self.own.contains(&Some(*group)) || self.others.contains(group);
            group.get() != unix::own_group() && !is_another
        };
        if let Some(group) = group.filter(is_the_runs) {
            unix::signal_group(group, libc::SIGKILL);
        }
    }

    fn is_in_group(&self, pid: ChildPid) -> bool {
        Stat::of(pid).is_some_and(|stat| [stat.group, stat.session].contains(&self.leader.get()))
    }
}

/// The mark in the environment with which a process was executed.
pub(super) fn run_of(pid: ChildPid) -> Option<String> {
    let environment = fs::read(procfs::of(pid)?.join("environ")).ok()?;
    let mut variables = environment.split(|byte| *byte == 0);
    variables.find_map(|variable| {
        let variable = std::str::from_utf8(variable).ok()?;
        let mark = variable.strip_prefix(RUN_VARIABLE)?.strip_prefix('=')?;
        Some(mark.to_owned())
    })
}

fn lives(pid: ChildPid) -> bool {
    Stat::of(pid).is_some_and(|stat| !stat.is_zombie)
}

/// Describes a process; `None` if it is gone.
fn look_at(pid: ChildPid) -> Option<Leftover> {
    let stat = Stat::of(pid)?;
    Some(Leftover {
        pid,
        name: stat.name,
        lives: !stat.is_zombie,
    })
}

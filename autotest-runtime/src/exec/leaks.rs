//! Ends the processes that a test leaves behind. The supervisor is their subreaper: an orphan becomes its child.

use std::collections::HashSet;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use super::mark::run_of;
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
    /// `false` for a zombie.
    lives: bool,
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
    pub(super) fn pids(&self) -> impl Iterator<Item = ChildPid> + use<> {
        let text = self.text().unwrap_or_default();
        let pids: Vec<_> = text
            .split_ascii_whitespace()
            .filter_map(|pid| ChildPid::new(pid.parse().ok()?))
            .collect();
        pids.into_iter()
    }

    /// Reads the whole file. The kernel generates it again whenever it is read from the beginning.
    fn text(&self) -> Option<String> {
        /// The kernel returns at most this much per read. A shorter read is the end of the list.
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

/// The number of children of the supervisor that belong to no run.
const OWN_PROCESSES: usize = if cfg!(feature = "sysinfo") { 4 } else { 3 };

/// The children that this process had before it started any: those of the program that executed it.
#[derive(Debug, Default)]
pub(super) struct Elders(Vec<(ChildPid, f64)>);

impl Elders {
    /// The current children.
    pub(super) fn of(children: &Children) -> Elders {
        let pids = children.pids();
        Elders(
            pids.filter_map(|pid| Some((pid, Stat::of(pid)?.since_boot_s)))
                .collect(),
        )
    }

    /// `true` if a process is one of them, and not another process with a reused id.
    fn has(&self, pid: ChildPid) -> bool {
        let elder = self.0.iter().find(|(elder, _)| *elder == pid);
        elder.is_some_and(|(_, since_boot_s)| {
            Stat::of(pid).is_some_and(|stat| stat.since_boot_s.total_cmp(since_boot_s).is_eq())
        })
    }
}

/// A run that has just ended, and the processes that do not belong to it.
#[derive(Debug)]
pub(super) struct EndedRun<'a> {
    pub(super) children: &'a Children,
    /// `true` if orphans of the run are among the children; otherwise all processes are searched.
    pub(super) is_subreaper: bool,
    /// The run's [mark](super::mark::run_mark).
    pub(super) mark: &'a str,
    pub(super) leader: ChildPid,
    /// The leaders of the other runs.
    pub(super) others: &'a HashSet<ChildPid>,
    /// Processes that belong to no run: the guardian, the preforked process, the control function, and the collector.
    pub(super) own: [Option<ChildPid>; OWN_PROCESSES],
    /// Children from before the job.
    pub(super) elders: &'a Elders,
    /// The profilers of all runs.
    #[cfg(feature = "profilers")]
    pub(super) profilers: &'a [ProfilerProcess],
}

/// The process of a profiler.
#[cfg(feature = "profilers")]
#[derive(Debug)]
pub(super) struct ProfilerProcess {
    pub(super) leader: ChildPid,
    /// The mark of the processes that it starts.
    pub(super) mark: String,
}

/// Kills the processes that the run left behind. Returns those that were alive, each as `name (pid)`.
pub(super) fn end(ended: &EndedRun<'_>) -> Vec<String> {
    let start = Instant::now();
    let mut names = Vec::new();
    let mut is_first = true;
    // Repeat: these processes may have started others during the search.
    loop {
        let left = find(ended);
        if left.is_empty() || start.elapsed() > PATIENCE {
            return names;
        }
        left.iter().for_each(|left| ended.kill(left.pid));
        for Leftover { pid, name, lives } in left {
            wait_for(pid, start);
            unix::reap(pid);
            // A process that is only found now was started by one that was alive, even if it is a zombie.
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
    /// `true` if a child of ours belongs to this run. If no other run is in progress, every child does, except our own.
    /// Otherwise the mark in its environment decides; without a mark, its group and session do. A test can forge an
    /// environment, so a mark counts only while other runs are in progress.
    fn owns(&self, pid: ChildPid) -> bool {
        let is_another = self.own.contains(&Some(pid)) || self.others.contains(&pid);
        if pid == self.leader || is_another || self.elders.has(pid) {
            return false;
        }
        #[cfg(feature = "profilers")]
        if self.is_profilers(pid) {
            return false;
        }
        self.others.is_empty()
            || match run_of(pid) {
                Some(mark) => mark == self.mark,
                None => self.is_in_group(pid),
            }
    }

    /// `true` if a process, child of ours or not, belongs to this run: by the mark in its environment, or by its group
    /// or session. Zombies do not count, since only their parent can reap them.
    fn has_left(&self, pid: ChildPid) -> bool {
        #[cfg(feature = "profilers")]
        if self.is_profilers(pid) {
            return false;
        }
        let is_another = self.own.contains(&Some(pid)) || self.others.contains(&pid);
        pid != self.leader
            && !is_another
            && lives(pid)
            && (run_of(pid).is_some_and(|mark| mark == self.mark) || self.is_in_group(pid))
    }

    /// Kills a process together with its group, so that no process that is started in the group meanwhile escapes.
    fn kill(&self, pid: ChildPid) {
        unix::signal_process(pid, libc::SIGKILL);
        let group = Stat::of(pid).and_then(|stat| ChildPid::new(stat.group));
        let is_the_runs = |group: &ChildPid| {
            let is_another = self.own.contains(&Some(*group)) || self.others.contains(group);
            #[cfg(feature = "profilers")]
            let is_another = is_another || self.is_profilers(*group);
            group.get() != unix::own_group() && !is_another
        };
        if let Some(group) = group.filter(is_the_runs) {
            unix::signal_group(group, libc::SIGKILL);
        }
    }

    /// `true` if a process is a profiler, or was started by a profiler other than the one that ended.
    #[cfg(feature = "profilers")]
    fn is_profilers(&self, pid: ChildPid) -> bool {
        let mut others = self.profilers.iter().filter(|it| it.mark != self.mark);
        !self.profilers.is_empty()
            && (self.profilers.iter().any(|it| it.leader == pid) || {
                let mark = run_of(pid);
                mark.is_some_and(|mark| others.any(|it| it.mark == mark))
            })
    }

    fn is_in_group(&self, pid: ChildPid) -> bool {
        Stat::of(pid).is_some_and(|stat| [stat.group, stat.session].contains(&self.leader.get()))
    }
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

//! Ends the processes of a job whose supervisor was killed.

use std::time::{Duration, Instant};

use super::cgroup::Cgroup;
use super::mark;
use super::procfs;
use super::stat::Stat;
use super::unix::{self, ChildPid};

/// How long to try to kill processes.
const PATIENCE: Duration = Duration::from_secs(2);

/// The tolerance when comparing start times: `/proc` counts in hundredths of a second.
const START_S: f64 = 0.1;

/// The process of a run that was in progress: its id, and its start time in seconds since boot.
#[derive(Clone, Copy, Debug)]
struct Leader {
    pid: ChildPid,
    since_boot_s: f64,
}

/// Kills the processes of the job `id`, and those in the groups and sessions of `leaders`, the processes of its runs.
/// The caller must be in the same boot and pid namespace: elsewhere, the ids belong to other processes.
pub(crate) fn end_processes_of(id: &str, leaders: impl Iterator<Item = (i32, f64)>) {
    let leaders: Vec<Leader> = leaders
        .filter_map(Leader::new)
        .filter(Leader::is_not_someone_else)
        .collect();
    Cgroup::end_left(id);
    let start = Instant::now();
    // Repeat: a process may have started another before it was killed.
    loop {
        let left: Vec<ChildPid> = procfs::processes()
            .filter(|pid| is_of(*pid, id, &leaders))
            .collect();
        if left.is_empty() || start.elapsed() > PATIENCE {
            return;
        }
        left.iter()
            .for_each(|pid| unix::signal_process(*pid, libc::SIGKILL));
        std::thread::sleep(Duration::from_millis(2));
    }
}

impl Leader {
    /// `None` if the id in the journal cannot be that of a test's process.
    fn new((pid, since_boot_s): (i32, f64)) -> Option<Leader> {
        let pid = ChildPid::new(pid)?;
        Some(Leader { pid, since_boot_s })
    }

    /// `false` if another process has its id now. The kernel does not reuse an id while members of its group live.
    fn is_not_someone_else(&self) -> bool {
        let stat = Stat::of(self.pid);
        stat.is_none_or(|stat| (stat.since_boot_s - self.since_boot_s).abs() < START_S)
    }
}

fn is_of(pid: ChildPid, id: &str, leaders: &[Leader]) -> bool {
    let Some(stat) = Stat::of(pid).filter(|stat| !stat.is_zombie) else {
        return false;
    };
    let is_member = |leader: &Leader| {
        [pid.get(), stat.group, stat.session].contains(&leader.pid.get())
            && stat.since_boot_s + START_S > leader.since_boot_s
    };
    leaders.iter().any(is_member)
        || mark::run_of(pid).is_some_and(|mark| mark::is_run_of(&mark, id))
}

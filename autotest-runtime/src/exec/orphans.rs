//! What is left running of a job whose supervisor was killed: nobody was there to end it.

use std::fs;
use std::time::{Duration, Instant};

use super::cgroup::Cgroup;
use super::leaks;
use super::unix::{self, ChildPid};

/// No more time than this is spent on processes that will not go.
const PATIENCE: Duration = Duration::from_secs(2);

/// How exactly a start time is known: `/proc` counts in hundredths of a second.
const START_S: f64 = 0.1;

/// The process of a run that was on: its id and when it was started, in seconds since boot.
#[derive(Clone, Copy, Debug)]
struct Leader {
    pid: i32,
    since_boot_s: f64,
}

/// Ends the processes of the job `id` that live on, and those in the groups and sessions of its runs'
/// processes. Only in the boot in which they were started: their numbers mean nothing in another.
pub(crate) fn end_processes_of(id: &str, leaders: impl Iterator<Item = (i32, f64)>) {
    let leaders: Vec<Leader> = leaders
        .map(|(pid, since_boot_s)| Leader { pid, since_boot_s })
        .filter(Leader::is_not_someone_else)
        .collect();
    Cgroup::end_left(id);
    let start = Instant::now();
    // One that is killed may have started another meanwhile.
    loop {
        let left: Vec<ChildPid> = processes()
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
    /// Its number may have been given to another process since; while members of its group live, it
    /// can not.
    fn is_not_someone_else(&self) -> bool {
        match stat(self.pid) {
            Some(stat) => (stat.since_boot_s - self.since_boot_s).abs() < START_S,
            None => true,
        }
    }
}

fn is_of(pid: ChildPid, id: &str, leaders: &[Leader]) -> bool {
    let Some(stat) = stat(pid.get()).filter(|stat| !stat.is_zombie) else {
        return false;
    };
    let is_member = |leader: &Leader| {
        [pid.get(), stat.group, stat.session].contains(&leader.pid)
            && stat.since_boot_s + START_S > leader.since_boot_s
    };
    leaders.iter().any(is_member)
        || leaks::run_of(pid).is_some_and(|mark| leaks::is_run_of(&mark, id))
}

fn processes() -> impl Iterator<Item = ChildPid> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let own = std::process::id().cast_signed();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(move |pid| *pid != own)
        .filter_map(ChildPid::new)
}

/// What `/proc/PID/stat` says of a process.
#[derive(Debug)]
struct Stat {
    is_zombie: bool,
    group: i32,
    session: i32,
    since_boot_s: f64,
}

fn stat(pid: i32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    // Behind the name: state, parent, group, session; the 20th is the start time (proc(5)).
    let ticks: f64 = fields.get(19)?.parse().ok()?;
    Some(Stat {
        is_zombie: *fields.first()? == "Z",
        group: fields.get(2)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
        since_boot_s: ticks / unix::clock_ticks(),
    })
}

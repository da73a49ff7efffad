//! A process that ends the processes of tests if the supervisor is killed.
//!
//! A test's own process dies with the supervisor (PDEATHSIG), but its descendants do not. The guardian waits for the
//! end of a pipe that only the supervisor holds open. While the supervisor lives, the guardian must not do anything
//! else. After an orderly end, it removes the job's control group.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::Duration;

use autotest_report::{Summary, journal};

use super::cgroup::Cgroup;
#[cfg(feature = "crash-handler")]
use super::crash;
use super::orphans;
use super::unix::{self, ChildPid, Forked};
#[cfg(feature = "profilers")]
use crate::built_in;

/// How long to wait for the lock of the journal: `--replay` holds it briefly, and a resumed job until its end.
const PATIENCE: Duration = Duration::from_millis(500);

/// The guardian of a job.
#[derive(Debug)]
pub(super) struct Guardian {
    pub(super) pid: ChildPid,
    /// The write end of the pipe; the guardian sees it close when this process ends.
    alive: File,
    /// Whether this process is in the job's control group.
    is_grouped: bool,
}

/// The job whose processes the guardian ends.
#[derive(Debug)]
pub(super) struct GuardedJob {
    /// The id of the job.
    pub(super) id: String,
    pub(super) jobdir: PathBuf,
    /// The process id of the supervisor.
    pub(super) supervisor: u32,
}

impl Guardian {
    /// Starts the guardian, and moves this process, with all processes that it will start, into a control group for the
    /// job, if one is available.
    ///
    /// # Errors
    /// If the fork fails.
    pub(super) fn start(job: GuardedJob, null: &OwnedFd) -> io::Result<Guardian> {
        let (pipe, alive) = unix::blocking_pipe()?;
        let cgroup = Cgroup::create(&job.id);
        match unix::fork()? {
            Forked::Child => {
                let _ = guard(job, cgroup, pipe, null);
                unix::exit_now(0)
            }
            Forked::Parent(pid) => {
                let is_grouped = match cgroup {
                    Some(cgroup) if cgroup.enter().is_ok() => true,
                    Some(cgroup) => {
                        cgroup.end();
                        false
                    }
                    None => false,
                };
                let alive = File::from(alive);
                Ok(Guardian {
                    pid,
                    alive,
                    is_grouped,
                })
            }
        }
    }

    /// Called when all runs have ended. The guardian removes the control group after this process has exited: leaving
    /// the group earlier would cost a job 10 to 20 ms, since the kernel waits for all processors.
    pub(super) fn dismiss(mut self) {
        if self.is_grouped && self.alive.write_all(b"x").is_ok() {
            // The pipe stays open until this process exits.
            std::mem::forget(self.alive);
        } else {
            // SIGKILL, since a test may have stopped the guardian.
            unix::signal_process(self.pid, libc::SIGKILL);
            unix::wait_for_end(self.pid);
            unix::reap(self.pid);
        }
    }
}

/// The guardian's process: waits for the end of the supervisor, then cleans up.
fn guard(job: GuardedJob, cgroup: Option<Cgroup>, pipe: OwnedFd, null: &OwnedFd) -> io::Result<()> {
    unix::begin_session(c"autotest-guard");
    for fd in 0..=2 {
        unix::redirect(null, fd)?;
    }
    let [pipe] = unix::keep_only([pipe])?;
    let mut pipe = File::from(pipe);
    let is_orderly = pipe.read(&mut [0])? > 0;
    if is_orderly {
        // Wait until the supervisor has ended.
        let _ = pipe.read(&mut [0]);
    }
    #[cfg(feature = "crash-handler")]
    crash::forget(&job.id, job.supervisor);
    // The lock keeps the job from being resumed meanwhile.
    let journal = File::open(job.jobdir.join(journal::NAME)).ok();
    let is_held = |file: &File| journal::hold(file, PATIENCE);
    if !journal.as_ref().is_none_or(is_held) || (is_orderly && is_removed(cgroup.as_ref())) {
        return Ok(());
    }
    let recorded = match &journal {
        Some(file) => Summary::of(file.try_clone()?),
        None => Summary::default(),
    };
    // If the job has been resumed, its new supervisor has killed the leftovers, and the current processes and control
    // group are its own. It may have released the lock already, while exiting.
    if ![0, job.supervisor].contains(&recorded.supervisor) {
        return Ok(());
    }
    match cgroup {
        Some(cgroup) if is_orderly => cgroup.end(),
        _ => {
            orphans::end_processes_of(&job.id, leaders(recorded));
            #[cfg(feature = "profilers")]
            built_in::remove_left();
        }
    }
    Ok(())
}

/// Removes an empty control group.
fn is_removed(cgroup: Option<&Cgroup>) -> bool {
    cgroup.is_none_or(Cgroup::remove)
}

/// The processes of the runs that were in progress: their ids, and their start times in seconds since boot.
fn leaders(recorded: Summary) -> impl Iterator<Item = (i32, f64)> {
    let processes = recorded
        .open
        .into_iter()
        .filter_map(|(_, open)| open.process);
    processes.map(|process| (process.pid, process.since_boot_s))
}

//! A process that ends the processes of tests if the supervisor is killed.
//!
//! A test's own process dies with the supervisor (PDEATHSIG), but its descendants do not. The guardian waits
//! for the end of a pipe that only the supervisor has open. While the supervisor lives, it must not do
//! anything else. After an orderly end it removes the job's control group.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use autotest_report::{Summary, journal};

use super::cgroup::Cgroup;
use super::orphans;
use super::unix::{self, ChildPid, Forked};

/// How long to wait for the lock of the journal: `--replay` holds it for a short time, and a resumed job
/// until its end.
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
}

impl Guardian {
    /// Starts the guardian, and moves this process, with all processes that it will start, into a control
    /// group for the job, where one is available.
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

    /// Called when all runs have ended. The guardian removes the control group after this process has ended:
    /// to leave the group earlier would cost a job 10 to 20 ms, since the kernel waits for all processors.
    pub(super) fn dismiss(mut self) {
        if self.is_grouped && self.alive.write_all(b"x").is_ok() {
            // The pipe stays open until this process ends.
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
    // If the journal is locked, the job has been resumed. The resumed job has ended the leftover processes;
    // those that run now, and the control group, are its own.
    let journal = File::open(job.jobdir.join(journal::NAME)).ok();
    if journal
        .as_ref()
        .is_some_and(|file| !journal::hold(file, PATIENCE))
    {
        return Ok(());
    }
    match (is_orderly, cgroup) {
        (true, Some(cgroup)) => cgroup.end(),
        (true, None) => {}
        (false, _) => orphans::end_processes_of(&job.id, leaders(&job.jobdir).into_iter()),
    }
    Ok(())
}

/// The processes of the runs that were in progress, from the journal: their ids and start times in seconds
/// since boot.
fn leaders(jobdir: &Path) -> Vec<(i32, f64)> {
    let Ok(journal) = File::open(jobdir.join(journal::NAME)) else {
        return Vec::new();
    };
    let open = Summary::of(journal).open;
    let processes = open.into_iter().filter_map(|(_, open)| open.process);
    processes
        .map(|process| (process.pid, process.since_boot_s))
        .collect()
}

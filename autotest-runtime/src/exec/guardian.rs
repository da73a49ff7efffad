//! A process that outlives the supervisor if that is killed, and ends what it left running.
//!
//! A test's own process dies with the supervisor (PDEATHSIG), its descendants do not. The guardian
//! waits for the end of a pipe that only the supervisor has open. It must not do anything else while the
//! supervisor lives; behind one that ended in order it removes the control group of the job.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use autotest_report::{Summary, journal};

use super::cgroup::Cgroup;
use super::orphans;
use super::unix::{self, ChildPid, Forked};

/// How long somebody else may have the journal who does not go on with the job: `--replay`.
const PATIENCE: Duration = Duration::from_millis(500);

/// The guardian of a job.
#[derive(Debug)]
pub(super) struct Guardian {
    pub(super) pid: ChildPid,
    /// Its other side ends when we do.
    alive: File,
    /// Whether this process is in a control group of the job.
    is_grouped: bool,
}

/// Whose processes it ends.
#[derive(Debug)]
pub(super) struct Ward {
    /// The job.
    pub(super) id: String,
    pub(super) jobdir: PathBuf,
}

impl Guardian {
    /// Starts it, and puts this process and all that it starts from now on into a control group of the
    /// job, where one is available.
    ///
    /// # Errors
    /// If there can be no further process.
    pub(super) fn start(ward: Ward, null: &OwnedFd) -> io::Result<Guardian> {
        let (pipe, alive) = unix::blocking_pipe()?;
        let cgroup = Cgroup::create(&ward.id);
        match unix::fork()? {
            Forked::Child => {
                let _ = guard(ward, cgroup, pipe, null);
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

    /// Nothing is left to be ended but the group, once that this process is not in it any more. To leave
    /// it before its end would take a job 10 to 20 ms, for which the kernel waits until all processors have
    /// seen it.
    pub(super) fn dismiss(mut self) {
        if self.is_grouped && self.alive.write_all(b"x").is_ok() {
            // It ends with this process.
            std::mem::forget(self.alive);
        } else {
            // A test may have stopped it.
            unix::signal_process(self.pid, libc::SIGKILL);
            unix::wait_for_end(self.pid);
            unix::reap(self.pid);
        }
    }
}

/// In the guardian: waits, and does its duty.
fn guard(ward: Ward, cgroup: Option<Cgroup>, pipe: OwnedFd, null: &OwnedFd) -> io::Result<()> {
    unix::begin_session(c"autotest-guard");
    for fd in 0..=2 {
        unix::redirect(null, fd)?;
    }
    let [pipe] = unix::keep_only([pipe])?;
    let mut pipe = File::from(pipe);
    let is_orderly = pipe.read(&mut [0])? > 0;
    if is_orderly {
        // Until the supervisor ends.
        let _ = pipe.read(&mut [0]);
    }
    // The job may go on already, and who does that has ended what was left: what is there now, and the
    // group of that name, is its own.
    let journal = File::open(ward.jobdir.join(journal::NAME)).ok();
    if journal
        .as_ref()
        .is_some_and(|file| !journal::hold(file, PATIENCE))
    {
        return Ok(());
    }
    match (is_orderly, cgroup) {
        (true, Some(cgroup)) => cgroup.end(),
        (true, None) => {}
        (false, _) => orphans::end_processes_of(&ward.id, leaders(&ward.jobdir).into_iter()),
    }
    Ok(())
}

/// The processes of the runs that were in progress, as the journal has them.
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

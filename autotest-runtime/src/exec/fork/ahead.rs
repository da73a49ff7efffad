//! The process of the next run, made while this one is on.
//!
//! To fork and to become a test's process takes longer than a short test does. Where tests are short and
//! a processor is to spare, that is done ahead: the process waits for the word to begin. It must not be
//! told before the run before it is over, with all that it left; what happens to it until then is not its
//! run's: it is made again.

use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use super::Forking;
use crate::exec::leaks;
use crate::exec::life::Life;
use crate::exec::slot::Running;
use crate::exec::unix::{self, Change, ChildPid, Gate};
use crate::plan::PlannedRun;

/// What the supervisor has of what connects it with a run's process.
#[derive(Debug)]
pub(super) struct Ours {
    pub(super) channel: OwnedFd,
    pub(super) stdout: OwnedFd,
    pub(super) stderr: OwnedFd,
}

/// A process that waits until its run begins.
#[derive(Debug)]
pub(super) struct Waiting {
    /// The run's.
    pub(super) number: u32,
    pub(super) pid: ChildPid,
    /// When it was made.
    pub(super) since_boot: Duration,
    /// It waits here.
    pub(super) gate: Gate,
    pub(super) ours: Ours,
}

impl Waiting {
    /// Lets it begin.
    pub(super) fn begin(self) -> io::Result<Waiting> {
        match self.gate.open() {
            Ok(()) => Ok(self),
            Err(error) => {
                self.discard();
                Err(error)
            }
        }
    }

    /// Ends it without a run. One that somebody traces may end later, and is reaped then.
    pub(super) fn discard(self) {
        unix::signal_group(self.pid, libc::SIGKILL);
        unix::signal_process(self.pid, libc::SIGKILL);
        leaks::wait_for(self.pid, Instant::now());
        unix::reap(self.pid);
    }
}

impl Forking {
    /// Makes the process of `next`, which follows the runs that are on, where that gains something. That it
    /// can not be made now is nobody's fault.
    pub(super) fn make_ahead(&mut self, next: Option<&PlannedRun>) {
        let Some(run) = next.filter(|_| self.ahead.is_none() && self.pace.makes_ahead()) else {
            return;
        };
        let number = self.runs + 1;
        let places = self.job.places(run, number);
        let life = Life {
            directories: Some(places.made(places.tmpdir())),
            timeout: self.job.timeout(run),
            ..self.job.life(run, number)
        };
        match self.make(number, run.test, life) {
            Ok(waiting) => self.ahead = Some(waiting),
            Err(_) => self.pace.take_time(),
        }
    }

    /// The process that was made for a run, if there is one. A subtest that came in between took its
    /// number.
    pub(super) fn take_ahead(&mut self, on: &Running) -> Option<Waiting> {
        if on.parent.is_some() {
            return None;
        }
        let waiting = self.ahead.take()?;
        if waiting.number == on.number {
            return Some(waiting);
        }
        waiting.discard();
        None
    }

    pub(super) fn discard_ahead(&mut self) {
        if let Some(waiting) = self.ahead.take() {
            waiting.discard();
        }
    }

    /// A child that is no test's process changed its state.
    pub(super) fn on_change_of_another(&mut self, pid: ChildPid, change: Change) {
        let is_ahead = |waiting: &mut Waiting| waiting.pid == pid;
        match change {
            Change::Stopped(_) => {
                unix::note_stop(pid);
                if self.ahead.as_mut().is_some_and(is_ahead) {
                    unix::signal_process(pid, libc::SIGCONT);
                }
            }
            Change::Exited(_) | Change::Killed(_) => {
                unix::reap(pid);
                self.ahead.take_if(is_ahead);
            }
        }
    }
}

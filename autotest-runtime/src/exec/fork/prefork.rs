//! The process of the next run, made while this one is on.
//!
//! To fork and to become a test's process takes longer than a short test does. Where tests are short and
//! a processor is to spare, that is done ahead: the process waits for the word to begin. It must not be
//! told before the run before it is over, with all that it left; what happens to it until then is not its
//! run's: it is made again.

use super::Forking;
use super::waiting::Waiting;
use crate::exec::life::Life;
use crate::exec::slot::Running;
use crate::exec::source::Asker;
use crate::exec::unix::{self, Change, ChildPid};

impl Forking {
    /// Makes the process of the run that follows those in progress, where that gains something. That it can
    /// not be made now is nobody's fault.
    pub(super) fn make_ahead(&mut self) {
        if self.ahead.is_some() || !self.pace.makes_ahead() {
            return;
        }
        let Some(run) = self.source.upcoming() else {
            return;
        };
        let (test, number) = (run.test, self.runs + 1);
        let life = self.job.life(run, number);
        let life = Life {
            directories: Some(life.places.made(life.places.tmpdir())),
            timeout: self.job.timeout(run),
            ..life
        };
        match self.make(number, test, life) {
            Ok(waiting) => self.ahead = Some(waiting),
            Err(_) => self.pace.take_time(),
        }
    }

    /// The process that was made for a run, if there is one. A subtest that came in between took its
    /// number.
    pub(super) fn take_ahead(&mut self, on: &Running) -> Option<Waiting> {
        if on.asker != Asker::Job {
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

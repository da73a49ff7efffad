//! The process of the next run, forked while the current one runs.
//!
//! Forking and setting up a test's process takes longer than a short test. If tests are short and a processor is idle,
//! the next process is forked early and waits at its gate. The gate must not open before the previous run is over and
//! its leaked processes have ended. If a test harms the waiting process, the next run is not blamed: its process is
//! forked again.

use std::io;

use super::Forking;
use super::waiting::WaitingProcess;
use crate::exec::Isolation;
use crate::exec::child;
use crate::exec::mark;
use crate::exec::run_spec::RunSpec;
use crate::exec::slot::ActiveRun;
use crate::exec::unix::{self, Change, ChildPid};
use crate::exec::wire::Channel;
use crate::plan::PlannedRun;

impl Forking {
    /// Forks the process of the next run if that saves time. A failed fork is not an error: the process is forked when
    /// the run starts.
    pub(super) fn prefork(&mut self) {
        if self.preforked.is_some() || !self.recent.pays_to_prefork() {
            return;
        }
        let forked = match self.job_source().upcoming().cloned() {
            Some(run) => self.fork_upcoming(&run),
            None if self.may_request() => self.fork_unassigned(),
            None => return,
        };
        match forked {
            Ok(waiting) => self.preforked = Some(waiting),
            Err(_) => self.recent.fork_failed(),
        }
    }

    fn fork_upcoming(&self, run: &PlannedRun) -> io::Result<WaitingProcess> {
        let (test, number) = (run.test, self.runs + 1);
        let spec = self.job.run_spec(run, number);
        let spec = RunSpec {
            directories: Some(spec.places.made(spec.places.tmpdir())),
            timeout: self.job.timeout(run),
            ..spec
        };
        self.fork_test(number, test, spec)
    }

    /// `true` if a control function may request another run, so that a process for it is not forked in vain.
    fn may_request(&self) -> bool {
        let has_control = self
            .control
            .as_ref()
            .is_some_and(|control| control.process().is_some());
        has_control && self.isolation == Isolation::Fork
    }

    /// Forks a process for a run that is not known yet.
    fn fork_unassigned(&self) -> io::Result<WaitingProcess> {
        let registry = self.job.registry;
        let mark = mark::run_mark(&self.job.id, 0);
        let execute = |channel| child::execute_assigned(Channel::new(channel), registry);
        self.fork_process(None, &mark, None, execute)
    }

    /// Takes the preforked process for a run, if there is one. Discards it if a subtest has taken the run's number
    /// meanwhile.
    pub(super) fn take_preforked(&mut self, active: &ActiveRun) -> Option<WaitingProcess> {
        if active.requester.parent().is_some() {
            return None;
        }
        let waiting = self.preforked.take()?;
        if waiting.number.is_none_or(|number| number == active.number) {
            return Some(waiting);
        }
        waiting.discard();
        None
    }

    pub(super) fn discard_preforked(&mut self) {
        if let Some(waiting) = self.preforked.take() {
            waiting.discard();
        }
    }

    /// Handles a change of state of a child that is not the process of a run in progress.
    pub(super) fn on_change_of_another(&mut self, pid: ChildPid, change: Change) {
        let is_preforked = |waiting: &mut WaitingProcess| waiting.pid == pid;
        match change {
            Change::Stopped(_) => {
                unix::note_stop(pid);
                if self.preforked.as_mut().is_some_and(is_preforked) {
                    unix::signal_process(pid, libc::SIGCONT);
                }
            }
            #[cfg(feature = "sysinfo")]
            Change::Exited(_) | Change::Killed(_) if self.collector.pid() == Some(pid) => {
                self.lose_collector(change);
            }
            Change::Exited(_) | Change::Killed(_) => {
                unix::reap(pid);
                self.preforked.take_if(is_preforked);
            }
        }
    }
}

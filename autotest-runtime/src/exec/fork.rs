//! Each run in a process of its own, forked from this one: the supervisor.
//!
//! The supervisor has one thread and one loop, which waits for nothing but poll. Whatever a test
//! does, its run comes to an end here, with a verdict that says what happened.

mod begin;
mod end;
mod turn;

use std::io;

use super::Executor;
use super::job::{Conclusion, Job};
use super::slot::Slot;
use super::unix::{self, Signals};
use crate::plan::PlannedRun;

/// What the supervisor reads at once.
const BUFFER_BYTES: usize = 64 << 10;

/// Executes runs in processes of their own.
pub(crate) struct Forking {
    job: Job,
    signals: Signals,
    /// The runs that are on: a test, and the subtests that are run for it.
    slots: Vec<Slot>,
    runs: u32,
    buffer: Vec<u8>,
    conclusion: Conclusion,
}

impl Forking {
    /// # Errors
    /// If signals can not be had as a descriptor.
    pub(crate) fn new(job: Job) -> io::Result<Forking> {
        let ends = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP];
        let handled = [&ends[..], &[libc::SIGCHLD, libc::SIGTSTP]].concat();
        unix::become_subreaper();
        unix::ignore_file_size_signal();
        unix::do_not_ignore_children();
        Ok(Forking {
            job,
            signals: Signals::block(&handled)?,
            slots: Vec::new(),
            runs: 0,
            buffer: vec![0; BUFFER_BYTES],
            conclusion: Conclusion::default(),
        })
    }
}

impl Executor for Forking {
    fn execute(&mut self, runs: &[PlannedRun]) -> Conclusion {
        self.conclusion.fail_fast = self.job.options.fail_fast;
        let mut runs = runs.iter();
        loop {
            while self.has_free_slot() && !self.conclusion.is_over() {
                match runs.next() {
                    Some(run) => self.start(run.clone(), None, false),
                    None => break,
                }
            }
            if self.slots.is_empty() {
                break;
            }
            self.turn();
        }
        std::mem::take(&mut self.conclusion)
    }
}

impl Forking {
    /// A subtest takes no slot: its parent waits for it.
    fn has_free_slot(&self) -> bool {
        let taken = self.slots.iter().filter(|slot| slot.on.parent.is_none());
        taken.count() < self.job.options.slots.get()
    }
}

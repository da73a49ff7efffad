//! Holds time limits while the supervisor works for a run: those of the run, and those of the runs that wait for it.

use super::Forking;
use crate::exec::process::Process;
use crate::exec::slot::Slot;

impl Forking {
    /// Suspends the deadlines of a run and of the runs that wait for it.
    pub(super) fn hold_time(&mut self, number: u32) {
        self.each_waiting(number, Process::hold_deadline);
    }

    /// Resumes these deadlines.
    pub(super) fn release_time(&mut self, number: u32) {
        self.each_waiting(number, Process::release_deadline);
    }

    /// Calls `f` with the process of a run, if it has one, then with that of the run that waits for it, and so on.
    fn each_waiting(&mut self, number: u32, f: impl Fn(&mut Process)) {
        let mut next = Some(number);
        while let Some(number) = next {
            next = self.caller_of(number);
            let mut slots = self.slots.iter_mut();
            if let Some(slot) = slots.find(|slot| slot.active.number == number) {
                f(&mut slot.process);
            }
        }
    }

    fn caller_of(&self, number: u32) -> Option<u32> {
        let is_it = |slot: &&Slot| slot.active.number == number;
        #[cfg(feature = "profilers")]
        let slot = self.profiled_slots().find(is_it);
        #[cfg(not(feature = "profilers"))]
        let slot = self.slots.iter().find(is_it);
        slot?.active.requester.parent()
    }
}

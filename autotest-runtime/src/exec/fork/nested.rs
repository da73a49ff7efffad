//! Records the runs of a package's job as runs of this job, below the package's run.

use autotest_core::Event;

use super::Forking;
use crate::exec::nested::Above;

impl Forking {
    /// Records an event of a run in the job of a package, whose own run is `number`.
    pub(super) fn record_nested(&mut self, number: u32, run: u32, event: Event) {
        let mut slots = self.slots.iter_mut();
        let Some(slot) = slots.find(|slot| slot.active.number == number) else {
            return;
        };
        let above = Above {
            number,
            subdir: &slot.active.run.name.subdir,
        };
        let next = self.runs + 1;
        if let Some((number, event)) = slot.nested.translate(run, event, above, next) {
            self.runs = self.runs.max(number);
            self.job.record(number, event);
        }
    }

    /// Ends the runs of a package's job that the job itself did not end.
    pub(super) fn end_nested(&mut self, i: usize) {
        for (number, event) in self.slots[i].nested.missing_ends() {
            self.job.record(number, event);
        }
    }
}

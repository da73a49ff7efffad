//! `--leaks`: compares the target before and after a run.

use autotest_core::{Kind, LeakPolicy, Verdict};

use super::Forking;
use crate::exec::slot::ActiveRun;

impl Forking {
    /// Reads the state of the target before a run, if changes are to be reported. A subtest's changes count as its
    /// parent's.
    pub(super) fn watch_begin(&mut self, active: &ActiveRun) {
        if active.requester.parent().is_some() {
            return;
        }
        match self.job.leaks(&active.run) {
            LeakPolicy::Off => self.watch.forget(),
            LeakPolicy::Warn | LeakPolicy::Fail => {
                let others = self.has_others();
                self.watch.begin(&active.run.name.tagged_testname, others);
            }
        }
    }

    /// Reads the state of the target after a run that ended with this verdict. Returns the final verdict.
    pub(super) fn watch_end(
        &mut self,
        active: &ActiveRun,
        verdict: Option<Verdict>,
    ) -> Option<Verdict> {
        let policy = self.job.leaks(&active.run);
        if policy == LeakPolicy::Off || active.requester.parent().is_some() {
            return verdict;
        }
        let others = self.has_others();
        let changed = self.watch.end(&active.run.name.tagged_testname, others);
        let Some(changed) = changed else {
            return verdict;
        };
        let kind = match policy {
            LeakPolicy::Fail => Kind::Fail,
            LeakPolicy::Off | LeakPolicy::Warn => Kind::Warn,
        };
        let found = Verdict::new(kind, changed);
        match verdict {
            None => Some(found),
            Some(own) if kind == Kind::Fail && !own.kind.status().is_failure() => {
                self.suppress(active.number, own, "end");
                Some(found)
            }
            Some(own) => {
                self.suppress(active.number, found, "end");
                Some(own)
            }
        }
    }

    /// `true` if another run of the job is in progress.
    fn has_others(&self) -> bool {
        self.runs_of_job().next().is_some()
    }
}

//! Assigns the kernel's records of a crash to the runs that it interrupted.
//!
//! The records are on disk before the journal says so, and are removed from the kernel's store only after that. So a
//! power loss at any of these steps loses no record, and no record is taken for another crash.

use std::path::Path;

use autotest_core::{Event, JobResume, Kind, Verdict};
use autotest_report::Summary;

use super::cut_off::has_rebooted;
use crate::exec::KernelRecords;
use crate::hub::Hub;

/// The records of a crash.
#[derive(Debug)]
pub(super) struct KernelCrash {
    /// The ids of all records of the target.
    ids: Vec<String>,
    /// The records that were copied.
    copied: KernelRecords,
    /// The kernel's message; empty if there is none.
    pub(super) line: String,
    /// The runs in progress to which the records could not be copied, with the reasons.
    failures: Vec<(u32, String)>,
}

impl KernelCrash {
    /// Copies the records that are new since the journal was last written to the runs in progress, or to the job if
    /// there are none. If the target has not rebooted, the kernel has not crashed.
    pub(super) fn copied(summary: &Summary, jobdir: &Path) -> KernelCrash {
        let records = KernelRecords::of_target();
        let ids = records.ids();
        let new = match has_rebooted(summary) {
            true => records.without(&summary.kernel_records),
            false => KernelRecords::default(),
        };
        let open = summary.open.iter();
        let open: Vec<_> = open.filter(|(_, o)| o.start.parent.is_none()).collect();
        let since = open.iter().map(|(_, open)| open.began);
        let mut crash = KernelCrash {
            ids,
            line: new.crash(since.fold(f64::INFINITY, f64::min)),
            copied: new,
            failures: Vec::new(),
        };
        for (run, open) in &open {
            let moved = summary.amendments.moved.get(run);
            let moved = moved.filter(|moved| jobdir.join(moved).exists());
            let subdir = moved.unwrap_or(&open.start.subdir);
            crash.copy_to(**run, jobdir, subdir);
        }
        if open.is_empty() {
            crash.copy_to(0, jobdir, "");
        }
        crash
    }

    fn copy_to(&mut self, run: u32, jobdir: &Path, subdir: &str) {
        if self.copied.is_empty() {
            return;
        }
        // Some file systems have lost a directory that was created just before the crash.
        let _ = std::fs::create_dir(jobdir.join(subdir));
        if let Err(error) = self.copied.copy(jobdir, subdir) {
            let reason = format!("failed to copy what the kernel stored of its crash: {error}");
            self.failures.push((run, reason));
        }
    }

    /// Adds the ids, for later supervisors.
    pub(super) fn describe(&self, job: JobResume) -> JobResume {
        JobResume {
            kernel_records: self.ids.clone(),
            ..job
        }
    }

    /// Called once all of this is in the journal: removes the records from the kernel's store.
    pub(super) fn finish(self, hub: &mut Hub) {
        if self.failures.is_empty() {
            self.copied.remove_from_store();
        }
        for (run, reason) in self.failures {
            if run == 0 {
                hub.add_failure(reason);
                continue;
            }
            let verdict = Verdict::new(Kind::Warn, reason);
            let origin = "sysinfo".to_owned();
            hub.send(run, Event::Suppressed { verdict, origin });
        }
    }
}

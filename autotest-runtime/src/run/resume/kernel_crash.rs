//! What the kernel said when it crashed belongs to the runs that it interrupted.
//!
//! The records are on the disk before the journal says so, and leave the kernel's store only after that. So a target
//! that loses power at any of these steps loses none of them, and none is taken for another crash.

use std::path::Path;

use autotest_core::{Event, JobResume, Kind, Verdict};
use autotest_report::Summary;

use super::cut_off::has_rebooted;
use crate::exec::KernelRecords;
use crate::hub::Hub;

/// The records of a crash.
#[derive(Debug)]
pub(super) struct KernelCrash {
    /// All that the target has.
    ids: Vec<String>,
    /// Those that were copied.
    copied: KernelRecords,
    /// The kernel's words; empty if there are none.
    pub(super) line: String,
    /// The runs in progress, and why they do not have the records.
    failures: Vec<(u32, String)>,
}

impl KernelCrash {
    /// Copies the records that are new since the journal was last written to the runs in progress; to the job, if
    /// there are none. If the target has not rebooted, no kernel has crashed.
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
        // Not every file system has kept a directory that was made just before the crash.
        let _ = std::fs::create_dir(jobdir.join(subdir));
        if let Err(error) = self.copied.copy(jobdir, subdir) {
            let reason = format!("failed to copy what the kernel stored of its crash: {error}");
            self.failures.push((run, reason));
        }
    }

    /// Adds what later supervisors must know.
    pub(super) fn describe(&self, job: JobResume) -> JobResume {
        JobResume {
            kernel_records: self.ids.clone(),
            ..job
        }
    }

    /// Called once the journal has all of this: makes room in the kernel's store.
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

//! The runs that a crash or a signal interrupted, and how each is continued.
//!
//! This module decides; its only side effect is renaming directories.

use std::collections::HashSet;
use std::path::Path;

use autotest_core::{
    Answer, Args, Directories, Event, INTERRUPTED, JobResume, JobStart, Kind, Recovery, SmallMap,
    TestStart, Verdict, name,
};
use autotest_report::{Earlier, Open, Summary, identity};

use crate::data_files::DataDirs;
use crate::exec::{self, List, Unfinished, Work};
use crate::host::Places;
use crate::hub::Hub;
use crate::identity;
use crate::plan::{PlannedRun, Runs};
use crate::registry::Registry;

/// The runs that a crash or a signal interrupted.
pub(super) struct CutOff<'a> {
    summary: &'a Summary,
    /// `true` if the target has rebooted since the journal was last written.
    has_rebooted: bool,
    /// The kernel's message about its crash since then; empty if there is none.
    kernel_crash: String,
    most_attempts: u32,
    /// The new directory names of planned runs that will be repeated, by number of the run.
    moved: SmallMap<u32, String>,
    /// The values of secret arguments.
    secrets: Args,
}

impl<'a> CutOff<'a> {
    pub(super) fn new(
        summary: &'a Summary,
        jobdir: &Path,
        most_attempts: u32,
        secrets: Args,
    ) -> CutOff<'a> {
        let mut cut_off = CutOff {
            summary,
            has_rebooted: has_rebooted(summary),
            kernel_crash: String::new(),
            most_attempts,
            moved: SmallMap::new(),
            secrets,
        };
        let on = summary.open.iter().map(|(run, open)| (*run, &open.start));
        let on = on.filter(|(_, start)| start.parent.is_none());
        let is_known = |run: &u32| summary.amendments.moved.contains_key(run);
        let on = on.filter(|(run, start)| is_known(run) || !cut_off.is_final(identity(start)));
        let interrupted = summary.interrupted.iter();
        let interrupted = interrupted.map(|(run, start)| (*run, start));
        let mut names: HashSet<String> = summary.amendments.moved.values().cloned().collect();
        let planned = summary.job.iter().flat_map(|job| &job.plan);
        names.extend(planned.map(|planned| planned.operation.clone()));
        let moved = on.chain(interrupted).map(|(run, start)| {
            let known = summary.amendments.moved.get(&run).cloned();
            let name = known.unwrap_or_else(|| free_name(directory_of(start), jobdir, &names));
            names.insert(name.clone());
            (run, name)
        });
        cut_off.moved = moved.collect();
        cut_off
    }

    /// Sets the kernel's message about the crash that interrupted the runs in progress.
    #[cfg(feature = "sysinfo")]
    pub(super) fn with_kernel_crash(self, kernel_crash: String) -> CutOff<'a> {
        CutOff {
            kernel_crash,
            ..self
        }
    }

    /// The reason why a run was interrupted. An earlier supervisor may have recorded it, and been killed before it
    /// ended the run.
    fn reason(&self, open: &Open) -> String {
        let crashes = [&open.kernel_crash, &self.kernel_crash];
        match crashes.into_iter().find(|crash| !crash.is_empty()) {
            Some(crash) => format!("rebooted: {crash}"),
            None if open.has_rebooted || self.has_rebooted => {
                "rebooted: the target rebooted while this test ran".to_owned()
            }
            None => "crashed: the job was interrupted while this test ran".to_owned(),
        }
    }

    /// `true` if the interrupted run was the last attempt.
    fn is_final(&self, identity: &str) -> bool {
        let before = self.summary.attempts.get(identity).copied().unwrap_or(0);
        before + 1 >= self.most_attempts
    }

    pub(super) fn job_resume(&self) -> JobResume {
        JobResume {
            pid: std::process::id(),
            boot_id: identity::boot_id(),
            pid_namespace: identity::pid_namespace(),
            moved: self.moved.clone(),
            #[cfg(feature = "sysinfo")]
            kernel_crash: self.kernel_crash.clone(),
            #[cfg(feature = "sysinfo")]
            kernel_records: Vec::new(),
        }
    }

    /// Renames the directories. May be called again, since the process may be killed in between.
    pub(super) fn rename(&self, jobdir: &Path) -> std::io::Result<()> {
        for (run, name) in self.moved.iter() {
            let before = self.subdir_of(*run).map(|subdir| jobdir.join(subdir));
            let now = jobdir.join(name);
            if let Some(before) = before.filter(|before| before.exists() && !now.exists()) {
                std::fs::rename(before, now)?;
            }
        }
        self.clear(jobdir)
    }

    /// Renames directories of runs that are not in the journal: the process was killed before it recorded the run, or
    /// power was lost before the journal was on disk.
    fn clear(&self, jobdir: &Path) -> std::io::Result<()> {
        let job = self.summary.job.iter();
        if job.clone().any(|job| job.control.is_some()) {
            return self.clear_unknown(jobdir);
        }
        for planned in job.flat_map(|job| &job.plan) {
            let is_known = self.summary.finished.contains_key(&planned.operation)
                || self.summary.open.values().any(|open| {
                    open.start.operation == planned.operation && open.start.parent.is_none()
                });
            let dir = jobdir.join(&planned.operation);
            if !is_known && dir.exists() {
                let name = free_name(&planned.operation, jobdir, &HashSet::new());
                std::fs::rename(dir, jobdir.join(name))?;
            }
        }
        Ok(())
    }

    /// The same for a job whose runs are not planned: renames all directories that belong to no recorded run.
    fn clear_unknown(&self, jobdir: &Path) -> std::io::Result<()> {
        let known: HashSet<&str> = self.known_directories().collect();
        for entry in std::fs::read_dir(jobdir)? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| !known.contains(name)) else {
                continue;
            };
            let is_runs = entry.file_type()?.is_dir() && name::check(name).is_ok();
            if is_runs {
                let free = free_name(name, jobdir, &HashSet::new());
                std::fs::rename(entry.path(), jobdir.join(free))?;
            }
        }
        Ok(())
    }

    /// The directories of recorded runs and of their attempts.
    fn known_directories(&self) -> impl Iterator<Item = &str> {
        let summary = self.summary;
        let finished = summary.requests.values();
        let finished = finished.filter_map(|(_, earlier)| match earlier {
            Earlier::Answer(Answer::Ran(result)) => Some(result.subdir.as_str()),
            Earlier::Answer(_) | Earlier::Group(_) | Earlier::Kept(_) | Earlier::Reboot(..) => None,
        });
        let open = summary.open.values().map(|open| &*open.start.subdir);
        finished.chain(open)
    }

    fn subdir_of(&self, run: u32) -> Option<&str> {
        let open = self.summary.open.get(&run).map(|open| &open.start);
        let start = open.or_else(|| self.summary.interrupted.get(&run));
        // If the directory of a run could not be created, there is none to rename.
        start
            .map(|start| start.subdir.as_str())
            .filter(|subdir| !subdir.is_empty())
    }

    /// Records which runs are ended without their `cleanup`.
    pub(super) fn give_up_cleanups(&self, hub: &mut Hub) {
        let open = self.summary.open.iter();
        for (run, open) in open.filter(|(_, open)| self.is_cleanup_given_up(open)) {
            let times = open.resumed;
            let reason = format!(
                "`cleanup` is given up: the job was interrupted {times} times before its end"
            );
            let verdict = Verdict::new(Kind::Warn, reason);
            let origin = "cleanup after the end".to_owned();
            hub.send(*run, Event::Suppressed { verdict, origin });
        }
    }

    /// Marks runs that a signal ended as attempts. Their `cleanup` has been run.
    pub(super) fn end_interrupted(&self, hub: &mut Hub) {
        for (run, _) in self.summary.interrupted.iter() {
            if let Some(subdir) = self.moved.get(run).cloned() {
                let reason = format!("{INTERRUPTED}a signal to the job");
                let verdict = Verdict::new(Kind::CutOff, reason);
                hub.send(*run, Event::Attempt { subdir, verdict });
            }
        }
    }

    pub(super) fn work(
        &self,
        registry: &'static Registry,
        mut runs: Runs,
        job: (&JobStart, &Path),
    ) -> Work {
        let summary = self.summary;
        let gives_up = |operation: &String| {
            let mut on = summary.open.iter();
            on.any(|(run, open)| {
                open.start.operation == *operation
                    && open.start.parent.is_none()
                    && !self.moved.contains_key(run)
            })
        };
        runs.retain(|run| {
            let operation = &run.name.tagged_testname;
            !summary.finished.contains_key(operation) && !gives_up(operation)
        });
        let on = summary.open.iter().rev();
        let is_strict = summary.job.as_ref().is_some_and(|job| job.is_strict);
        let mut finished = summary.finished.values();
        let unfinished = on.filter_map(|(run, open)| self.unfinished(registry, job, *run, open));
        Work {
            unfinished: unfinished.collect(),
            source: Box::new(List::new(runs)),
            control: None,
            runs_before: summary.last_run,
            has_failures: finished.any(|status| status.fails(is_strict)),
        }
    }

    fn unfinished(
        &self,
        registry: &'static Registry,
        (job, jobdir): (&JobStart, &Path),
        number: u32,
        open: &Open,
    ) -> Option<Unfinished> {
        let start = &open.start;
        let args = start.args.with_secrets(&self.secrets);
        let test = &start.test;
        // For a run in the job of a package, only the package is a test of this binary.
        #[cfg(feature = "packages")]
        let test = self.package_around(start).unwrap_or(test);
        let mut run = PlannedRun::new(registry.get(test)?, None, "", args);
        #[cfg(feature = "packages")]
        run.name.test.clone_from(&start.test);
        run.name.tagged_testname.clone_from(&start.operation);
        run.requested.clone_from(&start.requested);
        run.name.subdir = self.directory(number, open);
        let is_final = !self.is_attempt(number);
        let mut verdict = Verdict::new(Kind::CutOff, self.reason(open));
        if is_final && start.parent.is_none() {
            let given_up = format!("; given up after {} attempts", self.most_attempts);
            verdict.reason.push_str(&given_up);
        }
        Some(Unfinished {
            number,
            parent: start.parent,
            verdict,
            is_final,
            directories: directories(&run, number, job, jobdir),
            recovery: self.recovery(open),
            run,
        })
    }

    /// `true` if a run is only an attempt, since it or its parent will be repeated.
    fn is_attempt(&self, run: u32) -> bool {
        let open = self.summary.open.get(&run);
        let parent = open.and_then(|open| open.start.parent);
        self.moved.contains_key(&run) || parent.is_some_and(|parent| self.is_attempt(parent))
    }

    /// The package whose job contains a run.
    #[cfg(feature = "packages")]
    fn package_around(&self, start: &TestStart) -> Option<&str> {
        let parent = &self.summary.open.get(&start.parent?)?.start;
        let is_package = autotest_report::is_package(&parent.test);
        self.package_around(parent)
            .or_else(|| is_package.then_some(&*parent.test))
    }

    /// The state for the process that cleans up after a run.
    fn recovery(&self, open: &Open) -> Recovery {
        let mut recovery = open.recovery.clone();
        if self.has_rebooted || open.has_rebooted {
            recovery.changed_files.remove_kernel_files();
        }
        if self.is_cleanup_given_up(open) {
            recovery.failed_phase = None;
        }
        recovery
    }

    /// `true` if the job was interrupted in the `cleanup` of a run as often as a test may be attempted.
    fn is_cleanup_given_up(&self, open: &Open) -> bool {
        open.recovery.failed_phase.is_some() && open.resumed >= self.most_attempts
    }

    /// The current directory of a run: a subtest's was moved with its parent's.
    fn directory(&self, run: u32, open: &Open) -> String {
        if let Some(name) = self.moved.get(&run) {
            return name.clone();
        }
        let parent = open
            .start
            .parent
            .and_then(|parent| Some((parent, self.summary.open.get(&parent)?)));
        match parent {
            None => open.start.subdir.clone(),
            Some((number, parent)) => {
                let below = open.start.subdir.strip_prefix(parent.start.subdir.as_str());
                format!(
                    "{}{}",
                    self.directory(number, parent),
                    below.unwrap_or_default()
                )
            }
        }
    }
}

/// `true` if the target has rebooted since the journal was last written.
pub(super) fn has_rebooted(summary: &Summary) -> bool {
    summary.boot_id != identity::boot_id()
}

/// The directories of a run.
fn directories(run: &PlannedRun, number: u32, job: &JobStart, jobdir: &Path) -> Directories {
    let places = Places {
        jobdir: jobdir.to_owned(),
        outputdir: jobdir.join(&run.name.subdir),
        bindir: exec::bindir(&DataDirs::of_process(), run.test, &job.installed),
        srcdir: exec::srcdir(run.test, &job.installed),
        tmp: job.tmp.clone(),
        tmp_prefix: exec::tmp_prefix(&job.id, number),
        tagged_testname: run.name.tagged_testname.clone(),
        ..Places::default()
    };
    places.made(places.tmpdir())
}

/// The name of a run's directory.
fn directory_of(start: &TestStart) -> &str {
    match start.subdir.is_empty() {
        true => &start.operation,
        false => &start.subdir,
    }
}

/// The first unused name of the form `<subdir>.attempt-N`.
fn free_name(subdir: &str, jobdir: &Path, taken: &HashSet<String>) -> String {
    let names = (1_u32..).map(|number| format!("{subdir}.attempt-{number}"));
    let mut free = names.filter(|name| !taken.contains(name) && !jobdir.join(name).exists());
    free.next().unwrap_or_else(|| format!("{subdir}.attempt"))
}

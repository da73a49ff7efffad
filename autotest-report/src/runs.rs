//! The runs and groups in progress, for reports about runs. Only this module knows which events begin and end
//! a run or a group.
//!
//! A report stores its data for a run in [`OpenRun::state`], and matches on [`Change`] instead of the event.
//! Neither match has a `_` arm, so a new kind of event must be handled here, and a new kind of [`Change`] in
//! each report.

mod change;
mod grade;
mod groups;

#[cfg(feature = "crash-handler")]
use autotest_core::Crash;
use autotest_core::status::Status;
use autotest_core::{
    Answer, Answered, Event, GroupStart, KNOWN_FAILURE, Request, SmallMap, TestStart, Verdict,
};

#[cfg(feature = "packages")]
use crate::packages::is_package;
use crate::record::Record;
use crate::report::ReportError;

pub(crate) use change::{Change, Detail, End, GroupEnd, Parallel, Rebooted};
pub use grade::Grade;

/// The maximum number of notes kept of a run, since a test may cause any number of them.
const MAX_NOTES: usize = 100;

/// The runs in progress, each with a report's data.
#[derive(Debug)]
pub(crate) struct Runs<T> {
    is_strict: bool,
    open: SmallMap<u32, OpenRun<T>>,
    groups: SmallMap<u32, GroupStart>,
    /// The reboot in progress, with the number of the group around it.
    reboot: Option<Option<u32>>,
}

/// A run in progress.
#[derive(Debug)]
pub(crate) struct OpenRun<T> {
    test: String,
    pub(crate) operation: String,
    pub(crate) subdir: String,
    /// The number of the run that waits for this one, if it is a subtest.
    pub(crate) parent: Option<u32>,
    /// The number of the group or branch around it and the runs that wait for it.
    pub(crate) group: Option<u32>,
    /// The number of runs that wait for this one.
    pub(crate) depth: usize,
    /// The start time, in seconds since 1970.
    pub(crate) start_t: f64,
    /// Errors other than the verdict.
    pub(crate) notes: Vec<String>,
    left_out: usize,
    /// The reason of an expected failure.
    known_failure: Option<String>,
    is_strict: bool,
    /// Whether it is a run of a package's job, which writes its files.
    #[cfg(feature = "packages")]
    is_nested: bool,
    /// The report's own data.
    pub(crate) state: T,
}

impl<T> Default for Runs<T> {
    fn default() -> Runs<T> {
        Runs {
            is_strict: false,
            open: SmallMap::new(),
            groups: SmallMap::new(),
            reboot: None,
        }
    }
}

impl<T: Default> Runs<T> {
    /// Forgets the runs in progress, since the job has ended. If it rebooted the target, its groups are still open.
    pub(crate) fn end_all(&mut self) {
        self.open = SmallMap::new();
    }

    /// Applies a record: begins or ends a run if necessary, and returns the change for the report.
    pub(crate) fn apply<'r>(&mut self, record: &'r Record) -> Change<'r, T> {
        let run = record.run;
        match &record.event {
            Event::JobStart(job) => {
                self.is_strict = job.is_strict;
                Change::JobStart(job)
            }
            Event::JobResume(job) => Change::JobResume(job),
            Event::JobEnd { status, reason } => Change::JobEnd {
                status: *status,
                reason,
            },
            Event::TestStart(start) => {
                self.start(run, record.t, start);
                Change::Start(start)
            }
            Event::TestEnd {
                status,
                verdict,
                elapsed_s,
            } => {
                let end = End {
                    status: *status,
                    verdict: verdict.as_ref(),
                    elapsed_s: *elapsed_s,
                };
                self.end(run)
                    .map_or(Change::Nothing, |run| Change::End(run, end))
            }
            Event::Attempt { subdir, verdict } => match self.end(run) {
                Some(run) => Change::Attempt {
                    run,
                    subdir,
                    verdict,
                },
                None => Change::Nothing,
            },
            Event::GroupStart(start) => {
                self.groups.insert(run, start.clone());
                Change::GroupStart(start)
            }
            Event::GroupEnd { status, reason, .. } => self.end_group(run, *status, reason),
            Event::RebootStart(start) => {
                self.reboot = Some(start.group);
                Change::Reboot(start)
            }
            Event::RebootEnd {
                target, problems, ..
            } => self.rebooted(target, problems),
            Event::Answered(answered) => of_answered(answered),
            Event::Suppressed { verdict, origin } => {
                self.suppressed(run, verdict, origin);
                Change::Nothing
            }
            #[cfg(feature = "crash-handler")]
            Event::Crash(crash) => self.crashed(run, crash),
            Event::Phase(phase) => Change::Detail(Detail::Phase(*phase)),
            Event::Progress {
                iteration, total, ..
            } => Change::Detail(Detail::Progress {
                iteration: *iteration,
                total: *total,
            }),
            Event::Keyval(pairs) => Change::Detail(Detail::Keyval(pairs)),
            Event::IterationKeyval { attr, perf } => {
                Change::Detail(Detail::IterationKeyval { attr, perf })
            }
            Event::Perf(value) => Change::Detail(Detail::Perf(value)),
            Event::Status(entry) => Change::Detail(Detail::Status(entry)),
            Event::Artifact { path } => Change::Detail(Detail::Artifact(path)),
            Event::Process { .. }
            | Event::Saved { .. }
            | Event::ChangedFile { .. }
            | Event::HookTimer { .. } => Change::Nothing,
            #[cfg(feature = "packages")]
            Event::Nested { .. } => Change::Nothing,
        }
    }

    /// A crash is a note of its run, so that every report has it.
    #[cfg(feature = "crash-handler")]
    fn crashed<'r>(&mut self, run: u32, crash: &'r Crash) -> Change<'r, T> {
        if let Some(open) = self.open.get_mut(&run) {
            open.note(format!("crash: {crash}"));
        }
        Change::Detail(Detail::Crash(crash))
    }

    fn start(&mut self, run: u32, t: f64, start: &TestStart) {
        let parent = start.parent.and_then(|parent| self.get(parent));
        let open = OpenRun {
            test: start.test.clone(),
            operation: start.operation.clone(),
            subdir: start.subdir.clone(),
            parent: start.parent,
            group: match (&start.requested, parent) {
                (Some(requested), _) => requested.group,
                (None, parent) => parent.and_then(|parent| parent.group),
            },
            depth: parent.map_or(0, |parent| parent.depth + 1),
            start_t: t,
            notes: Vec::new(),
            left_out: 0,
            known_failure: None,
            is_strict: self.is_strict,
            #[cfg(feature = "packages")]
            is_nested: parent.is_some_and(|parent| parent.is_nested || is_package(&parent.test)),
            state: T::default(),
        };
        self.open.insert(run, open);
    }

    /// Adds a note for an error that is not the verdict.
    fn suppressed(&mut self, run: u32, verdict: &Verdict, origin: &str) {
        let Some(open) = self.open.get_mut(&run) else {
            return;
        };
        if origin == KNOWN_FAILURE {
            open.known_failure = Some(verdict.reason.clone());
        }
        open.note(format!("{origin}: {verdict}"));
    }

    fn end(&mut self, run: u32) -> Option<OpenRun<T>> {
        let mut open = self.open.remove(&run)?;
        if open.left_out > 0 {
            open.notes.push(format!("and {} more", open.left_out));
        }
        Some(open)
    }
}

impl<T> Runs<T> {
    pub(crate) fn get(&self, run: u32) -> Option<&OpenRun<T>> {
        self.open.get(&run)
    }

    pub(crate) fn get_mut(&mut self, run: u32) -> Option<&mut OpenRun<T>> {
        self.open.get_mut(&run)
    }

    /// The report's data for a run in progress.
    pub(crate) fn state(&mut self, run: u32) -> Option<&mut T> {
        Some(&mut self.open.get_mut(&run)?.state)
    }

    /// The runs in the order in which they began.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &OpenRun<T>)> {
        self.open.iter().map(|(run, open)| (*run, open))
    }
}

impl<T> OpenRun<T> {
    /// The name for display.
    pub(crate) fn name(&self) -> String {
        name_of(&self.test, &self.operation)
    }

    /// Whether this job writes its files. A run whose directory could not be created has none, and the files of a
    /// package's tests belong to the package's job.
    pub(crate) fn has_files(&self) -> bool {
        !self.subdir.is_empty() && !self.is_nested()
    }

    /// Whether it is a run of a package's job.
    pub(crate) fn is_nested(&self) -> bool {
        #[cfg(feature = "packages")]
        let is_nested = self.is_nested;
        #[cfg(not(feature = "packages"))]
        let is_nested = false;
        is_nested
    }

    /// Adds a note, unless there are too many.
    pub(crate) fn note(&mut self, note: String) {
        if self.notes.len() < MAX_NOTES {
            self.notes.push(note);
        } else {
            self.left_out += 1;
        }
    }

    /// The grade of a status in this job.
    pub(crate) fn grade(&self, status: Status) -> Grade {
        match status {
            Status::TestNa => Grade::Skipped,
            status if status.fails(self.is_strict) => Grade::Failed,
            _ => Grade::Passed,
        }
    }

    /// The reason of an expected failure, if the run ended with one.
    pub(crate) fn known_failure(&self, status: Status) -> Option<&str> {
        let known_failure = self.known_failure.as_deref();
        known_failure.filter(|_| status == Status::Good)
    }

    /// The error of a file of this run, which does not affect other runs.
    pub(crate) fn lost(&self, error: std::io::Error) -> ReportError {
        let subdir = self.subdir.clone();
        ReportError::OfRun { subdir, error }
    }
}

/// The change that an answered request makes.
fn of_answered<T>(answered: &Answered) -> Change<'_, T> {
    match (&answered.request, &answered.answer) {
        (Request::Record(entry), Answer::Done) => Change::Detail(Detail::Status(entry)),
        (Request::Parallel { branches }, Answer::Done) => Change::Parallel(Parallel {
            call: &answered.call,
            branches,
        }),
        _ => Change::Nothing,
    }
}

/// The name of a run for display: its test's id, and the run's own name if it differs.
pub(crate) fn name_of(test: &str, operation: &str) -> String {
    if operation == test.replace("::", ".") {
        test.to_owned()
    } else {
        format!("{test} ({operation})")
    }
}

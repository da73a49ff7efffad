//! The runs in progress, for reports that say something of a run: the one place that knows which event
//! begins a run and which ends it.
//!
//! A report keeps what it needs of a run in [`OpenRun::state`] and matches on [`Change`] instead of the event.
//! Neither match has a `_` arm, so a new kind of event is decided on here, and a new kind of [`Change`] by
//! each report.

use autotest_core::status::Status;
use autotest_core::{
    Event, JobResume, JobStart, KNOWN_FAILURE, PerfValue, Phase, SmallMap, StatusRecord, TestStart,
    Value, Verdict,
};

use crate::record::Record;
use crate::report::ReportError;

/// At most this many errors that did not decide a run are kept: a test may report without end.
const MAX_NOTES: usize = 100;

/// The runs in progress, each with what a report keeps of it.
#[derive(Debug)]
pub(crate) struct Runs<T> {
    is_strict: bool,
    open: SmallMap<u32, OpenRun<T>>,
}

/// A run in progress.
#[derive(Debug)]
pub(crate) struct OpenRun<T> {
    test: String,
    pub(crate) operation: String,
    pub(crate) subdir: String,
    /// The run that waits for this one, if it is a subtest.
    pub(crate) parent: Option<u32>,
    /// How many runs wait for this one.
    pub(crate) depth: usize,
    /// When it began, in seconds since 1970.
    pub(crate) start_t: f64,
    /// Errors that did not decide it.
    pub(crate) notes: Vec<String>,
    left_out: usize,
    /// Why it failed as it was expected to.
    known_failure: Option<String>,
    is_strict: bool,
    /// What the report itself keeps of it.
    pub(crate) state: T,
}

/// What a record changes, as a report sees it.
pub(crate) enum Change<'r, T> {
    JobStart(&'r JobStart),
    JobResume(&'r JobResume),
    JobEnd {
        status: Status,
        reason: &'r str,
    },
    /// A run begins; it is among the runs in progress.
    Start(&'r TestStart),
    /// A run ended; it is no longer among the runs in progress.
    End(OpenRun<T>, End<'r>),
    /// A run was interrupted with its job and does not count.
    Attempt {
        run: OpenRun<T>,
        /// What its directory is called from now on.
        subdir: &'r str,
        verdict: &'r Verdict,
    },
    /// What a run says of itself while it is in progress.
    Detail(Detail<'r>),
    /// Nothing to show: bookkeeping of the supervisor, or a note that was added to its run.
    Nothing,
}

/// How a run ended.
#[derive(Clone, Copy)]
pub(crate) struct End<'r> {
    pub(crate) status: Status,
    /// What it said if it did not pass.
    pub(crate) verdict: Option<&'r Verdict>,
    pub(crate) elapsed_s: f64,
}

/// What a run says of itself.
#[derive(Clone, Copy)]
pub(crate) enum Detail<'r> {
    Phase(Phase),
    Progress {
        iteration: u64,
        total: Option<u64>,
    },
    Keyval(&'r [(String, Value)]),
    IterationKeyval {
        attr: &'r [(String, Value)],
        perf: &'r [(String, Value)],
    },
    Perf(&'r PerfValue),
    Status(&'r StatusRecord),
}

impl<T> Default for Runs<T> {
    fn default() -> Runs<T> {
        Runs {
            is_strict: false,
            open: SmallMap::new(),
        }
    }
}

impl<T: Default> Runs<T> {
    /// Begins and ends runs as the record says, and returns what is left to the report.
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
            Event::Suppressed { verdict, origin } => {
                self.suppressed(run, verdict, origin);
                Change::Nothing
            }
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
            Event::Process { .. }
            | Event::Artifact { .. }
            | Event::Saved { .. }
            | Event::HookTimer { .. } => Change::Nothing,
        }
    }

    fn start(&mut self, run: u32, t: f64, start: &TestStart) {
        let parent = start.parent.and_then(|parent| self.get(parent));
        let open = OpenRun {
            test: start.test.clone(),
            operation: start.operation.clone(),
            subdir: start.subdir.clone(),
            parent: start.parent,
            depth: parent.map_or(0, |parent| parent.depth + 1),
            start_t: t,
            notes: Vec::new(),
            left_out: 0,
            known_failure: None,
            is_strict: self.is_strict,
            state: T::default(),
        };
        self.open.insert(run, open);
    }

    /// Notes an error that did not decide the run.
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

    /// What the report keeps of a run in progress.
    pub(crate) fn state(&mut self, run: u32) -> Option<&mut T> {
        Some(&mut self.open.get_mut(&run)?.state)
    }

    /// The runs in the order in which they began.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &OpenRun<T>)> {
        self.open.iter().map(|(run, open)| (*run, open))
    }
}

impl<T> OpenRun<T> {
    /// What people call it.
    pub(crate) fn name(&self) -> String {
        name_of(&self.test, &self.operation)
    }

    /// Adds a note, unless there are too many.
    pub(crate) fn note(&mut self, note: String) {
        if self.notes.len() < MAX_NOTES {
            self.notes.push(note);
        } else {
            self.left_out += 1;
        }
    }

    /// What its status comes to in its job.
    pub(crate) fn grade(&self, status: Status) -> Grade {
        match status {
            Status::TestNa => Grade::Skipped,
            status if status.fails(self.is_strict) => Grade::Failed,
            _ => Grade::Passed,
        }
    }

    /// Why the run failed as it was expected to, if that is how it ended.
    pub(crate) fn known_failure(&self, status: Status) -> Option<&str> {
        let known_failure = self.known_failure.as_deref();
        known_failure.filter(|_| status == Status::Good)
    }

    /// The error of a file of this run: other runs go on.
    pub(crate) fn lost(&self, error: std::io::Error) -> ReportError {
        let subdir = self.subdir.clone();
        ReportError::OfRun { subdir, error }
    }
}

/// What people call a run: its test's id, and its own name if that says more.
pub(crate) fn name_of(test: &str, operation: &str) -> String {
    if operation == test.replace("::", ".") {
        test.to_owned()
    } else {
        format!("{test} ({operation})")
    }
}

/// What a status comes to for a reader that knows no more than these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// GOOD, and WARN unless the job is strict.
    Passed,
    /// FAIL, ERROR, ABORT.
    Failed,
    /// TEST_NA.
    Skipped,
}

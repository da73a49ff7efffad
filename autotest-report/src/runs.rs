//! The runs that are on, for reports that tell of a run when it ends.

use autotest_core::status::Status;
use autotest_core::{JobStart, KNOWN_FAILURE, SmallMap, TestStart, Verdict};

/// What is kept of the errors that did not decide a run: a test may report without end.
const MAX_NOTES: usize = 100;

/// The runs that are on, each with what a report keeps of it.
#[derive(Debug)]
pub(crate) struct Runs<T> {
    is_strict: bool,
    open: SmallMap<u32, OpenRun<T>>,
}

/// A run that is on.
#[derive(Debug)]
pub(crate) struct OpenRun<T> {
    /// As people know it.
    pub(crate) name: String,
    pub(crate) operation: String,
    pub(crate) subdir: String,
    /// The run that waits for this one.
    pub(crate) parent: Option<u32>,
    /// When it began.
    pub(crate) start: f64,
    /// What else went wrong.
    pub(crate) notes: Vec<String>,
    left_out: usize,
    /// Why it failed as it was expected to.
    known_failure: Option<String>,
    is_strict: bool,
    pub(crate) kept: T,
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
    /// Those of this job.
    pub(crate) fn begin(&mut self, job: &JobStart) {
        self.is_strict = job.is_strict;
    }

    pub(crate) fn start(&mut self, run: u32, t: f64, start: &TestStart) {
        let open = OpenRun {
            name: name_of(&start.test, &start.operation),
            operation: start.operation.clone(),
            subdir: start.subdir.clone(),
            parent: start.parent,
            start: t,
            notes: Vec::new(),
            left_out: 0,
            known_failure: None,
            is_strict: self.is_strict,
            kept: T::default(),
        };
        self.open.insert(run, open);
    }

    pub(crate) fn get(&self, run: u32) -> Option<&OpenRun<T>> {
        self.open.get(&run)
    }

    pub(crate) fn get_mut(&mut self, run: u32) -> Option<&mut OpenRun<T>> {
        self.open.get_mut(&run)
    }

    /// Notes an error that did not decide the run.
    pub(crate) fn suppressed(&mut self, run: u32, verdict: &Verdict, origin: &str) {
        if let Some(open) = self.get_mut(run).filter(|_| origin == KNOWN_FAILURE) {
            open.known_failure = Some(verdict.reason.clone());
        }
        self.note(run, format!("{origin}: {verdict}"));
    }

    pub(crate) fn note(&mut self, run: u32, note: String) {
        let Some(open) = self.get_mut(run) else {
            return;
        };
        if open.notes.len() < MAX_NOTES {
            open.notes.push(note);
        } else {
            open.left_out += 1;
        }
    }

    /// Takes a run that ended.
    pub(crate) fn end(&mut self, run: u32) -> Option<OpenRun<T>> {
        let mut open = self.open.remove(&run)?;
        if open.left_out > 0 {
            open.notes.push(format!("and {} more", open.left_out));
        }
        Some(open)
    }
}

impl<T> OpenRun<T> {
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

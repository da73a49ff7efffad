//! The digest of a run.

#[cfg(feature = "crash-handler")]
use autotest_core::Crash;
use autotest_core::status::Status;
use autotest_core::{Args, Declared, PerfValue, Phase, StatusRecord, TestStart, Value, Verdict};

use crate::runs::{Detail, Grade, OpenRun};

/// A value with the time of its record, in seconds since 1970.
#[derive(Clone, Debug, PartialEq)]
pub struct Timed<T> {
    /// The time.
    pub t: f64,
    /// The value.
    pub value: T,
}

/// A run: a test, a subtest or an attempt. Times are in seconds since 1970.
#[derive(Clone, Debug, PartialEq)]
pub struct RunDigest {
    /// The test's id.
    pub test: String,
    /// The tagged name.
    pub operation: String,
    /// The name for display: the test's id, and the tagged name if that differs.
    pub name: String,
    /// The output directory relative to the job's, empty if there is none. For an attempt, the name to which it was
    /// moved.
    pub subdir: String,
    /// Whether the files in that directory belong to this job: those of a package's tests belong to the package's job.
    pub has_files: bool,
    /// The index of the run that waited for this one, if it is a subtest.
    pub parent: Option<usize>,
    /// The index of the innermost group or branch around it.
    pub group: Option<usize>,
    /// The suites, attributes and perf constraints that the test declares.
    pub declared: Declared,
    /// The arguments.
    pub args: Args,
    /// The timeout, in seconds.
    pub timeout_s: Option<f64>,
    /// When it began.
    pub started_t: f64,
    /// The time that it took, in seconds.
    pub elapsed_s: f64,
    /// How it ended.
    pub end: RunEnd,
    /// The grade of its status in this job. An attempt has failed.
    pub grade: Grade,
    /// The verdict; `None` if it passed.
    pub verdict: Option<Verdict>,
    /// The reason of an expected failure, if it ended with one.
    pub known_failure: Option<String>,
    /// Errors other than the verdict.
    pub notes: Vec<String>,
    /// The phases outside of iterations, each with its beginning.
    pub phases: Vec<Timed<Phase>>,
    /// The progress of the loop of iterations: the number of the iteration that ended. Not every iteration sends it.
    pub progress: Vec<Timed<u64>>,
    /// The test's keyvals, in the order in which they were written.
    pub keyvals: Vec<(String, Value)>,
    /// The keyvals of iterations.
    pub iterations: Vec<Iteration>,
    /// The perf values, in the order in which they were recorded.
    pub perf: Vec<PerfValue>,
    /// Lines of the status log, such as those of retried iterations.
    pub status_lines: Vec<Timed<StatusRecord>>,
    /// Files that the test declared as part of its results, relative to the output directory.
    pub artifacts: Vec<String>,
    /// Core dumps.
    #[cfg(feature = "crash-handler")]
    pub crashes: Vec<Crash>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// It has this final status.
    Final(Status),
    /// It was interrupted with its job, and the test ran again.
    Attempt,
}

/// The keyvals of an iteration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Iteration {
    /// When they were written, in seconds since 1970.
    pub t: f64,
    /// The attributes.
    pub attr: Vec<(String, Value)>,
    /// The measurements.
    pub perf: Vec<(String, Value)>,
}

impl<T> Timed<T> {
    pub(super) fn new(t: f64, value: T) -> Timed<T> {
        Timed { t, value }
    }
}

impl Default for RunDigest {
    fn default() -> RunDigest {
        RunDigest::new(0.0, &TestStart::default())
    }
}

impl RunDigest {
    /// The digest of a run that has just begun; it stays cut off unless its end follows.
    pub(crate) fn new(t: f64, start: &TestStart) -> RunDigest {
        RunDigest {
            test: start.test.clone(),
            operation: start.operation.clone(),
            name: String::new(),
            subdir: start.subdir.clone(),
            has_files: false,
            parent: None,
            group: None,
            declared: start.declared.as_deref().cloned().unwrap_or_default(),
            args: start.args.clone(),
            timeout_s: start.timeout_s,
            started_t: t,
            elapsed_s: 0.0,
            end: RunEnd::Final(Status::Abort),
            grade: Grade::Failed,
            verdict: None,
            known_failure: None,
            notes: Vec::new(),
            phases: Vec::new(),
            progress: Vec::new(),
            keyvals: Vec::new(),
            iterations: Vec::new(),
            perf: Vec::new(),
            status_lines: Vec::new(),
            artifacts: Vec::new(),
            #[cfg(feature = "crash-handler")]
            crashes: Vec::new(),
        }
    }

    /// Whether it was interrupted with its job, so that the test ran again.
    pub fn is_attempt(&self) -> bool {
        self.end == RunEnd::Attempt
    }

    /// The status of its END line; that of its verdict for an attempt.
    pub fn status(&self) -> Status {
        match (self.end, &self.verdict) {
            (RunEnd::Final(status), _) => status,
            (RunEnd::Attempt, Some(verdict)) => verdict.kind.status(),
            (RunEnd::Attempt, None) => Status::Abort,
        }
    }

    pub(super) fn end<T>(&mut self, run: &OpenRun<T>, end: RunEnd, verdict: Option<&Verdict>) {
        self.end = end;
        self.verdict = verdict.cloned();
        self.notes.clone_from(&run.notes);
        if let RunEnd::Final(status) = end {
            self.grade = run.grade(status);
            self.known_failure = run.known_failure(status).map(str::to_owned);
        }
    }

    pub(super) fn add(&mut self, t: f64, detail: Detail<'_>) {
        match detail {
            Detail::Phase(phase) => self.phases.push(Timed::new(t, phase)),
            Detail::Progress { iteration, .. } => self.progress.push(Timed::new(t, iteration)),
            Detail::Keyval(pairs) => self.keyvals.extend_from_slice(pairs),
            Detail::IterationKeyval { attr, perf } => self.iterations.push(Iteration {
                t,
                attr: attr.to_vec(),
                perf: perf.to_vec(),
            }),
            Detail::Perf(value) => self.perf.push(value.clone()),
            Detail::Status(entry) => self.status_lines.push(Timed::new(t, entry.clone())),
            Detail::Artifact(path) => self.artifacts.push(path.to_owned()),
            #[cfg(feature = "crash-handler")]
            Detail::Crash(crash) => self.crashes.push(crash.clone()),
        }
    }
}

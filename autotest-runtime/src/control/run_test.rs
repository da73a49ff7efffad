//! A run that a control function requests.

use autotest_core::{Args, RunRequest, RunResult, TestError, is_legal_tag};

use super::Job;
use crate::length::Length;

/// A run to be requested.
#[derive(Debug)]
#[must_use = "nothing runs before `run()`"]
pub struct RunTest<'a> {
    job: &'a mut Job,
    request: RunRequest,
    constraints: Vec<String>,
    /// The first mistake in the arguments of the builder's functions.
    mistake: Option<String>,
}

impl<'a> RunTest<'a> {
    pub(super) fn new(job: &'a mut Job, test: String) -> RunTest<'a> {
        let request = RunRequest {
            test,
            ..RunRequest::default()
        };
        RunTest {
            job,
            request,
            constraints: Vec::new(),
            mistake: None,
        }
    }

    /// The tag, which distinguishes this run from others of the test. It is part of the run's name and of the
    /// name of its directory.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.request.tag = Some(self.legal(tag.into()));
        self
    }

    /// A tag that is only part of the name of the directory.
    pub fn subdir_tag(mut self, tag: impl Into<String>) -> Self {
        self.request.subdir_tag = Some(self.legal(tag.into()));
        self
    }

    /// An argument.
    pub fn arg(mut self, name: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
        self.request.args = self.request.args.with(name, value);
        self
    }

    /// Several arguments, which replace those of the same names.
    pub fn args(mut self, args: &Args) -> Self {
        for (name, arg) in args.iter() {
            self.request.args.insert(name, arg.clone());
        }
        self
    }

    /// The number of iterations.
    pub fn iterations(self, iterations: u32) -> Self {
        self.arg("iterations", iterations)
    }

    /// How long to repeat iterations, such as `"90s"`.
    pub fn test_length(mut self, length: impl Length) -> Self {
        match length.length() {
            Ok(length) => self.arg("test_length", length.as_secs_f64()),
            Err(mistake) => {
                self.mistake.get_or_insert(mistake);
                self
            }
        }
    }

    /// Whether only profiled iterations run.
    pub fn profile_only(self, profile_only: bool) -> Self {
        self.arg("profile_only", profile_only)
    }

    /// Whether the profiled run is postprocessed, too.
    pub fn postprocess_profiled_run(self, postprocess: bool) -> Self {
        self.arg("postprocess_profiled_run", postprocess)
    }

    /// A condition that the perf keyvals must meet, in addition to those before it.
    pub fn constraint(mut self, constraint: impl Into<String>) -> Self {
        self.constraints.push(constraint.into());
        self
    }

    /// Whether `cleanup` runs.
    pub fn run_cleanup(self, run_cleanup: bool) -> Self {
        self.arg("run_cleanup", run_cleanup)
    }

    /// Attributes for the keyval of the test.
    pub fn test_attributes<K: Into<String>, V: Into<serde_json::Value>>(
        self,
        attributes: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let attributes = attributes.into_iter();
        let attributes: serde_json::Map<_, _> = attributes
            .map(|(key, value)| (key.into(), value.into()))
            .collect();
        self.arg("test_attributes", attributes)
    }

    /// The timeout, such as `"10s"`; it wins over the test's own.
    pub fn timeout(mut self, timeout: impl Length) -> Self {
        match timeout.length() {
            Ok(timeout) => self.request.timeout_s = Some(timeout.as_secs_f64()),
            Err(mistake) => drop(self.mistake.get_or_insert(mistake)),
        }
        self
    }

    /// How often an iteration may be repeated; it wins over the test's own and the job's.
    pub fn retries(mut self, retries: u32) -> Self {
        self.request.retries = Some(retries);
        self
    }

    /// Runs the test and waits for its end. A test that does not pass is no error: the result says how it
    /// ended.
    ///
    /// # Errors
    /// If it cannot run: there is no such test, or an argument, a tag or a constraint is not allowed.
    pub fn run(mut self) -> Result<RunResult, TestError> {
        if let Some(mistake) = self.mistake {
            return Err(TestError::error(format!(
                "{}: {mistake}",
                self.request.test
            )));
        }
        if !self.constraints.is_empty() {
            self.request.args = self.request.args.with("constraints", self.constraints);
        }
        self.job.run_request(self.request)
    }

    fn legal(&mut self, tag: String) -> String {
        if !is_legal_tag(&tag) {
            let mistake = format!("{tag:?} is not a valid tag: {}", autotest_core::LEGAL_TAG);
            self.mistake.get_or_insert(mistake);
        }
        tag
    }
}

//! The API for control functions: each method of [`Job`] is a request to the supervisor.
//!
//! A control function runs in its own process. This module must not know how requests reach the supervisor ([`Ask`]
//! does), and must not run a test.

mod branches;
#[cfg(feature = "packages")]
mod packages;
#[cfg(feature = "profilers")]
mod profilers;
mod run_test;
#[cfg(feature = "sysinfo")]
mod sysinfo;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use autotest_core::{
    Answer, CallId, Code, Failure, GroupKind, PanicReport, Request, RunRequest, RunResult,
    Settings, StatusRecord, TestError, TestResult,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use branches::Branches;
#[cfg(feature = "profilers")]
pub use profilers::JobProfilers;
pub use run_test::RunTest;

/// The result of a control function and of functions that it calls.
///
/// An error returned by the control function ends the job with ABORT. A failed test is not an error: see
/// [`RunTest::run`].
pub type JobResult<T = (), E = Failure> = TestResult<T, E>;

/// A connection to the supervisor.
pub(crate) trait Ask: Send + Sync {
    /// Sends a request and waits for the answer. May be called from several threads at the same time.
    ///
    /// # Errors
    /// If the supervisor cannot be reached.
    fn ask(&self, call: &CallId, request: Request) -> Result<Answer, String>;
}

/// The job of a control function, or of one of its branches.
///
/// Every request is recorded. If the job is interrupted, `--resume` calls the function again from the beginning, and
/// each request that has a recorded answer gets that answer. So a function must make the same requests again: values
/// that may differ between calls (the time, a random number, the content of a file) belong in [`once`](Job::once) or in
/// a test.
pub struct Job {
    supervisor: Arc<dyn Ask>,
    /// The path of the branch; empty outside branches.
    path: String,
    /// The number of requests of this branch so far.
    requests: u64,
    settings: Settings,
    resultdir: PathBuf,
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = f.debug_struct("Job");
        debug
            .field("path", &self.path)
            .field("requests", &self.requests)
            .finish_non_exhaustive()
    }
}

impl Job {
    pub(crate) fn new(supervisor: Arc<dyn Ask>, settings: Settings, resultdir: PathBuf) -> Job {
        Job {
            supervisor,
            path: String::new(),
            requests: 0,
            settings,
            resultdir,
        }
    }

    /// The directory of the job's results.
    pub fn resultdir(&self) -> &Path {
        &self.resultdir
    }

    /// Runs a test: set its tag and arguments, then call [`run`](RunTest::run).
    ///
    /// ```no_run
    /// # use autotest::{Job, JobResult};
    /// fn nightly(job: &mut Job) -> JobResult {
    ///     let disk = job.run_test("storage::disk").tag("before").arg("mb", 64).run()?;
    ///     if disk.is_good() {
    ///         job.run_test("storage::stress").timeout("10m").run()?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub fn run_test(&mut self, test: impl Into<String>) -> RunTest<'_> {
        RunTest::new(self, test.into())
    }

    /// Requests a run and waits until it ends.
    pub(crate) fn run_request(&mut self, request: RunRequest) -> Result<RunResult, TestError> {
        let call = self.next_call();
        match self.ask(&call, Request::Run(request))? {
            Answer::Ran(result) => Ok(result),
            Answer::Done | Answer::Value(_) | Answer::Compute | Answer::Refused(_) => {
                Err(TestError::error("the supervisor did not answer"))
            }
        }
    }

    /// Calls `f`; in the status log, the lines of its runs are between a START and an END with the name of the group
    /// (`job.run_group`). The END is GOOD if `f` returns `Ok`, whatever the results of its tests, otherwise FAIL.
    ///
    /// # Errors
    /// The error of `f`, or if the name is not legal.
    pub fn group<T>(
        &mut self,
        name: impl Into<String>,
        f: impl FnOnce(&mut Job) -> JobResult<T>,
    ) -> JobResult<T> {
        self.within(name.into(), GroupKind::Group, f)
    }

    fn within<T>(
        &mut self,
        name: String,
        kind: GroupKind,
        f: impl FnOnce(&mut Job) -> JobResult<T>,
    ) -> JobResult<T> {
        self.done(Request::BeginGroup { name, kind })?;
        let result = catch_unwind(AssertUnwindSafe(|| f(self)));
        let error = match &result {
            Ok(result) => result.as_ref().err().map(|error| error.reason().to_owned()),
            Err(panic) => Some(PanicReport::text(&**panic)),
        };
        self.done(Request::EndGroup { error })?;
        result.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Runs branches concurrently, each on its own thread (`job.parallel`). Each branch runs one test at a time;
    /// `--test-threads` limits how many tests run at once.
    ///
    /// ```no_run
    /// # use autotest::{Job, JobResult};
    /// # fn f(job: &mut Job) -> JobResult {
    /// job.parallel(|side| {
    ///     side.branch("cpu", |job| job.run_test("cpu::burn").run().map(drop));
    ///     side.branch("io", |job| job.run_test("io::stream").run().map(drop));
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If a branch returned an error or panicked. All branches have ended by then.
    pub fn parallel<'env>(
        &mut self,
        add: impl FnOnce(&mut Branches<'env>),
    ) -> Result<(), TestError> {
        let mut branches = Branches::default();
        add(&mut branches);
        branches.run(self)
    }

    /// Writes a line to the status log (`job.record`). `subdir` and `operation` name its subject.
    ///
    /// # Errors
    /// If a text contains characters that a line must not have.
    pub fn record(
        &mut self,
        code: Code,
        subdir: Option<&str>,
        operation: Option<&str>,
        message: impl Into<String>,
    ) -> Result<(), TestError> {
        self.done(Request::Record(StatusRecord {
            subdir: subdir.map(str::to_owned),
            operation: operation.map(str::to_owned),
            ..StatusRecord::message(code, message)
        }))
    }

    /// Records that warnings of this type, such as `NETWORK`, are to be ignored from now on (`job.disable_warnings`).
    /// Tests with `network_destabilizing` do so themselves.
    ///
    /// # Errors
    /// If the type is not a word.
    pub fn disable_warnings(&mut self, kind: &str) -> Result<(), TestError> {
        self.warnings(kind, "disable", "disabling")
    }

    /// Records that warnings of this type count again (`job.enable_warnings`).
    ///
    /// # Errors
    /// If the type is not a word.
    pub fn enable_warnings(&mut self, kind: &str) -> Result<(), TestError> {
        self.warnings(kind, "enable", "enabling")
    }

    fn warnings(&mut self, kind: &str, field: &str, doing: &str) -> Result<(), TestError> {
        self.done(Request::Record(StatusRecord {
            fields: vec![(format!("warnings.{field}"), kind.to_owned())],
            ..StatusRecord::message(Code::Info, format!("{doing} {kind} warnings"))
        }))
    }

    /// The settings for the next run.
    pub fn current_settings(&self) -> &Settings {
        &self.settings
    }

    /// Changes the settings for later runs of this branch and of the branches that it begins. After an error, they are
    /// as before.
    ///
    /// ```no_run
    /// # use autotest::{Job, JobResult};
    /// # fn f(job: &mut Job) -> JobResult {
    /// job.settings(|settings| settings.fast = true)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If there is no hook or profiler of a name in them, or the supervisor cannot be reached.
    pub fn settings(&mut self, change: impl FnOnce(&mut Settings)) -> Result<(), TestError> {
        let mut settings = self.settings.clone();
        change(&mut settings);
        self.done(Request::Settings(settings.clone()))?;
        self.settings = settings;
        Ok(())
    }

    /// Computes a value only once per job: when the function is called again, it gets the recorded value. If the job is
    /// interrupted after `compute` and before the value is recorded, `compute` is called again.
    ///
    /// # Errors
    /// If the value cannot be converted to JSON, or the recorded one to a `T`.
    pub fn once<T: Serialize + DeserializeOwned>(
        &mut self,
        name: impl Into<String>,
        compute: impl FnOnce() -> T,
    ) -> Result<T, TestError> {
        let name = name.into();
        let unusable = |error| TestError::error(format!("the value of `{name}`: {error}"));
        let call = self.next_call();
        let recorded = self.ask(&call, Request::Once { name: name.clone() })?;
        if let Answer::Value(value) = recorded {
            return serde_json::from_value(value).map_err(unusable);
        }
        let computed = compute();
        let value = serde_json::to_value(&computed).map_err(unusable)?;
        self.ask(&call, Request::Keep { name, value })?;
        Ok(computed)
    }

    /// Reboots the target. The binary exits with 75, and `--resume` continues the job after this call: make the system
    /// start `BINARY --resume DIR` after each boot. `--reboot-command` names a command that reboots.
    ///
    /// As in the original, a `reboot` group in the status log contains the kernel's version, and the job is aborted if
    /// the processors or the mounted devices have changed.
    ///
    /// # Errors
    /// If the target has changed; or in a branch, since tests of other branches may be running.
    pub fn reboot(&mut self) -> Result<(), TestError> {
        self.done(Request::Reboot)
    }

    fn next_call(&mut self) -> CallId {
        let call = CallId::new(&self.path, self.requests);
        self.requests += 1;
        call
    }

    /// Sends a request that yields no value.
    fn done(&mut self, request: Request) -> Result<(), TestError> {
        let call = self.next_call();
        self.ask(&call, request).map(drop)
    }

    fn ask(&self, call: &CallId, request: Request) -> Result<Answer, TestError> {
        let answer = self.supervisor.ask(call, request);
        match answer.map_err(TestError::error)? {
            Answer::Refused(reason) => Err(TestError::error(reason)),
            answer @ (Answer::Done | Answer::Ran(_) | Answer::Value(_) | Answer::Compute) => {
                Ok(answer)
            }
        }
    }
}

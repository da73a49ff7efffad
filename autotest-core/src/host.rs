//! The interfaces of the lifecycle to the outside: [`Host`], [`Clock`], [`Sink`].
//!
//! The lifecycle has no other side effects. An executor implements the three; tests of the lifecycle
//! implement them as recorders.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::def::Version;
use crate::event::Event;
use crate::excerpt::excerpt;
use crate::name;
use crate::outcome::{Failure, RunResult, TestError, TestResult};
use crate::params::Args;

/// The directories of one run, all absolute.
#[derive(Clone, Debug, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Directories {
    /// `<results>/<job>`, the parent of all tests' directories.
    pub jobdir: PathBuf,
    /// `<results>/<job>/<test.tag>`.
    pub outputdir: PathBuf,
    /// `results` in the output directory.
    pub resultsdir: PathBuf,
    /// `profiling` in the output directory.
    pub profdir: PathBuf,
    /// `debug` in the output directory.
    pub debugdir: PathBuf,
    /// A directory that is removed when the test ends.
    pub tmpdir: PathBuf,
    /// The directory of the test's files.
    pub bindir: PathBuf,
    /// The directory that `setup` fills, once per version.
    pub srcdir: PathBuf,
}

/// The target, as one run uses it.
///
/// The lifecycle calls the methods on the thread of the test. An error counts like an error of the phase in
/// which the method was called (ERROR outside of `warmup` and `execute`). No method may print.
pub trait Host {
    /// Creates the run's directories. An error ends the run without running hooks.
    ///
    /// # Errors
    /// If one cannot be created.
    fn create_directories(&mut self) -> TestResult<Directories>;

    /// Removes the temporary directory, as far as possible.
    fn remove_tmpdir(&mut self);

    /// Makes the output directory the current directory.
    ///
    /// # Errors
    /// If it does not exist any more.
    fn enter_outputdir(&mut self) -> TestResult;

    /// Restores the current directory from before the run.
    fn leave_outputdir(&mut self);

    /// Adds o+rwx to tmpdir and resultsdir, so that programs of other users can write there.
    ///
    /// # Errors
    /// If the modes cannot be changed.
    fn open_to_others(&mut self) -> TestResult;

    /// From now on, log lines also go to files in the debug directory.
    ///
    /// # Errors
    /// If the files cannot be created.
    fn tee_logs(&mut self) -> TestResult;

    /// Ends [`tee_logs`](Host::tee_logs). Called however the run ends.
    fn restore_logs(&mut self);

    /// Whether there is a `srcdir` from an earlier run.
    fn has_srcdir(&mut self) -> bool;

    /// Acquires the lock that serialises setups.
    ///
    /// # Errors
    /// If the lock cannot be acquired.
    fn lock_setup(&mut self) -> TestResult;

    /// Releases the lock. Called however the setup ends.
    fn unlock_setup(&mut self);

    /// Whether `srcdir` was set up by a version equal to `version`.
    ///
    /// # Errors
    /// If the record exists but cannot be read.
    fn is_installed(&mut self, version: Version) -> TestResult<bool>;

    /// Removes `srcdir`.
    ///
    /// # Errors
    /// If it cannot be removed.
    fn remove_srcdir(&mut self) -> TestResult;

    /// Records `version` in `srcdir`, if `srcdir` exists.
    ///
    /// # Errors
    /// If the record cannot be written.
    fn record_installed(&mut self, version: Version) -> TestResult;

    /// Drops the kernel's caches. Does nothing without permission.
    fn drop_caches(&mut self);

    /// The panic hook's report of the panic that was just caught.
    fn take_panic(&mut self) -> Option<PanicReport>;

    /// Whether profilers were added to the job.
    fn has_profilers(&mut self) -> bool;

    /// Whether profilers are running. Only called if there are any.
    fn are_profilers_active(&mut self) -> bool;

    /// Performs a step with all profilers. `iteration` names the directory for their files.
    ///
    /// # Errors
    /// If one of them fails.
    fn profile(&mut self, step: ProfilerStep, iteration: u64) -> TestResult;

    /// Collects sysinfo, and returns once everything that must be read at this step has been read. The lifecycle only
    /// calls it if there is something to collect. Failures are not returned: the collector reports them.
    #[cfg(feature = "sysinfo")]
    fn collect_sysinfo(&mut self, _: SysinfoStep) {}

    /// Reads a file that the test is about to change, or that is about to be put back.
    ///
    /// # Errors
    /// If it cannot be read, or is not UTF-8. The lifecycle adds the path to the error.
    fn read_file(&mut self, path: &Path) -> io::Result<String>;

    /// Replaces the content of an existing file with one `write`, as files of `/proc` and `/sys` require.
    /// Never creates a file.
    ///
    /// # Errors
    /// If it does not exist or cannot be written. The lifecycle adds the path to the error.
    fn write_file(&mut self, path: &Path, text: &str) -> io::Result<()>;

    /// Runs another test below this one's output directory and waits for its end.
    ///
    /// # Errors
    /// If the subtest cannot be started, or if it ends the job.
    fn run_subtest(&mut self, subtest: Subtest) -> Result<RunResult, TestError>;
}

/// The steps for profilers, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "profilers",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum ProfilerStep {
    /// Before `before_run_once`.
    BeforeStart,
    /// Before `run_once`.
    Start,
    /// After `run_once`, even if it failed.
    Stop,
    /// After `Stop`, to store the files of this iteration.
    Report,
}

/// The steps at which the lifecycle has sysinfo collected. The executor does so after a run, which may end in any way.
#[cfg(feature = "sysinfo")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SysinfoStep {
    /// Before anything of the test runs.
    BeforeTest,
    /// Before the iteration of this number.
    BeforeIteration(u64),
    /// After it, however it ended.
    AfterIteration(u64),
}

/// A request of a test to run another test.
///
/// ```
/// use autotest_core::Subtest;
/// let subtest = Subtest::new("net::ping").tag("v6").arg("count", 10);
/// assert_eq!(subtest.name, "net::ping");
/// ```
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Subtest {
    /// The id of the test.
    pub name: String,
    /// The tag, which distinguishes it from other runs of the same test.
    pub tag: Option<String>,
    /// The arguments. `profile_only` is false unless given.
    pub args: Args,
}

impl Subtest {
    /// A request to run the test `name`, without tag or arguments.
    pub fn new(name: impl Into<String>) -> Subtest {
        let args = Args::new().with("profile_only", false);
        Subtest {
            name: name.into(),
            tag: None,
            args,
        }
    }

    /// Sets the tag.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Subtest {
        self.tag = Some(tag.into());
        self
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, name: impl Into<String>, value: impl Into<serde_json::Value>) -> Subtest {
        self.args = self.args.with(name, value);
        self
    }

    /// Checks the name of the subtest's directory: with a tag, it may be a name that the results tree uses.
    ///
    /// # Errors
    /// If the name is not allowed; the message is for the requesting test.
    pub fn check_name(&self) -> Result<(), String> {
        let Some(tag) = &self.tag else {
            return Ok(());
        };
        // The code that runs packages chooses the names of their directories.
        #[cfg(feature = "packages")]
        if self.name.ends_with(".tar.bz2") {
            return Ok(());
        }
        let name = name::tagged(&name::directory(&self.name), tag);
        name::check(&name).map_err(|error| {
            let (test, name) = (excerpt(&self.name), excerpt(&name));
            format!("{test} cannot run as `{name}`: {error}; give it another tag")
        })
    }
}

/// A source of time.
pub trait Clock {
    /// The time since some origin. If it is less than before, no time counts as passed.
    fn now(&mut self) -> Duration;

    /// The time for reports (hook timers, progress); nothing else depends on it.
    fn peek(&mut self) -> Duration {
        self.now()
    }
}

/// The receiver of events.
pub trait Sink {
    /// Receives an event. The sink must report errors itself; the test does not see them.
    fn accept(&mut self, event: Event);
}

/// The report of a panic hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanicReport {
    /// The panic's message. It identifies the panic: a report with another message is ignored.
    pub message: String,
    /// `file:line:column`.
    pub location: Option<String>,
    /// The backtrace, if backtraces are enabled.
    pub backtrace: Option<String>,
}

impl PanicReport {
    /// The message in a panic's payload.
    pub fn text(payload: &(dyn std::any::Any + Send)) -> String {
        let text = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned());
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
        text.unwrap_or_else(|| "(a payload that is not a text)".to_owned())
    }

    /// Converts a caught panic to a failure.
    pub fn failure(report: Option<PanicReport>, payload: &(dyn std::any::Any + Send)) -> Failure {
        let reason = PanicReport::text(payload);
        let report = report.filter(|report| report.message == reason);
        let (location, backtrace) = match report {
            Some(report) => (report.location, report.backtrace),
            None => (None, None),
        };
        Failure::panic(reason, location, backtrace)
    }
}

//! What the lifecycle asks of the world: [`Host`], [`Clock`], [`Sink`].
//!
//! The lifecycle has no other effects. An executor brings the three; a test of the lifecycle brings
//! recorders.

use std::path::PathBuf;
use std::time::Duration;

use crate::def::Version;
use crate::event::Event;
use crate::excerpt::excerpt;
use crate::name;
use crate::outcome::{Failure, TestError, TestResult};
use crate::params::Args;
use crate::status::Status;

/// The directories of one run, all absolute.
#[derive(Clone, Debug, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Directories {
    /// `<results>/<job>`, above all tests.
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
    /// Where the test's files lie.
    pub bindir: PathBuf,
    /// What `setup` fills, once per version.
    pub srcdir: PathBuf,
}

/// The operations of the world around one run.
///
/// The lifecycle calls each at the point that its name says, on the thread of the test. An error
/// decides the test as an error of the phase that asked would (outside of `warmup` and `execute`:
/// ERROR). No method may print.
pub trait Host {
    /// Makes the run's directories. An error ends the run; no hook runs.
    ///
    /// # Errors
    /// If one cannot be made.
    fn create_directories(&mut self) -> TestResult<Directories>;

    /// Removes the temporary directory; what cannot be removed is left.
    fn remove_tmpdir(&mut self);

    /// Makes the output directory the current one.
    ///
    /// # Errors
    /// If it is gone.
    fn enter_outputdir(&mut self) -> TestResult;

    /// Makes that directory current again which was before the run.
    fn leave_outputdir(&mut self);

    /// Adds o+rwx to tmpdir and resultsdir, so that programs of other users can write there.
    ///
    /// # Errors
    /// If the modes cannot be changed.
    fn open_to_others(&mut self) -> TestResult;

    /// From here on, log lines also go to files in the debug directory.
    ///
    /// # Errors
    /// If the files cannot be made.
    fn tee_logs(&mut self) -> TestResult;

    /// Ends [`tee_logs`](Host::tee_logs). Called on every way out.
    fn restore_logs(&mut self);

    /// Whether a `srcdir` is there from an earlier run.
    fn has_srcdir(&mut self) -> bool;

    /// Takes the lock under which setups run, one at a time.
    ///
    /// # Errors
    /// If it is not available.
    fn lock_setup(&mut self) -> TestResult;

    /// Gives the lock back. Called on every way out.
    fn unlock_setup(&mut self);

    /// Whether `srcdir` was set up by a version equal to `version`.
    ///
    /// # Errors
    /// If the record exists and cannot be read.
    fn is_installed(&mut self, version: Version) -> TestResult<bool>;

    /// Removes `srcdir`.
    ///
    /// # Errors
    /// If it cannot be removed.
    fn remove_srcdir(&mut self) -> TestResult;

    /// Records `version` in `srcdir`, if that exists.
    ///
    /// # Errors
    /// If the record cannot be written.
    fn record_installed(&mut self, version: Version) -> TestResult;

    /// Drops the kernel's caches; without the right to do so, nothing.
    fn drop_caches(&mut self);

    /// What the panic hook knows of the panic that was just caught.
    fn take_panic(&mut self) -> Option<PanicReport>;

    /// Whether profilers were added to the job.
    fn has_profilers(&mut self) -> bool;

    /// Whether they run. Not asked if there are none.
    fn are_profilers_active(&mut self) -> bool;

    /// Does one thing with all profilers; `iteration` names the directory of their files.
    ///
    /// # Errors
    /// If one of them fails.
    fn profile(&mut self, step: ProfilerStep, iteration: u64) -> TestResult;

    /// Runs another test below this one's output directory and waits for its end.
    ///
    /// # Errors
    /// If no such test can be started, or if it ends the job.
    fn run_subtest(&mut self, subtest: Subtest) -> Result<Status, TestError>;
}

/// What is done with the profilers, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfilerStep {
    /// Before `before_run_once`.
    BeforeStart,
    /// Before `run_once`.
    Start,
    /// After `run_once`, also if it failed.
    Stop,
    /// After `Stop`: files of this iteration are put in place.
    Report,
}

/// Another test, to be run by a test.
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
    /// Tells its directory from that of another run of the same test.
    pub tag: Option<String>,
    /// Its arguments. `profile_only` is false unless given.
    pub args: Args,
}

impl Subtest {
    /// The test `name`, without tag or arguments.
    pub fn new(name: impl Into<String>) -> Subtest {
        let args = Args::new().with("profile_only", false);
        Subtest {
            name: name.into(),
            tag: None,
            args,
        }
    }

    /// With this tag.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Subtest {
        self.tag = Some(tag.into());
        self
    }

    /// With one more argument.
    #[must_use]
    pub fn arg(mut self, name: impl Into<String>, value: impl Into<serde_json::Value>) -> Subtest {
        self.args = self.args.with(name, value);
        self
    }

    /// Checks what its directory would be called. No test has a name that its parent's directory has already;
    /// a tag may make one of it.
    ///
    /// # Errors
    /// If there can be no such directory, in words for the test that asks.
    pub fn check_name(&self) -> Result<(), String> {
        let Some(tag) = &self.tag else {
            return Ok(());
        };
        let name = name::tagged(&name::directory(&self.name), tag);
        name::check(&name).map_err(|error| {
            let (test, name) = (excerpt(&self.name), excerpt(&name));
            format!("{test} cannot run as `{name}`: {error}; give it another tag")
        })
    }
}

/// A source of time.
pub trait Clock {
    /// Time since an origin of the clock's choice. A value smaller than an earlier one is treated as
    /// no time having passed.
    fn now(&mut self) -> Duration;

    /// The time for reports alone (hook timers, progress); nothing depends on it.
    fn peek(&mut self) -> Duration {
        self.now()
    }
}

/// Where events go.
pub trait Sink {
    /// Takes an event. What cannot be written is the sink's to report; a test does not see it.
    fn accept(&mut self, event: Event);
}

/// What a panic hook knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanicReport {
    /// The panic's text. A report with another text is one of another panic.
    pub message: String,
    /// `file:line:column`.
    pub location: Option<String>,
    /// The backtrace, where backtraces are on.
    pub backtrace: Option<String>,
}

impl PanicReport {
    /// The text of a panic's payload.
    pub fn text(payload: &(dyn std::any::Any + Send)) -> String {
        let text = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned());
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
        text.unwrap_or_else(|| "(a payload that is not a text)".to_owned())
    }

    /// The failure that a caught panic is.
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

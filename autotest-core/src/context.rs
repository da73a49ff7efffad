//! [`TestContext`]: a test's interface to its run.
//!
//! The context holds the state of one run and turns requests into events. It must not decide what runs next;
//! that is the task of [`crate::lifecycle`].

mod changed_files;
mod checks;
mod finite;
mod hooks;
mod length;
#[cfg(feature = "profilers")]
mod profilers;
mod recording;
mod recovery;
mod saved;

pub use changed_files::ChangedFiles;
pub(crate) use checks::Checks;
pub(crate) use hooks::Hooks;
#[cfg(feature = "profilers")]
pub use profilers::Profilers;
pub(crate) use recording::ParsedConstraint;
pub use recording::PerfBuilder;
pub use recovery::Recovery;
pub(crate) use saved::Saved;

use std::panic::Location;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use crate::def::{Bound, TestDef};
use crate::event::Event;
use crate::excerpt::excerpt;
use crate::host::{Clock, Directories, Host, Sink, Subtest};
use crate::outcome::{Failure, RunResult, TestError, TestResult, Verdict};
use crate::params::Args;
use crate::phase::{Phase, PhaseSet};
use crate::settings::Settings;
use recording::Keyvals;

/// The run of a test, as the test sees it.
///
/// ```no_run
/// # use autotest_core::{TestContext, TestResult};
/// fn write_speed(cx: &mut TestContext) -> TestResult {
///     let file = cx.tmpdir().join("data");
///     std::fs::write(&file, [0; 4096])?;
///     cx.perf("throughput").units("MB_per_sec").higher_is_better().record(51.2)?;
///     cx.write_perf_keyval([("throughput", 51.2)])?;
///     Ok(())
/// }
/// ```
pub struct TestContext {
    pub(crate) def: &'static TestDef,
    pub(crate) run: RunName,
    pub(crate) args: Args,
    pub(crate) settings: Settings,
    pub(crate) directories: Directories,
    pub(crate) recovery: Option<Recovery>,
    pub(crate) hooks: Hooks,
    pub(crate) keyvals: Keyvals,
    pub(crate) saved: Saved,
    pub(crate) changed_files: ChangedFiles,
    pub(crate) checks: Checks,
    pub(crate) bound: [Option<Bound>; Phase::ALL.len()],
    pub(crate) bound_phases: PhaseSet,
    pub(crate) iteration: u64,
    pub(crate) success: bool,
    pub(crate) deadline: Option<Duration>,
    pub(crate) host: Box<dyn Host>,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) sink: Box<dyn Sink>,
}

/// The names of a run.
#[derive(Clone, Debug, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct RunName {
    /// The test's id, `module::path::name`.
    pub test: String,
    /// The last part of the output directory, `name.tag`; also the operation in status lines.
    pub tagged_testname: String,
    /// The output directory relative to the job's; also the subdir in status lines.
    pub subdir: String,
}

impl std::fmt::Debug for TestContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = f.debug_struct("TestContext");
        debug
            .field("run", &self.run)
            .field("iteration", &self.iteration)
            .finish_non_exhaustive()
    }
}

/// Information for the test.
impl TestContext {
    /// The test's id, `module::path::name`.
    pub fn test_name(&self) -> &str {
        &self.run.test
    }

    /// The name of this run: the test's name and the tag.
    pub fn tagged_testname(&self) -> &str {
        &self.run.tagged_testname
    }

    /// The test's definition.
    pub fn def(&self) -> &'static TestDef {
        self.def
    }

    /// The job: its settings and its directory.
    pub fn job(&self) -> Job<'_> {
        Job {
            settings: &self.settings,
            resultdir: &self.directories.jobdir,
        }
    }

    /// The directory of this run's results; it is also the current directory when a phase begins.
    pub fn outputdir(&self) -> &Path {
        &self.directories.outputdir
    }

    /// `results` in the output directory, for perf values and iteration keyvals.
    pub fn resultsdir(&self) -> &Path {
        &self.directories.resultsdir
    }

    /// `profiling` in the output directory.
    pub fn profdir(&self) -> &Path {
        &self.directories.profdir
    }

    /// `debug` in the output directory, for logs.
    pub fn debugdir(&self) -> &Path {
        &self.directories.debugdir
    }

    /// A temporary directory for this run, removed when the test ends.
    pub fn tmpdir(&self) -> &Path {
        &self.directories.tmpdir
    }

    /// The directory with the test's data files.
    pub fn bindir(&self) -> &Path {
        &self.directories.bindir
    }

    /// The directory that `setup` fills once per version, for all later runs.
    pub fn srcdir(&self) -> &Path {
        &self.directories.srcdir
    }

    /// The current iteration: 0 before the first one, from 1 in the loop, one more in the profiled run.
    pub fn iteration(&self) -> u64 {
        self.iteration
    }

    /// Whether the test has succeeded; true only when everything except the after-test hook is done.
    pub fn success(&self) -> bool {
        self.success
    }

    /// The failures of constraints, one list for each iteration that wrote a keyval.
    pub fn failed_constraints(&self) -> &[Vec<String>] {
        &self.keyvals.failed_constraints
    }

    /// All arguments of the run.
    pub fn args(&self) -> &Args {
        &self.args
    }

    /// How long the test may still run; `None` without a timeout.
    pub fn deadline(&mut self) -> Option<Duration> {
        let deadline = self.deadline?;
        Some(deadline.saturating_sub(self.clock.now()))
    }
}

/// The argument in which the original passed a parent's directory to a subtest. It was an error if a test
/// gave it, too.
const PARENT_PATH: &str = "master_testpath";

/// Advice for an illegal tag.
pub const LEGAL_TAG: &str = "use a text without `/` and control characters";

/// Whether a text can be a tag, which becomes part of a directory's name and of the status log.
///
/// ```
/// use autotest_core::is_legal_tag;
/// assert!(is_legal_tag("ipv6"));
/// assert!(!is_legal_tag("../up"));
/// ```
pub fn is_legal_tag(tag: &str) -> bool {
    !tag.is_empty() && !tag.contains(|c: char| c.is_control() || c == '/')
}

/// The job, as a test sees it.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The settings of the job.
    pub settings: &'a Settings,
    /// `<results>/<job>`.
    pub resultdir: &'a Path,
}

/// Actions for the test.
impl TestContext {
    /// Ends the test with ERROR and `message` unless `condition` is true. Use it for what the test requires,
    /// and `ensure!` for what it tests. Conformance: `phase-failure-assert-*`.
    ///
    /// # Errors
    /// If the condition is false.
    #[track_caller]
    pub fn assert_(&self, condition: bool, message: &str) -> Result<(), TestError> {
        let message = if message.is_empty() {
            "Assertion failed."
        } else {
            message
        };
        if condition {
            Ok(())
        } else {
            Err(TestError::error(message))
        }
    }

    /// Runs another test below this one's output directory, and returns how it ended. A failed subtest does not
    /// make this test fail.
    ///
    /// # Errors
    /// If the subtest cannot be started, or if it ends the job.
    #[track_caller]
    pub fn run_subtest(&mut self, subtest: Subtest) -> Result<RunResult, TestError> {
        let here = Location::caller();
        if let Some(tag) = subtest.tag.as_deref().filter(|tag| !is_legal_tag(tag)) {
            return Err(TestError::refused(format!(
                "{:?} is not a valid tag: {LEGAL_TAG}",
                excerpt(tag)
            )));
        }
        if subtest.args.arg(PARENT_PATH).is_some() {
            return Err(TestError::refused(format!(
                "`{PARENT_PATH}` is this test's directory, which a subtest knows: leave it out"
            )));
        }
        if let Err(error) = subtest.check_name() {
            return Err(TestError::refused(error));
        }
        self.host
            .run_subtest(subtest)
            .map_err(|error| error.at(here))
    }

    /// Declares a file below the output directory as part of the results, for reports to list. Returns its
    /// absolute path.
    ///
    /// # Errors
    /// If `path` is absolute or leads out of the output directory.
    #[track_caller]
    pub fn artifact(&mut self, path: impl AsRef<Path>) -> Result<PathBuf, TestError> {
        use std::path::Component;
        let path = path.as_ref();
        let stays = path
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        if !stays || path.as_os_str().is_empty() {
            let shown = path.display();
            return Err(TestError::refused(format!(
                "artifact `{shown}` must be a path below the output directory"
            )));
        }
        self.send(Event::Artifact {
            path: path.to_string_lossy().into_owned(),
        });
        Ok(self.outputdir().join(path))
    }
}

/// Methods for the lifecycle and for generated code.
impl TestContext {
    /// Forwards an event of a run in the job of this package.
    #[cfg(feature = "packages")]
    #[doc(hidden)]
    pub fn forward(&mut self, run: u32, event: Event) {
        let event = Box::new(event);
        self.send(Event::Nested { run, event });
    }

    /// Records an error beside the verdict of this package, without changing the verdict.
    #[cfg(feature = "packages")]
    #[doc(hidden)]
    pub fn note(&mut self, verdict: Verdict, origin: &str) {
        let origin = origin.to_owned();
        self.send(Event::Suppressed { verdict, origin });
    }

    pub(crate) fn send(&mut self, event: Event) {
        self.sink.accept(event);
    }

    pub(crate) fn suppress(&mut self, verdict: Verdict, origin: &str) {
        log::error!("{origin}: {verdict}, but another error decides the test");
        self.send(Event::Suppressed {
            verdict,
            origin: origin.to_owned(),
        });
    }

    /// The values of a phase's parameters, for generated code.
    ///
    /// # Errors
    /// If they were not bound. The lifecycle binds them before it calls the phase.
    #[doc(hidden)]
    pub fn bound<T: 'static>(&self, phase: Phase) -> TestResult<Rc<T>> {
        match &self.bound[phase as usize] {
            Some(bound) => bound.values(),
            None => Err(Failure::foreign(
                "ParameterError",
                format!("`{phase}` is not bound"),
            )),
        }
    }
}

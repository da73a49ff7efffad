//! The state and rules that all executors share.

use std::cell::{Cell, RefCell};
use std::fs;
use std::io::{self, ErrorKind};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

#[cfg(feature = "leaks")]
use autotest_core::LeakPolicy;
use autotest_core::lifecycle::is_cleanup_due;
use autotest_core::{
    ChangedFiles, Code, Declared, Event, Kind, Recovery, Settings, Status, StatusRecord, Subtest,
    TestStart, Verdict, excerpt, is_legal_tag,
};
#[cfg(feature = "profilers")]
use autotest_core::{Directories, ProfilerUse};
use autotest_report::Tree;

#[cfg(feature = "profilers")]
use super::mark::{self, RUN_VARIABLE};
#[cfg(feature = "profilers")]
use super::profiled::ProfilerSpec;
use super::run_spec::RunSpec;
use super::source::Requester;
use crate::caches;
use crate::data_files::DataDirs;
use crate::host::Places;
use crate::hub::Hub;
use crate::needs::Unmet;
use crate::plan::PlannedRun;
#[cfg(feature = "profilers")]
use crate::registry;
use crate::registry::{Registry, Test};
use crate::results::ResultsTree;

/// How often the progress line of the terminal is updated.
const TICK: Duration = Duration::from_millis(250);

/// A job, for its executor.
pub(crate) struct Job {
    pub(crate) registry: &'static Registry,
    pub(crate) settings: Settings,
    pub(crate) options: ExecOptions,
    /// The job's directory, for files that the supervisor writes itself.
    pub(crate) tree: Tree,
    /// An id that is unique on this host.
    pub(crate) id: String,
    pub(crate) results: ResultsTree,
    pub(crate) data: DataDirs,
    /// The tests that cannot run on this target.
    pub(crate) unmet: Unmet,
    pub(crate) hub: Rc<RefCell<Hub>>,
    /// The parent of temporary directories; absolute, since tests change the current directory.
    pub(crate) tmp: PathBuf,
    /// `true` if a run that waits for the current one holds the setup lock.
    pub(crate) is_setup_locked: Rc<Cell<bool>>,
    /// `true` once it was checked whether the kernel's caches can be dropped, and recorded if they cannot.
    pub(crate) are_caches_told: Cell<bool>,
}

/// The options that only concern execution.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExecOptions {
    /// The number of tests that may run at once.
    pub(crate) slots: NonZeroUsize,
    /// `true` if the first failure ends the job.
    pub(crate) fail_fast: bool,
    /// `true` to show the output of tests as it arrives.
    pub(crate) nocapture: bool,
    /// The timeout of tests that have none of their own.
    pub(crate) timeout: Option<Duration>,
    /// The time limit of the job.
    pub(crate) job_timeout: Option<Duration>,
    /// `true` if WARN is a failure.
    pub(crate) is_strict: bool,
    /// `true` if a test whose needs are not met is a failure.
    pub(crate) is_strict_needs: bool,
}

impl Default for ExecOptions {
    /// One test at a time, since tests on a target disturb each other.
    fn default() -> ExecOptions {
        ExecOptions {
            slots: NonZeroUsize::MIN,
            fail_fast: false,
            nocapture: false,
            timeout: None,
            job_timeout: None,
            is_strict: false,
            is_strict_needs: false,
        }
    }
}

/// The prefix of the name of a run's temporary directory. It is unique, and a resumed job finds the directory by it.
pub(crate) fn tmp_prefix(job: &str, number: u32) -> String {
    format!("{job}.{number}")
}

impl Job {
    pub(crate) fn send(&self, run: u32, event: Event) {
        self.hub.borrow_mut().send(run, event);
    }

    /// Appends an event to the journal. Reports see it with the next event that is sent, or by
    /// [`update_reports`](Job::update_reports).
    pub(crate) fn record(&self, run: u32, event: Event) {
        self.hub.borrow_mut().record(run, event);
    }

    pub(crate) fn update_reports(&self) {
        self.hub.borrow_mut().update_reports();
    }

    /// `true` if the journal is as durable as `--sync` demands, so that a test may start.
    pub(crate) fn is_durable(&self) -> bool {
        self.hub.borrow().is_durable()
    }

    /// The longest time until the next [`tick`](Job::tick); `None` if no report needs one.
    pub(crate) fn next_tick(&self) -> Option<Duration> {
        let wants_ticks = self.hub.borrow().wants_ticks();
        wants_ticks.then_some(TICK)
    }

    /// Lets reports update the times that they show.
    pub(crate) fn tick(&self) {
        let mut hub = self.hub.borrow_mut();
        if hub.wants_ticks() {
            hub.tick();
        }
    }

    pub(crate) fn places(&self, run: &PlannedRun, number: u32) -> Places {
        let ResultsTree { jobdir, installed } = &self.results;
        Places {
            jobdir: jobdir.clone(),
            outputdir: jobdir.join(&run.name.subdir),
            tmp: self.tmp.clone(),
            tmp_prefix: tmp_prefix(&self.id, number),
            bindir: bindir(&self.data, run.test, installed),
            srcdir: srcdir(run.test, installed),
            setup_lock: installed.join(".testlock"),
            is_setup_locked: Rc::clone(&self.is_setup_locked),
            tagged_testname: run.name.tagged_testname.clone(),
        }
    }
}

/// The directory of a test's files: that of its data, or else one that `setup` may fill.
pub(crate) fn bindir(data: &DataDirs, test: &Test, installed: &Path) -> PathBuf {
    data.of(test.def)
        .unwrap_or_else(|| test.installdir(installed))
}

/// The directory that `setup` fills.
pub(crate) fn srcdir(test: &Test, installed: &Path) -> PathBuf {
    test.installdir(installed).join("src")
}

/// Preparing and executing runs.
impl Job {
    /// Checks that the target meets the needs of the test.
    ///
    /// # Errors
    /// The verdict if it does not.
    pub(crate) fn check_needs(&self, run: &PlannedRun) -> Result<(), Verdict> {
        let kind = match self.options.is_strict_needs {
            true => Kind::Error,
            false => Kind::NotApplicable,
        };
        match self.unmet.reason(run.test.id) {
            None => Ok(()),
            Some(reason) => Err(Verdict::new(kind, reason)),
        }
    }

    /// Creates the output directory. An existing one belongs to another run.
    pub(crate) fn create_outputdir(&self, subdir: &str) -> Result<(), Verdict> {
        let path = self.results.jobdir.join(subdir);
        let reason = match fs::create_dir(&path) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                format!("{subdir} already exists; give each run of a test a tag of its own")
            }
            Err(error) => not_created(&path, &error),
        };
        Err(Verdict::new(Kind::Error, reason))
    }

    /// Plans the run of a subtest that a test requested.
    ///
    /// # Errors
    /// If there is no such test, or its name or tag is not legal; the message is for the requesting test.
    pub(crate) fn plan_subtest(
        &self,
        parent: &str,
        subtest: Subtest,
    ) -> Result<PlannedRun, String> {
        subtest.check_name()?;
        let Subtest { name, tag, args } = subtest;
        if tag.as_deref().is_some_and(|tag| !is_legal_tag(tag)) {
            return Err(format!("{}: illegal tag", excerpt(&name)));
        }
        let test = self.registry.named(&name)?;
        let args = args.sealed(&|name| self.registry.is_secret(name));
        let run = PlannedRun::new(test, tag.as_deref(), parent, args);
        #[cfg(feature = "packages")]
        test.check_run(&run.name.tagged_testname)?;
        Ok(run)
    }

    /// The event that begins a run. It names no directory if that could not be created.
    pub(crate) fn test_start(
        &self,
        run: &PlannedRun,
        requester: Requester,
        has_directory: bool,
    ) -> TestStart {
        let subdir = has_directory.then(|| run.name.subdir.clone());
        TestStart {
            test: run.name.test.clone(),
            subdir: subdir.unwrap_or_default(),
            operation: run.name.tagged_testname.clone(),
            declared: Declared::of(run.test.def.meta),
            args: run.args.without_secrets(),
            timeout_s: self.timeout(run).map(|timeout| timeout.as_secs_f64()),
            parent: requester.parent(),
            requested: run.requested.clone(),
        }
    }

    /// The timeout of a run.
    pub(crate) fn timeout(&self, run: &PlannedRun) -> Option<Duration> {
        let requested = run.requested.as_ref();
        let requested = requested.and_then(|requested| requested.request.timeout_s);
        // A time too long for a `Duration` never passes.
        let requested = requested.map(|s| Duration::try_from_secs_f64(s).unwrap_or(Duration::MAX));
        requested
            .or(run.test.def.meta.timeout)
            .or(self.options.timeout)
    }

    /// The limit on the disk space that a run may use up, in MB per hour.
    pub(crate) fn max_disk_usage(&self, run: &PlannedRun) -> Option<f64> {
        let requested = run.requested.as_ref();
        let own = requested.and_then(|requested| requested.settings.as_ref());
        own.unwrap_or(&self.settings).max_disk_usage_mb_per_hour
    }

    /// What to do if a run leaves a change of the target: the test's own option takes precedence over the job's.
    #[cfg(feature = "leaks")]
    pub(crate) fn leaks(&self, run: &PlannedRun) -> LeakPolicy {
        let requested = run.requested.as_ref();
        let own = requested.and_then(|requested| requested.settings.as_ref());
        let of_test = run.test.def.meta.leaks;
        of_test.unwrap_or(own.unwrap_or(&self.settings).leaks)
    }

    /// Records, once per job, that caches which a run is to drop cannot be dropped.
    pub(crate) fn tell_caches(&self, run: &PlannedRun) {
        let settings = self.settings(run);
        let are_dropped = settings.drop_caches || settings.drop_caches_between_iterations;
        if !are_dropped || self.are_caches_told.replace(true) {
            return;
        }
        if let Some(message) = caches::hindrance() {
            let code = Code::Status(Status::Warn);
            self.send(0, Event::Status(StatusRecord::message(code, message)));
        }
    }

    /// `true` if core dumps of a run's processes are to be kept.
    #[cfg(feature = "crash-handler")]
    pub(crate) fn has_crash_handler(&self, run: &PlannedRun) -> bool {
        let requested = run.requested.as_ref();
        let own = requested.and_then(|requested| requested.settings.as_ref());
        own.unwrap_or(&self.settings).crash_handler
    }

    /// The profilers of a run: the job's and the test's own.
    #[cfg(feature = "profilers")]
    pub(crate) fn profilers(&self, run: &PlannedRun) -> Vec<ProfilerUse> {
        registry::of_run(&self.settings(run), run.test.def)
    }

    /// Everything that a profiler needs for a run with these directories.
    #[cfg(feature = "profilers")]
    pub(super) fn profiler_spec(
        &self,
        used: &ProfilerUse,
        directories: &Directories,
        number: u32,
    ) -> ProfilerSpec {
        let installed = &self.results.installed;
        let bindir = installed.join("profilers").join(&used.name);
        ProfilerSpec {
            used: used.clone(),
            directories: Directories {
                srcdir: bindir.join("src"),
                bindir,
                ..directories.clone()
            },
            setup_lock: installed.join(".testlock"),
            mark: format!("{RUN_VARIABLE}={}", mark::run_mark(&self.id, number)),
        }
    }

    /// The settings of a run.
    fn settings(&self, run: &PlannedRun) -> Settings {
        let requested = run.requested.as_ref();
        let own = requested.and_then(|requested| requested.settings.clone());
        let mut settings = own.unwrap_or_else(|| self.settings.clone());
        let retries = requested.and_then(|requested| requested.request.retries);
        settings.test_retry = retries.or(settings.test_retry);
        let is_in_branch = requested.is_some_and(|requested| !requested.call.path().is_empty());
        // A subtest's directory is below its parent's.
        let is_subtest = run.name.subdir.contains('/');
        settings.drop_caches &= !is_in_branch && !is_subtest;
        settings
    }

    /// `true` if a process must run `cleanup` after an abnormal end.
    pub(crate) fn is_cleanup_due(&self, run: &PlannedRun, recovery: &Recovery) -> bool {
        let (def, settings) = (run.test.def, self.settings(run));
        is_cleanup_due(def, &run.args, &settings, recovery.failed_phase)
    }

    /// Records the files that will not be restored.
    pub(crate) fn tell_changed_files(&self, run: u32, files: &ChangedFiles) {
        for path in files.paths() {
            let reason = format!("`{path}` was changed and not restored");
            let verdict = Verdict::new(Kind::Warn, reason);
            let origin = "end".to_owned();
            self.record(run, Event::Suppressed { verdict, origin });
        }
    }

    /// Everything needed to execute a run, in this process or another.
    pub(crate) fn run_spec(&self, run: &PlannedRun, number: u32) -> RunSpec {
        RunSpec {
            name: run.name.clone(),
            args: run.args.clone(),
            secrets: run.args.secrets(),
            settings: self.settings(run),
            places: self.places(run, number),
            is_setup_locked: self.is_setup_locked.get(),
            directories: None,
            timeout: None,
            recovery: None,
            #[cfg(feature = "sysinfo")]
            collect: None,
        }
    }
}

fn not_created(path: &Path, error: &io::Error) -> String {
    format!("failed to create `{}`: {error}", path.display())
}

//! The host of a run: the real one of a target, recorded. Only what would disturb the machine
//! (dropped caches) or needs a job (what profilers do, subtests) is scripted.

use std::io;
use std::path::Path;
use std::rc::Rc;

use autotest::{Places, ProfilerList, RunResult, Subtest, TargetHost, TestError, TestResult};
use autotest_core::{Directories, Host, PanicReport, ProfilerStep, Version};
use serde_json::{Value as Json, json};

use crate::raise;
use crate::scenario::{JobScript, Scenario};
use crate::sink::json_of;
use crate::trace::Trace;

/// The world of one scripted run.
pub(crate) struct RecordingHost {
    target: TargetHost,
    trace: Rc<Trace>,
    job: JobScript,
    profilers: ProfilerList<()>,
    tagged_testname: String,
}

impl RecordingHost {
    pub(crate) fn new(places: Places, scenario: &Scenario, trace: &Rc<Trace>) -> RecordingHost {
        let subtests = Subtests {
            trace: Rc::clone(trace),
            parent: scenario.subdir(),
            raises: scenario
                .job
                .subtest_raises
                .as_ref()
                .map(|raised| raised.msg.clone().unwrap_or_default()),
        };
        RecordingHost {
            tagged_testname: places.tagged_testname.clone(),
            target: TargetHost::new(places, move |subtest| subtests.run(subtest)),
            trace: Rc::clone(trace),
            job: scenario.job.clone(),
            profilers: profilers(&scenario.job),
        }
    }

    fn record<const N: usize>(&self, event: [Json; N]) {
        self.trace.push(Json::from(event.to_vec()));
    }

    fn updates_version(&self, is_installed: bool) {
        let what = if is_installed {
            "up_to_date"
        } else {
            "install"
        };
        self.record(["update_version".into(), what.into()]);
    }
}

impl Host for RecordingHost {
    fn create_directories(&mut self) -> TestResult<Directories> {
        let directories = self.target.create_directories()?;
        self.trace.created(&directories);
        Ok(directories)
    }

    fn remove_tmpdir(&mut self) {
        self.trace.look_at_modes();
        self.target.remove_tmpdir();
    }

    fn enter_outputdir(&mut self) -> TestResult {
        self.target.enter_outputdir()
    }

    fn leave_outputdir(&mut self) {
        self.target.leave_outputdir();
    }

    fn open_to_others(&mut self) -> TestResult {
        self.target.open_to_others()
    }

    fn tee_logs(&mut self) -> TestResult {
        let debugdir = self.trace.directories().debugdir;
        self.record([
            "logging.tee_redirect_debug_dir".into(),
            debugdir.to_string_lossy().into(),
            self.tagged_testname.as_str().into(),
        ]);
        self.target.tee_logs()
    }

    fn restore_logs(&mut self) {
        self.record(["logging.restore".into()]);
        self.target.restore_logs();
    }

    /// The lifecycle asks only if the test has no own `setup`; without a `src` there is nothing to do
    /// then, where the original went through an installation without effect.
    fn has_srcdir(&mut self) -> bool {
        let has_srcdir = self.target.has_srcdir();
        if !has_srcdir {
            self.updates_version(false);
        }
        has_srcdir
    }

    fn lock_setup(&mut self) -> TestResult {
        self.target.lock_setup()
    }

    fn unlock_setup(&mut self) {
        self.target.unlock_setup();
    }

    fn is_installed(&mut self, version: Version) -> TestResult<bool> {
        let is_installed = self.target.is_installed(version)?;
        self.updates_version(is_installed);
        Ok(is_installed)
    }

    fn remove_srcdir(&mut self) -> TestResult {
        self.target.remove_srcdir()
    }

    fn record_installed(&mut self, version: Version) -> TestResult {
        self.target.record_installed(version)
    }

    fn drop_caches(&mut self) {
        self.record(["drop_caches".into()]);
    }

    fn take_panic(&mut self) -> Option<PanicReport> {
        self.target.take_panic()
    }

    fn has_profilers(&mut self) -> bool {
        self.profilers.are_present()
    }

    fn are_profilers_active(&mut self) -> bool {
        self.profilers.are_active()
    }

    fn profile(&mut self, step: ProfilerStep, iteration: u64) -> TestResult {
        let method = method(step);
        self.record([format!("profilers.{method}").into(), iteration.into()]);
        self.profilers.begin(step);
        while self.profilers.next().is_some() {
            if let Some(exception) = self.job.profilers_fail.get(method) {
                self.profilers.cancel();
                return Err(raise::raised(exception).into_failure());
            }
        }
        Ok(())
    }

    fn read_file(&mut self, path: &Path) -> io::Result<String> {
        self.target.read_file(path)
    }

    fn write_file(&mut self, path: &Path, text: &str) -> io::Result<()> {
        self.target.write_file(path, text)
    }

    fn run_subtest(&mut self, subtest: Subtest) -> Result<RunResult, TestError> {
        self.target.run_subtest(subtest)
    }
}

/// The scripted profilers. The original's manager was scripted as active, and present or not.
fn profilers(job: &JobScript) -> ProfilerList<()> {
    let mut list = ProfilerList::default();
    job.profilers.iter().for_each(|name| list.add(name, ()));
    if job.profilers_active {
        list.begin(ProfilerStep::Start);
        while list.next().is_some() {}
    }
    list
}

/// The original's name of a step.
fn method(step: ProfilerStep) -> &'static str {
    match step {
        ProfilerStep::BeforeStart => "before_start",
        ProfilerStep::Start => "start",
        ProfilerStep::Stop => "stop",
        ProfilerStep::Report => "report",
    }
}

/// What runs subtests: nothing but a recorder.
struct Subtests {
    trace: Rc<Trace>,
    parent: String,
    /// The message with which each fails.
    raises: Option<String>,
}

impl Subtests {
    fn run(&self, subtest: Subtest) -> Result<RunResult, TestError> {
        let mut dargs = json_of(&subtest.args);
        dargs.insert("master_testpath".to_owned(), self.parent.as_str().into());
        if let Some(tag) = subtest.tag {
            dargs.insert("tag".to_owned(), tag.into());
        }
        self.trace
            .push(json!(["job.run_test", subtest.name, [], dargs]));
        match &self.raises {
            Some(message) => Err(TestError::error(message)),
            None => Ok(RunResult::new(None, "")),
        }
    }
}

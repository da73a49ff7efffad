//! What all executors share: where a job's runs have their places, and how one is run.

use std::cell::{Cell, RefCell};
use std::fs;
use std::io::{self, ErrorKind};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use autotest_core::{Event, Kind, Phase, Settings, Status, Subtest, Verdict, is_legal_tag};

use super::Unfinished;
use super::life::Life;
use super::verdict::signal_name;
use crate::exit::Exit;
use crate::host::Places;
use crate::hub::Hub;
use crate::plan::PlannedRun;
use crate::registry::Registry;
use crate::report::Tree;
use crate::results::ResultsTree;

/// A job, as its executor needs it.
pub(crate) struct Job {
    pub(crate) registry: &'static Registry,
    pub(crate) settings: Settings,
    pub(crate) options: ExecOptions,
    /// The job's directory, for what the supervisor itself writes there.
    pub(crate) tree: Tree,
    /// Tells this job from every other one on the same host.
    pub(crate) id: String,
    results: ResultsTree,
    hub: Rc<RefCell<Hub>>,
    /// Where temporary directories are made; absolute, since tests change the current directory.
    tmp: PathBuf,
    /// Whether a run of this job, above the one that is on, holds the lock of setups.
    pub(crate) is_setup_locked: Rc<Cell<bool>>,
}

/// What the command line says of execution alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExecOptions {
    /// How many runs may be on at once.
    pub(crate) slots: NonZeroUsize,
    /// Whether the first failure ends the job.
    pub(crate) fail_fast: bool,
    /// Show what tests print as it comes.
    pub(crate) nocapture: bool,
    /// The timeout of tests that have none of their own.
    pub(crate) timeout: Option<Duration>,
    /// How long the job may take.
    pub(crate) job_timeout: Option<Duration>,
    /// Whether WARN is a failure.
    pub(crate) is_strict: bool,
}

impl Default for ExecOptions {
    /// One at a time: tests on a target disturb each other.
    fn default() -> ExecOptions {
        ExecOptions {
            slots: NonZeroUsize::MIN,
            fail_fast: false,
            nocapture: false,
            timeout: None,
            job_timeout: None,
            is_strict: false,
        }
    }
}

/// How the runs of a job ended.
#[derive(Debug, Default)]
pub(crate) struct Conclusion {
    /// Whether a test failed.
    pub(crate) has_failures: bool,
    /// The test that ended the job.
    pub(crate) aborted_by: Option<String>,
    /// The signal that ended the job.
    pub(crate) interrupted: Option<i32>,
    /// Whether the first failure ends it.
    pub(crate) fail_fast: bool,
    /// Whether WARN is a failure.
    pub(crate) is_strict: bool,
    /// Whether the journal can not be written, without which no test may start.
    pub(crate) is_unsafe: bool,
}

impl Conclusion {
    pub(crate) fn add(&mut self, test: &str, status: Status) {
        self.has_failures |= status.fails(self.is_strict);
        if status == Status::Abort {
            self.aborted_by.get_or_insert_with(|| test.to_owned());
        }
    }

    /// The last event of the job.
    pub(crate) fn job_end(&self) -> Event {
        let reason = match (self.interrupted, &self.aborted_by) {
            (Some(signal), _) => format!("interrupted by {}", signal_name(signal)),
            (None, Some(test)) => format!("{test} ended the job"),
            (None, None) if self.is_unsafe => "the journal can not be written".to_owned(),
            (None, None) if self.is_over() => "a test failed".to_owned(),
            (None, None) => String::new(),
        };
        let status = if reason.is_empty() {
            Status::Good
        } else {
            Status::Abort
        };
        Event::JobEnd { status, reason }
    }

    /// How the process ends.
    pub(crate) fn exit(&self, is_written: bool) -> Exit {
        match self.interrupted {
            Some(signal) => Exit::Interrupted(signal),
            None if !is_written => Exit::Results,
            None if self.has_failures => Exit::Failed,
            None => Exit::Passed,
        }
    }

    /// Whether no further test is to start.
    pub(crate) fn is_over(&self) -> bool {
        let has_failed = self.fail_fast && self.has_failures;
        has_failed || self.is_unsafe || self.aborted_by.is_some() || self.interrupted.is_some()
    }

    /// Ends a run that was cut off with its job; what there was to clean up is cleaned up.
    pub(crate) fn end_unfinished(&mut self, job: &Job, unfinished: Unfinished) {
        let Unfinished {
            number,
            run,
            verdict,
            is_final,
            parent,
            ..
        } = unfinished;
        let subdir = run.name.subdir;
        let end = match is_final {
            false => Event::Attempt { subdir, verdict },
            true => Event::TestEnd {
                status: verdict.kind.status(),
                verdict: Some(verdict),
                elapsed_s: 0.0,
            },
        };
        job.send(number, end);
        self.has_failures |= is_final && parent.is_none();
    }
}

/// What a [`Job`] is made of.
pub(crate) struct JobParts {
    pub(crate) registry: &'static Registry,
    pub(crate) settings: Settings,
    pub(crate) options: ExecOptions,
    pub(crate) tree: Tree,
    pub(crate) id: String,
    pub(crate) results: ResultsTree,
    pub(crate) hub: Rc<RefCell<Hub>>,
    /// Where temporary directories are made, unless it is where they always are.
    pub(crate) tmp: Option<PathBuf>,
}

impl Job {
    pub(crate) fn new(parts: JobParts) -> Job {
        let JobParts {
            registry,
            settings,
            options,
            tree,
            id,
            results,
            hub,
            tmp,
        } = parts;
        let tmp = tmp.unwrap_or_else(std::env::temp_dir);
        Job {
            registry,
            settings,
            options,
            tree,
            id,
            results,
            hub,
            tmp: std::path::absolute(&tmp).unwrap_or(tmp),
            is_setup_locked: Rc::default(),
        }
    }

    pub(crate) fn send(&self, run: u32, event: Event) {
        self.hub.borrow_mut().send(run, event);
    }

    /// Whether a test may start: what was promised of the one before is kept.
    pub(crate) fn is_safe(&self) -> bool {
        self.hub.borrow().is_safe()
    }

    pub(crate) fn places(&self, run: &PlannedRun) -> Places {
        let ResultsTree { jobdir, installed } = &self.results;
        Places {
            jobdir: jobdir.clone(),
            outputdir: jobdir.join(&run.name.subdir),
            tmp: self.tmp.clone(),
            bindir: installed.join(run.test.directory()),
            setup_lock: installed.join(".testlock"),
            is_setup_locked: Rc::clone(&self.is_setup_locked),
            tagged_testname: run.name.tagged_testname.clone(),
        }
    }
}

/// How a run is prepared and lived through.
impl Job {
    /// Makes the output directory; one that is there already belongs to another run.
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

    /// The run that a test asks for.
    ///
    /// # Errors
    /// If there is no such test, in words for the test that asked.
    pub(crate) fn plan_subtest(
        &self,
        parent: &str,
        subtest: Subtest,
    ) -> Result<PlannedRun, String> {
        let Subtest { name, tag, args } = subtest;
        if tag.as_deref().is_some_and(|tag| !is_legal_tag(tag)) {
            return Err(format!("{name}: illegal tag"));
        }
        let Some(test) = self.registry.get(&name) else {
            let nearest = self.registry.nearest(&name);
            let meant = nearest.map_or_else(String::new, |id| format!("; did you mean `{id}`?"));
            return Err(format!("{name}: test does not exist{meant}"));
        };
        Ok(PlannedRun::new(test, tag.as_deref(), parent, args))
    }

    /// How long a run may take.
    pub(crate) fn timeout(&self, run: &PlannedRun) -> Option<Duration> {
        run.test.def.timeout.or(self.options.timeout)
    }

    /// Whether `cleanup` is to run after an abnormal end.
    pub(crate) fn cleans_up(&self, run: &PlannedRun) -> bool {
        run.test.def.phases.contains(Phase::Cleanup)
            && autotest_core::lifecycle::runs_cleanup(&run.args, &self.settings)
    }

    /// A run, ready to be lived through in this process or in another.
    pub(crate) fn life(&self, run: &PlannedRun) -> Life {
        Life {
            name: run.name.clone(),
            args: run.args.clone(),
            settings: self.settings.clone(),
            places: self.places(run),
            is_setup_locked: self.is_setup_locked.get(),
            directories: None,
            timeout: None,
            recovery: None,
        }
    }
}

fn not_created(path: &Path, error: &io::Error) -> String {
    format!("failed to create `{}`: {error}", path.display())
}
